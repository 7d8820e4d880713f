package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.tokens.TokenType;
import dev.torii.tokens.TokenVerifier;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what a text is that a client or an operator names. */
final class TokenReader {
  private static final Logger LOG = LoggerFactory.getLogger(TokenReader.class);
  static final String REFRESH_HINT = "refresh_token";

  private final TokenVerifier verifier;
  private final NewKeys newKeys;

  TokenReader(TokenVerifier verifier, NewKeys newKeys) {
    this.verifier = verifier;
    this.newKeys = newKeys;
  }

  /**
   * Empty for what no Torii has issued, and for what has ended. Waits for the next reading of the
   * keys when the token's one is not known here: what another process has signed a moment ago must
   * not be taken for any text, because a revocation of it would be answered and not done.
   *
   * @param hint which kind is tried first; a wrong or unknown one changes nothing else (RFC 7662,
   *     section 2.1), null for none
   * @return fails when the keys cannot be read
   */
  Future<Optional<PresentedToken>> read(String text, String hint) {
    if (ApiKeyText.isOne(text)) {
      return Future.succeededFuture(
          Optional.of(text).filter(ApiKeyText::isWellFormed).map(PresentedToken::apiKey));
    }
    List<TokenType> order =
        REFRESH_HINT.equals(hint)
            ? List.of(TokenType.REFRESH, TokenType.ACCESS)
            : List.of(TokenType.ACCESS, TokenType.REFRESH);
    return newKeys
        .retrying(() -> Future.succeededFuture(verify(text, order)))
        .recover(
            t ->
                TokenVerifier.isOfUnknownKey(t)
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(t));
  }

  private Optional<PresentedToken> verify(String text, List<TokenType> order) {
    return order.stream().flatMap(type -> verify(text, type)).findFirst();
  }

  private Stream<PresentedToken> verify(String text, TokenType type) {
    try {
      return Stream.of(PresentedToken.token(text, type, verifier.verify(text, type)));
    } catch (Failure e) {
      if (TokenVerifier.isOfUnknownKey(e)) {
        throw e;
      }
      LOG.trace("not a good token of the kind {}", type, e);
      return Stream.empty();
    }
  }
}
