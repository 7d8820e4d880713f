package dev.torii.tokens;

import dev.torii.http.EntityTag;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.interfaces.RSAPublicKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys in use by this process, shared by all its threads: one signs, all verify.
 *
 * <p>Empty until {@link #replace} was called; an empty ring verifies nothing.
 */
public final class KeyRing {
  private volatile State state = State.of(List.of());

  /** Takes {@code keys} in place of what was known; the first one signs from now on. */
  public void replace(List<SigningKey> keys) {
    state = State.of(keys);
  }

  /** The key that signs new tokens. */
  public SigningKey current() {
    return state.current.orElseThrow(() -> new IllegalStateException("no signing key yet"));
  }

  /** The key of that name; only names of our own keys are known. */
  public Optional<SigningKey> find(String kid) {
    return Optional.ofNullable(state.keys.get(kid));
  }

  /** The public key of that name, null when unknown. */
  public RSAPublicKey publicKey(String kid) {
    SigningKey key = state.keys.get(kid);
    return key == null ? null : key.publicKey();
  }

  /** The public keys as they are published. */
  public KeySet published() {
    return state.published;
  }

  /**
   * A JSON Web Key Set.
   *
   * @param etag quoted, changes with the bytes
   */
  public record KeySet(Buffer json, String etag) {}

  private record State(
      Optional<SigningKey> current, Map<String, SigningKey> keys, KeySet published) {

    static State of(List<SigningKey> keys) {
      var byKid = new LinkedHashMap<String, SigningKey>();
      var jwks = new JsonArray();
      for (SigningKey key : keys) {
        byKid.put(key.kid(), key);
        jwks.add(key.jwk());
      }
      Buffer json = new JsonObject().put("keys", jwks).toBuffer();
      return new State(
          keys.stream().findFirst(), Map.copyOf(byKid), new KeySet(json, EntityTag.of(json)));
    }
  }
}
