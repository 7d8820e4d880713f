package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.PgConfig;
import dev.torii.images.ImageRepository.Known;
import dev.torii.images.ImagesApi.Keep;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What PostgreSQL finds of images that look alike. */
class ImageRepositoryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Instant LONG_AGO = Instant.EPOCH;
  private static final int BITS = 256;

  private static final Random RANDOM = new Random(7);
  private static Vertx vertx;
  private static Database database;

  @BeforeAll
  static void start() throws Exception {
    String uri = TestServices.freshDatabase();
    Migrations.apply(uri);
    vertx = Vertx.vertx();
    var config = new PgConfig(uri, 4, 1_000, PATIENCE, PATIENCE, PATIENCE);
    database = new Database(vertx, uri, config, new SimpleMeterRegistry());
  }

  @AfterAll
  static void stop() {
    await(database.close());
    await(vertx.close());
  }

  @Test
  void everyImageWithinSevenBitsIsFoundAndNoneBeyond() {
    for (int round = 0; round < 60; round++) {
      PerceptualHash known = hash();
      keep(known, "plastic", null, 0);
      for (int distance = 0; distance <= 7; distance++) {
        PerceptualHash like = flipped(known, distance);
        assertThat(like.distance(known)).isEqualTo(distance);
        assertThat(nearest(like, 7)).map(Known::distance).contains(distance);
        assertThat(nearest(like, 7)).map(Known::phash).contains(known.toString());
        if (distance > 0) {
          assertThat(nearest(like, distance - 1)).isEmpty();
        }
      }
      for (int distance : new int[] {8, 9, 20}) {
        assertThat(nearest(flipped(known, distance), 7)).isEmpty();
      }
    }
  }

  @Test
  void oneBitInEachOfSevenBandsHidesNothing() {
    PerceptualHash known = hash();
    keep(known, "glass", null, 0);
    for (int left = 0; left < 8; left++) {
      long[] words = words(known);
      for (int band = 0; band < 8; band++) {
        if (band != left) {
          words[band / 2] ^= 1L << (RANDOM.nextInt(32) + (band % 2 == 0 ? 32 : 0));
        }
      }
      var like = new PerceptualHash(words[0], words[1], words[2], words[3]);
      assertThat(nearest(like, 7)).map(Known::distance).contains(7);
    }
  }

  @Test
  void nearestOfSeveralIsGivenAndNoneThatIsTooOld() {
    PerceptualHash asked = hash();
    PerceptualHash near = flipped(asked, 2);
    keep(flipped(asked, 5), "paper", null, 0);
    keep(near, "metal", null, 0);
    Known found = nearest(asked, 7).orElseThrow();
    assertThat(found.phash()).isEqualTo(near.toString());
    assertThat(found.analysis().toJsonObject().getString("waste_type")).isEqualTo("metal");
    Instant tomorrow = Instant.now().plusSeconds(86_400);
    assertThat(nearest(asked, 7, tomorrow)).isEmpty();
  }

  @Test
  void sampleTellsWhetherTheAnswerHeldHereToo() {
    PerceptualHash known = hash();
    assertThat(keep(known, "Plastic", null, 0)).isNull();
    assertThat(keep(flipped(known, 3), "plastic", known, 3)).isTrue();
    assertThat(keep(flipped(known, 4), "paper", known, 4)).isFalse();
    assertThat(keep(flipped(known, 4), "paper", hash(), 4)).isNull();
  }

  @Test
  void countsOfSeveralProcessesAddUp() {
    var sum = new ImageTally.Sum(2, new BigDecimal("0.005"));
    long before = hits();
    for (int i = 0; i < 3; i++) {
      count(UUID.randomUUID(), 1, sum);
    }
    assertThat(hits()).isEqualTo(before + 6);
  }

  @Test
  void countsThatAreSentAgainAreAddedOnce() {
    var sum = new ImageTally.Sum(1, BigDecimal.ZERO);
    long before = hits();
    UUID process = UUID.randomUUID();
    count(process, 1, sum);
    count(process, 1, sum);
    assertThat(hits()).isEqualTo(before + 1);
    count(process, 2, sum);
    count(process, 1, sum);
    assertThat(hits()).isEqualTo(before + 2);
  }

  private static void count(UUID process, long batch, ImageTally.Sum sum) {
    Map<String, ImageTally.Sum> sums = Map.of("hits", sum, "calls", sum);
    await(database.run(db -> ImageRepository.count(db, process, batch, sums)));
  }

  private static long hits() {
    var none = ImageTally.Sum.ZERO;
    return await(database.run(ImageRepository::counts)).getOrDefault("hits", none).count();
  }

  private static Boolean keep(
      PerceptualHash hash, String wasteType, PerceptualHash sampledOf, int distance) {
    var analysis = new JsonObject().put("waste_type", wasteType);
    String other = sampledOf == null ? null : sampledOf.toString();
    var one = new Keep(UUID.randomUUID(), hash.toString(), analysis, other, distance, null);
    return await(
        database.run(db -> ImageRepository.keep(db, one, "model", BigDecimal.ONE, Instant.now())));
  }

  private static Optional<Known> nearest(PerceptualHash hash, int distance) {
    return nearest(hash, distance, LONG_AGO);
  }

  private static Optional<Known> nearest(PerceptualHash hash, int distance, Instant notBefore) {
    return await(
        database.run(db -> ImageRepository.nearest(db, hash.toString(), distance, notBefore)));
  }

  private PerceptualHash hash() {
    return new PerceptualHash(
        RANDOM.nextLong(), RANDOM.nextLong(), RANDOM.nextLong(), RANDOM.nextLong());
  }

  private PerceptualHash flipped(PerceptualHash hash, int bits) {
    var flip = new BitSet(BITS);
    while (flip.cardinality() < bits) {
      flip.set(RANDOM.nextInt(BITS));
    }
    long[] words = words(hash);
    flip.stream().forEach(bit -> words[bit / 64] ^= 1L << (bit % 64));
    return new PerceptualHash(words[0], words[1], words[2], words[3]);
  }

  private static long[] words(PerceptualHash hash) {
    return new long[] {hash.first(), hash.second(), hash.third(), hash.fourth()};
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }
}
