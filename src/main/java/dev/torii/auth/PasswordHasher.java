package dev.torii.auth;

import dev.torii.credentials.PasswordForm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.FixedBlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id hashes of passwords as PHC strings.
 *
 * <p>One hash takes tens of milliseconds of CPU and the configured memory: only {@link Passwords}
 * calls this, in its own threads. The memory is kept between hashes instead of being left to the
 * garbage collector each time, but not for longer: while nobody logs in it would be most of the
 * heap, and G1 spent a fifth of the processor on marking it again and again.
 */
final class PasswordHasher {
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int LANES = 1;

  /** Argon2 takes no less than eight blocks. */
  private static final int SMALLEST_KIB = 8;

  private final SecureRandom random = new SecureRandom();
  private final int memoryKib;
  private final int iterations;
  private final int mostBlocks;

  /** Null while nothing was hashed lately. */
  private final AtomicReference<FixedBlockPool> memory = new AtomicReference<>();

  private volatile boolean used;

  /**
   * Hashes with these parameters.
   *
   * @param threads hashes that run at once, whose memory is kept
   */
  PasswordHasher(int memoryKib, int iterations, int threads) {
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    this.mostBlocks = memoryKib * threads;
  }

  /** A new hash with a salt of its own. */
  String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = argon2id(password, salt, memoryKib, iterations, LANES, HASH_BYTES);
    return new PhcString(memoryKib, iterations, LANES, salt, hash).toString();
  }

  /** What looks like a hash and takes as long to be held against, but is of no password. */
  String standIn() {
    byte[] salt = new byte[SALT_BYTES];
    byte[] hash = new byte[HASH_BYTES];
    random.nextBytes(salt);
    random.nextBytes(hash);
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

  /**
   * Whether {@code phc} was made with other parameters than the configured ones.
   *
   * @throws IllegalArgumentException when it is no hash of ours
   */
  boolean isOutdated(String phc) {
    PhcString stored = PhcString.parse(phc);
    return stored.memoryKib() != memoryKib
        || stored.iterations() != iterations
        || stored.lanes() != LANES
        || stored.hash().length != HASH_BYTES;
  }

  /**
   * Spends the time by which matching {@code phc} was cheaper than matching a hash with the
   * configured parameters, so that an account whose hash is older cannot be told by the clock. One
   * that is dearer can: only the next login of its owner mends that.
   *
   * <p>The work of Argon2 grows with memory times passes, and the memory is what is varied.
   */
  void makeUpFor(String phc) {
    PhcString stored = PhcString.parse(phc);
    long missing = (long) memoryKib * iterations - (long) stored.memoryKib() * stored.iterations();
    int kib = (int) (missing / iterations);
    if (kib >= SMALLEST_KIB) {
      argon2id("", stored.salt(), kib, iterations, LANES, HASH_BYTES);
    }
  }

  /** Leaves the memory to the garbage collector unless something was hashed since the last call. */
  void releaseUnusedMemory() {
    if (!used) {
      memory.set(null);
    }
    used = false;
  }

  private FixedBlockPool memory() {
    used = true;
    return memory.updateAndGet(kept -> kept != null ? kept : new FixedBlockPool(mostBlocks));
  }

  private byte[] argon2id(
      String password, byte[] salt, int memoryKib, int iterations, int lanes, int length) {
    byte[] input = PasswordForm.normalise(password).getBytes(StandardCharsets.UTF_8);
    var generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .withBlockPool(memory())
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(input, hash);
    return hash;
  }
}
