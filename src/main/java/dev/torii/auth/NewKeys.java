package dev.torii.auth;

import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import java.util.function.Supplier;

/** Lets what was refused for want of a key try again when the keys have been read once more. */
final class NewKeys {
  private final RevocationFollower follower;

  NewKeys(RevocationFollower follower) {
    this.follower = follower;
  }

  /** Runs {@code attempt}, and once more when another process may have made the missing key. */
  <T> Future<T> retrying(Supplier<Future<T>> attempt) {
    return run(attempt)
        .recover(
            refused ->
                TokenVerifier.isOfUnknownKey(refused)
                    ? follower.nextReading().compose(read -> attempt.get())
                    : Future.failedFuture(refused));
  }

  private static <T> Future<T> run(Supplier<Future<T>> attempt) {
    return Future.<Void>succeededFuture().compose(now -> attempt.get());
  }
}
