package dev.torii.ratelimit;

import dev.torii.config.Limit.Subject;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.ClientAddress;
import dev.torii.tokens.Sha256;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * How those whom limits count are spelled: the only texts that get from a request into a key,
 * whether it is counted or an operator names them.
 */
public final class LimitSubject {
  private static final String ADDRESS = "ip:";
  private static final String KEY = "key:";
  private static final String SESSION = "session:";
  private static final String FIELD = "field:";
  private static final String NETWORK = "/64";

  /** A UUID as anybody may write it; in keys it stands in lower case. */
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** What may stand in a Redis key as it is; all else stands there as its hash. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private LimitSubject() {}

  /** A user, or a program that has an API key and counts like one. */
  public static String ofUser(UUID id) {
    return id.toString();
  }

  /** An API key. */
  public static String ofKey(UUID id) {
    return KEY + id;
  }

  /** A session. */
  public static String ofSession(UUID id) {
    return SESSION + id;
  }

  /**
   * What a field of a body holds.
   *
   * @param value any text
   */
  public static String ofField(String value) {
    return FIELD + (PLAIN.matcher(value).matches() ? value : Sha256.hex(value));
  }

  /**
   * Spells what an operator wrote as requests are counted: a user id, {@code ip:<address>}, {@code
   * key:<id>}, {@code session:<id>}, or {@code field:} and the value or its hash.
   *
   * @throws Failure INVALID, pointing at {@code /subject}
   */
  public static String require(String text) {
    return spelled(text)
        .orElseThrow(
            () ->
                Failure.invalid(
                    List.of(
                        new FieldError(
                            "/subject",
                            "must be a user id, or ip:, key:, session: or field: and whom the"
                                + " rule counts"))));
  }

  /** Which kind a subject is; {@code subject} is as {@link #require} gives it. */
  public static Subject kind(String subject) {
    if (subject.startsWith(ADDRESS)) {
      return Subject.IP;
    }
    if (subject.startsWith(KEY)) {
      return Subject.API_KEY;
    }
    if (subject.startsWith(SESSION)) {
      return Subject.SESSION;
    }
    return subject.startsWith(FIELD) ? Subject.FIELD : Subject.USER;
  }

  private static Optional<String> spelled(String text) {
    String rest = text.substring(text.indexOf(':') + 1);
    return switch (kind(text)) {
      case IP -> address(rest);
      case FIELD -> Optional.of(ofField(rest));
      case USER -> id(text).map(LimitSubject::ofUser);
      case API_KEY -> id(rest).map(LimitSubject::ofKey);
      case SESSION -> id(rest).map(LimitSubject::ofSession);
    };
  }

  private static Optional<UUID> id(String text) {
    return ID.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }

  /** An address, or the network that one of IPv6 is counted by. */
  private static Optional<String> address(String text) {
    if (!text.endsWith(NETWORK)) {
      return ClientAddress.limitSubjectOf(text);
    }
    return ClientAddress.limitSubjectOf(text.substring(0, text.length() - NETWORK.length()))
        .filter(subject -> subject.endsWith(NETWORK));
  }
}
