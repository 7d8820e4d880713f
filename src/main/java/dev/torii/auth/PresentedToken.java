package dev.torii.auth;

import dev.torii.tokens.Sha256;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;

/**
 * A text that could be an API key, or is a token of ours by its signature, claims and times.
 * Whether it is still good is told elsewhere.
 *
 * @param hash SHA-256 of the text in lower-case hex
 * @param type null for an API key
 * @param claims null for an API key
 */
record PresentedToken(String hash, TokenType type, TokenClaims claims) {

  boolean isApiKey() {
    return type == null;
  }

  static PresentedToken apiKey(String text) {
    return new PresentedToken(ApiKeyText.hash(text), null, null);
  }

  static PresentedToken token(String text, TokenType type, TokenClaims claims) {
    return new PresentedToken(Sha256.hex(text), type, claims);
  }
}
