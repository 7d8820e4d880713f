package dev.torii.config;

/** The {@code admin} section: the first admin, made once when no admin exists. */
public record AdminConfig(
    @Setting(key = "email", doc = "Address of the first admin") String email,
    @Setting(key = "password", secret = true, doc = "Password of the first admin")
        String password) {
  @Override
  public String toString() {
    return "Admin[email=" + email + "]";
  }
}
