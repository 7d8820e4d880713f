package dev.torii.tokens;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.EntityTag;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The keys in use by this process, shared by all its threads: one signs, all verify.
 *
 * <p>Empty until it was filled; an empty ring verifies nothing. Which key signs is a matter of the
 * clock: several processes that know the same keys change over together.
 */
public final class KeyRing {
  private final Clock clock;
  private volatile State state = State.of(List.of());

  public KeyRing(Clock clock) {
    this.clock = clock;
  }

  /** Takes {@code keys} in place of what was known; the first one signs, whatever the time. */
  public void replace(List<SigningKey> keys) {
    take(keys.stream().map(key -> new Timed(key, Instant.MIN)).toList());
  }

  /** Takes {@code keys} in place of what was known, the latest to sign first. */
  void take(List<Timed> keys) {
    state = State.of(keys);
  }

  /** The key that signs new tokens; UNAVAILABLE when there is none. */
  public SigningKey current() {
    State known = state;
    int signing = KeyLife.signing(known.starts, clock.instant());
    if (signing < 0) {
      throw Failure.of(ErrorCode.UNAVAILABLE, "There is no signing key");
    }
    return known.keys.get(signing).key;
  }

  /** The key of that name; only names of our own keys are known. */
  public Optional<SigningKey> find(String kid) {
    return Optional.ofNullable(state.byKid.get(kid));
  }

  /** Whether tokens of the key of that name are accepted now; costs a look into a map. */
  public boolean accepts(String kid) {
    return state.byKid.containsKey(kid);
  }

  /** The public keys as they are published. */
  public KeySet published() {
    return state.published;
  }

  /** The keys without any times, for when they have none. */
  List<KeyDescription> describe() {
    State known = state;
    int signing = KeyLife.signing(known.starts, clock.instant());
    return IntStream.range(0, known.keys.size())
        .mapToObj(place -> describe(known.keys.get(place).key.kid(), place, signing))
        .toList();
  }

  /** How many keys are in a state now. */
  public long count(KeyState wanted) {
    return describe().stream().filter(key -> key.state() == wanted).count();
  }

  private static KeyDescription describe(String kid, int place, int signing) {
    return new KeyDescription(kid, KeyLife.state(place, signing), null, null, null, null, null);
  }

  /**
   * A JSON Web Key Set.
   *
   * @param etag quoted, changes with the bytes
   */
  public record KeySet(Buffer json, String etag) {}

  /** A key and from when on it may sign. */
  record Timed(SigningKey key, Instant signsFrom) {}

  private record State(
      List<Timed> keys, List<Instant> starts, Map<String, SigningKey> byKid, KeySet published) {

    static State of(List<Timed> keys) {
      var byKid = new LinkedHashMap<String, SigningKey>();
      var jwks = new JsonArray();
      for (Timed timed : keys) {
        byKid.put(timed.key.kid(), timed.key);
        jwks.add(timed.key.jwk());
      }
      Buffer json = new JsonObject().put("keys", jwks).toBuffer();
      return new State(
          List.copyOf(keys),
          keys.stream().map(Timed::signsFrom).toList(),
          Map.copyOf(byKid),
          new KeySet(json, EntityTag.of(json)));
    }
  }
}
