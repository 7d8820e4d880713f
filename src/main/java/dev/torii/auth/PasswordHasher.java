package dev.torii.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.FixedBlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id hashes of passwords as PHC strings.
 *
 * <p>One hash takes tens of milliseconds of CPU and the configured memory: only {@link Passwords}
 * calls this, in its own threads. The memory is kept between hashes instead of being left to the
 * garbage collector each time.
 */
final class PasswordHasher {
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int LANES = 1;

  private final SecureRandom random = new SecureRandom();
  private final int memoryKib;
  private final int iterations;
  private final FixedBlockPool memory;

  /**
   * Hashes with these parameters.
   *
   * @param threads hashes that run at once, whose memory is kept
   */
  PasswordHasher(int memoryKib, int iterations, int threads) {
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    this.memory = new FixedBlockPool(memoryKib * threads);
  }

  /** A new hash with a salt of its own. */
  String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = argon2id(password, salt, memoryKib, iterations, LANES, HASH_BYTES);
    return new PhcString(memoryKib, iterations, LANES, salt, hash).toString();
  }

  /**
   * Whether {@code phc} was made of this password; compares in constant time.
   *
   * @throws IllegalArgumentException when it is no hash of ours
   */
  boolean matches(String password, String phc) {
    PhcString expected = PhcString.parse(phc);
    byte[] actual =
        argon2id(
            password,
            expected.salt(),
            expected.memoryKib(),
            expected.iterations(),
            expected.lanes(),
            expected.hash().length);
    return MessageDigest.isEqual(expected.hash(), actual);
  }

  private byte[] argon2id(
      String password, byte[] salt, int memoryKib, int iterations, int lanes, int length) {
    byte[] input = PasswordPolicy.normalise(password).getBytes(StandardCharsets.UTF_8);
    var generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .withBlockPool(memory)
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(input, hash);
    return hash;
  }
}
