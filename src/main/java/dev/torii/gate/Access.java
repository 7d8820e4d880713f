package dev.torii.gate;

import dev.torii.http.Caller;
import dev.torii.http.Scope;

/**
 * Who may use a route. An API key is good for the routes that ask for one of its scopes, for those
 * that are for every caller, and for no other.
 *
 * @param scope what an API key must be for; null unless services are let in
 */
record Access(Kind kind, Scope scope) {
  static final Access ANYONE = new Access(Kind.ANYONE, null);
  static final Access CALLERS = new Access(Kind.CALLERS, null);
  static final Access USERS = new Access(Kind.USERS, null);
  static final Access ADMINS = new Access(Kind.ADMINS, null);

  static Access services(Scope scope) {
    return new Access(Kind.SERVICES, scope);
  }

  boolean isAuthenticated() {
    return kind != Kind.ANYONE;
  }

  /** Whether clients may also identify themselves by HTTP Basic, as OAuth has it. */
  boolean takesBasic() {
    return kind == Kind.SERVICES;
  }

  /** Why {@code caller} may not, in words that may be shown; null when it may. */
  String refusal(Caller caller) {
    return switch (kind) {
      case ANYONE, CALLERS -> null;
      case USERS -> caller.isService() ? "This is for users; an API key is no user" : null;
      case ADMINS -> caller.isAdmin() ? null : "This is for admins";
      case SERVICES ->
          caller.isAdmin() || caller.scopes().contains(scope)
              ? null
              : "This is for admins and API keys with the scope " + scope.spelling();
    };
  }

  /** The kinds of callers that a route is for. */
  enum Kind {
    ANYONE,
    CALLERS,
    USERS,
    ADMINS,
    SERVICES
  }
}
