package dev.torii.auth;

import dev.torii.gate.Authenticator;
import io.vertx.core.Future;

/** The gate's authenticator: a text's beginning tells whether it is an access token or a key. */
final class CallerAuthenticator implements Authenticator {
  private final JwtAuthenticator tokens;
  private final ApiKeyAuthenticator keys;

  CallerAuthenticator(JwtAuthenticator tokens, ApiKeyAuthenticator keys) {
    this.tokens = tokens;
    this.keys = keys;
  }

  @Override
  public Verified verify(String bearerToken) {
    return ApiKeyText.isOne(bearerToken) ? keys.verify(bearerToken) : tokens.verify(bearerToken);
  }

  @Override
  public Future<Verified> lookUp(String bearerToken) {
    return ApiKeyText.isOne(bearerToken) ? keys.lookUp(bearerToken) : tokens.lookUp(bearerToken);
  }

  @Override
  public boolean isSecretOf(String clientId, String secret) {
    return ApiKeyText.isOf(clientId, secret);
  }

  @Override
  public Future<Void> catchUp() {
    return tokens.catchUp();
  }
}
