package dev.torii.config;

import java.time.Duration;

/** The {@code auth} section. */
public record AuthConfig(
    @Setting(key = "issuer", value = "torii", doc = "Claim iss of every token") String issuer,
    @Setting(key = "audience", value = "torii", doc = "Claim aud of every token") String audience,
    @Setting(
            key = "keyFile",
            doc =
                "RSA private keys (PKCS#8 PEM, 2048 bits or more) instead of generated ones; the"
                    + " first signs, all verify")
        String keyFile,
    @Setting(
            key = "keySecret",
            secret = true,
            doc =
                "Encrypts the private keys in the database; 16 characters or more, the same for"
                    + " every process")
        String keySecret,
    @Setting(
            key = "keySecretPrevious",
            secret = true,
            doc = "The secret before this one; what it opens is encrypted with keySecret at start")
        String keySecretPrevious,
    @Setting(
            key = "keyRotationDays",
            value = "90",
            max = 3650,
            doc = "Time after which a new signing key is made, 0 for never")
        Duration keyRotation,
    @Setting(
            key = "keyPublishSeconds",
            value = "600",
            max = 604800,
            doc = "How long a new key is published before it signs, so that caches know it")
        Duration keyPublish,
    @Setting(
            key = "accessTtlSeconds",
            value = "900",
            min = 1,
            max = 86400,
            doc = "Life of an access token")
        Duration accessTtl,
    @Setting(key = "refreshTtlSeconds", value = "1209600", min = 1, doc = "Life of a refresh token")
        Duration refreshTtl,
    @Setting(
            key = "refreshAbsoluteTtlSeconds",
            value = "7776000",
            min = 1,
            doc = "Life of a session over all its refreshes")
        Duration refreshAbsoluteTtl,
    @Setting(
            key = "refreshGraceSeconds",
            value = "10",
            max = 300,
            doc = "How long a just spent refresh token still gives the same new pair")
        Duration refreshGrace,
    @Setting(
            key = "clockSkewSeconds",
            value = "30",
            max = 300,
            doc = "Difference of clocks that is tolerated when a token's times are checked")
        Duration clockSkew,
    @Setting(
            key = "verifiedTokens",
            value = "20000",
            min = 1,
            max = 10000000,
            doc = "Tokens whose verified claims are remembered per process")
        int verifiedTokens,
    @Setting(
            key = "argon2MemoryKib",
            value = "19456",
            min = 8192,
            max = 1048576,
            doc = "Argon2id memory for one password hash")
        int argon2MemoryKib,
    @Setting(
            key = "argon2Iterations",
            value = "2",
            min = 1,
            max = 100,
            doc = "Argon2id passes over the memory")
        int argon2Iterations,
    @Setting(
            key = "hashThreads",
            value = "0",
            max = 64,
            doc = "Threads that hash passwords, 0 for half the cores, at least one")
        int hashThreads,
    @Setting(
            key = "hashQueue",
            value = "16",
            min = 1,
            max = 10000,
            doc = "Passwords waiting to be hashed above which 503 is answered")
        int hashQueue,
    @Setting(
            key = "loginFreeFailures",
            value = "5",
            min = 1,
            doc = "Failed logins after which the next try of the same pair may come at once")
        int loginFreeFailures,
    @Setting(
            key = "loginFirstWaitMs",
            value = "1000",
            max = 3600000,
            doc = "Wait when those are used up, doubled by each further failure; 0 for none")
        Duration loginFirstWait) {
  @Override
  public String toString() {
    return "Auth[issuer=" + issuer + ", audience=" + audience + "]";
  }
}
