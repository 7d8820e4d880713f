package dev.torii.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hashes held against those that Python's imagehash gives for the same files. */
class PerceptualHashTest {
  private static final Logger LOG = LoggerFactory.getLogger(PerceptualHashTest.class);
  private static final ImageDecoder DECODER = new ImageDecoder(10_000_000);

  @Test
  void hashesOfPngFilesAreThoseOfImagehashBitForBit() throws IOException {
    assertThat(distances(".png")).isNotEmpty().allSatisfy((file, d) -> assertThat(d).isZero());
  }

  @Test
  void hashesOfJpegFilesAreThoseOfImagehashButForTheDecoder() throws IOException {
    Map<String, Integer> distances = distances(".jpg");
    assertThat(distances)
        .isNotEmpty()
        .allSatisfy((file, d) -> assertThat(d).isLessThanOrEqualTo(2));
    assertThat(distances.values()).filteredOn(d -> d == 0).hasSizeGreaterThan(8);
  }

  @Test
  void textOfAHashIsReadBack() {
    var random = new Random(1);
    for (int i = 0; i < 100; i++) {
      var hash =
          new PerceptualHash(
              random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
      assertThat(hash.toString()).hasSize(64);
      assertThat(PerceptualHash.parse(hash.toString())).contains(hash);
    }
    assertThat(PerceptualHash.parse("A".repeat(64))).isEmpty();
    assertThat(PerceptualHash.parse("a".repeat(63))).isEmpty();
  }

  @Test
  void imageOfNothingIsFlat() throws IOException {
    assertThat(DECODER.hash(read("flat.png")).isFlat()).isTrue();
    assertThat(new PerceptualHash(-1, -1, -1, -1).isFlat()).isTrue();
    assertThat(new PerceptualHash(0x7FFF, 0, 0, 0).isFlat()).isTrue();
    assertThat(new PerceptualHash(0xFFFF, 0, 0, 0).isFlat()).isFalse();
    assertThat(DECODER.hash(read("s00.png")).isFlat()).isFalse();
  }

  private static Map<String, Integer> distances(String ending) throws IOException {
    Map<String, Integer> distances = new LinkedHashMap<>();
    var distribution = new TreeMap<Integer, Integer>();
    var vectors = new JsonObject(new String(read("vectors.json"), UTF_8));
    for (Object one : vectors.getJsonArray("vectors")) {
      String file = ((JsonObject) one).getString("file");
      if (file.endsWith(ending)) {
        var expected = PerceptualHash.parse(((JsonObject) one).getString("phash")).orElseThrow();
        int distance = DECODER.hash(read(file)).distance(expected);
        distances.put(file, distance);
        distribution.merge(distance, 1, Integer::sum);
      }
    }
    LOG.warn("distance to imagehash -> files, of {}: {}", ending, distribution);
    return distances;
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = PerceptualHashTest.class.getResourceAsStream("/phash/" + file)) {
      return in.readAllBytes();
    }
  }
}
