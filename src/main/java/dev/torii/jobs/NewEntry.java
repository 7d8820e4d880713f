package dev.torii.jobs;

import dev.torii.jobs.JobsApi.NewJob;
import java.util.UUID;

/**
 * A job that was found good, on its way into the ledger.
 *
 * @param payload JSON
 * @param digest of all that was asked, to tell another request of the same key; null without a key
 */
record NewEntry(UUID id, NewJob asked, String payload, int maxAttempts, String digest) {
  String type() {
    return asked.type();
  }

  boolean hasKeys() {
    return asked.idempotencyKey() != null || asked.uniqueKey() != null;
  }
}
