package dev.torii.auth;

import dev.torii.http.Caller.Role;
import java.util.Optional;

/** How roles are spelled in tokens, in the database and in answers. */
final class RoleName {
  private RoleName() {}

  static String of(Role role) {
    return switch (role) {
      case USER -> "user";
      case ADMIN -> "admin";
    };
  }

  /** The role of that exact spelling. */
  static Optional<Role> parse(Object name) {
    if ("user".equals(name)) {
      return Optional.of(Role.USER);
    }
    return "admin".equals(name) ? Optional.of(Role.ADMIN) : Optional.empty();
  }
}
