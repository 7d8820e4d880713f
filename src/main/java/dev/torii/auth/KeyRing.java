package dev.torii.auth;

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
final class KeyRing {
  private volatile State state = State.of(List.of());

  /** Takes {@code keys} in place of what was known; the first one signs from now on. */
  void replace(List<SigningKey> keys) {
    state = State.of(keys);
  }

  /** The key that signs new tokens. */
  SigningKey current() {
    return state.current.orElseThrow(() -> new IllegalStateException("no signing key yet"));
  }

  /** The key of that name; only names of our own keys are known. */
  Optional<SigningKey> find(String kid) {
    return Optional.ofNullable(state.keys.get(kid));
  }

  /** The public key of that name, null when unknown. */
  RSAPublicKey publicKey(String kid) {
    SigningKey key = state.keys.get(kid);
    return key == null ? null : key.publicKey();
  }

  /** The public keys as they are published. */
  KeySet published() {
    return state.published;
  }

  /**
   * A JSON Web Key Set.
   *
   * @param etag quoted, changes with the bytes
   */
  record KeySet(Buffer json, String etag) {}

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
