package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what a text is that a client asks about. */
final class TokenReader {
  private static final Logger LOG = LoggerFactory.getLogger(TokenReader.class);
  private static final String REFRESH_HINT = "refresh_token";

  private final TokenVerifier verifier;

  TokenReader(TokenVerifier verifier) {
    this.verifier = verifier;
  }

  /**
   * Empty for what no Torii has issued, and for what has ended.
   *
   * @param hint which kind is tried first; a wrong or unknown one changes nothing else (RFC 7662,
   *     section 2.1), null for none
   */
  Optional<PresentedToken> read(String text, String hint) {
    if (ApiKeyText.isOne(text)) {
      return Optional.of(text).filter(ApiKeyText::isWellFormed).map(PresentedToken::apiKey);
    }
    List<TokenType> order =
        REFRESH_HINT.equals(hint)
            ? List.of(TokenType.REFRESH, TokenType.ACCESS)
            : List.of(TokenType.ACCESS, TokenType.REFRESH);
    return order.stream().flatMap(type -> verify(text, type)).findFirst();
  }

  private Stream<PresentedToken> verify(String text, TokenType type) {
    try {
      return Stream.of(PresentedToken.token(text, type, verifier.verify(text, type)));
    } catch (Failure e) {
      LOG.trace("not a good token of the kind {}", type, e);
      return Stream.empty();
    }
  }
}
