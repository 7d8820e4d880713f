package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.http.Caller;
import dev.torii.http.Caller.Role;
import dev.torii.http.Scope;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AccessTest {
  private static final UUID ID = UUID.randomUUID();
  private static final Caller USER = new Caller(ID, ID, ID, Role.USER, 0);
  private static final Caller ADMIN = new Caller(ID, ID, ID, Role.ADMIN, 0);
  private static final Caller KEY = Caller.service(ID, Set.of(Scope.TOKENS_REVOKE), 0);
  private static final Caller KEY_FOR_NOTHING = Caller.service(ID, Set.of(), 0);

  @Test
  void usersAreUsersAndAdminsAndNoKeys() {
    assertThat(Access.USERS.refusal(USER)).isNull();
    assertThat(Access.USERS.refusal(ADMIN)).isNull();
    assertThat(Access.USERS.refusal(KEY)).isEqualTo("This is for users; an API key is no user");
  }

  @Test
  void callersAreWhoeverIsKnown() {
    assertThat(Access.CALLERS.isAuthenticated()).isTrue();
    assertThat(Access.CALLERS.takesBasic()).isFalse();
    assertThat(Access.CALLERS.refusal(USER)).isNull();
    assertThat(Access.CALLERS.refusal(KEY_FOR_NOTHING)).isNull();
  }

  @Test
  void adminsAreAdminsAlone() {
    assertThat(Access.ADMINS.refusal(ADMIN)).isNull();
    assertThat(Access.ADMINS.refusal(USER)).isEqualTo("This is for admins");
    assertThat(Access.ADMINS.refusal(KEY)).isEqualTo("This is for admins");
  }

  @Test
  void servicesAreAdminsAndKeysWithTheScope() {
    Access access = Access.services(Scope.TOKENS_REVOKE);
    String words = "This is for admins and API keys with the scope tokens:revoke";
    assertThat(access.refusal(ADMIN)).isNull();
    assertThat(access.refusal(KEY)).isNull();
    assertThat(access.refusal(USER)).isEqualTo(words);
    assertThat(access.refusal(KEY_FOR_NOTHING)).isEqualTo(words);
    assertThat(Access.services(Scope.TOKENS_INTROSPECT).refusal(KEY)).isNotNull();
  }

  @Test
  void serviceOwnsNothing() {
    assertThat(USER.mayActFor(ID)).isTrue();
    assertThat(KEY.mayActFor(ID)).isFalse();
  }
}
