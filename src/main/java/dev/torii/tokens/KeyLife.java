package dev.torii.tokens;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The lives of all signing keys at one moment.
 *
 * <p>Of the keys that may sign by now the newest does. A key that a newer one has followed goes on
 * verifying until everything that it signed has ended.
 */
final class KeyLife {
  /** A process whose clock is behind signs with the older key for a little longer. */
  private static final Duration LATE_SIGNERS = Duration.ofMinutes(1);

  private final List<KeyRecord> keys;
  private final Duration skew;
  private final Instant now;

  /** Of {@code keys} with the latest to sign first, as the database gives them. */
  KeyLife(List<KeyRecord> keys, Duration skew, Instant now) {
    this.keys = keys;
    this.skew = skew;
    this.now = now;
  }

  /**
   * The place of the key that signs, -1 when there is none.
   *
   * @param starts from when each key in use may sign, the latest first
   */
  static int signing(List<Instant> starts, Instant now) {
    for (int i = 0; i < starts.size(); i++) {
      if (!starts.get(i).isAfter(now)) {
        return i;
      }
    }
    // The clock of whoever made the first key is ahead of this one.
    return starts.size() - 1;
  }

  /** Where a key stands beside the one that signs, by their places. */
  static KeyState state(int place, int signing) {
    if (place == signing) {
      return KeyState.SIGNING;
    }
    return place < signing ? KeyState.PUBLISHED : KeyState.VERIFYING;
  }

  /** All keys, each with its state and its times. */
  List<KeyDescription> describe() {
    List<KeyRecord> inUse = inUse();
    int signing = signing(inUse.stream().map(KeyRecord::signsFrom).toList(), now);
    var described = new ArrayList<KeyDescription>(keys.size());
    KeyRecord newer = null;
    int place = 0;
    for (KeyRecord key : keys) {
      if (key.isRetired()) {
        described.add(describe(key, KeyState.RETIRED, null));
      } else {
        described.add(describe(key, state(place++, signing), newer));
        newer = key;
      }
    }
    return described;
  }

  /** Keys in use of which nothing is accepted any more. */
  List<String> ended() {
    return describe().stream()
        .filter(key -> key.state() == KeyState.VERIFYING && !key.verifiesUntil().isAfter(now))
        .map(KeyDescription::kid)
        .toList();
  }

  /** Whether the newest key has signed for so long that the next one is to be made. */
  boolean isRotationDue(Duration every) {
    return !every.isZero()
        && inUse().stream().noneMatch(key -> key.signsFrom().plus(every).isAfter(now));
  }

  /** How many keys are in use. */
  int size() {
    return inUse().size();
  }

  private List<KeyRecord> inUse() {
    return keys.stream().filter(key -> !key.isRetired()).toList();
  }

  private KeyDescription describe(KeyRecord key, KeyState state, KeyRecord newer) {
    Instant signsUntil = newer == null ? null : newer.signsFrom();
    return new KeyDescription(
        key.kid(),
        state,
        key.createdAt(),
        key.signsFrom(),
        signsUntil,
        signsUntil == null
            ? null
            : signsUntil.plus(key.longestLife()).plus(skew).plus(LATE_SIGNERS),
        key.retiredAt());
  }
}
