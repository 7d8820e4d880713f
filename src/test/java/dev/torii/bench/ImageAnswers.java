package dev.torii.bench;

import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FakeAnalyser;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** How soon an image is answered: one that is new, and one that is known. */
final class ImageAnswers implements Figure {
  private static final String PATH = "/api/v1/waste/analyze";
  private static final int IMAGES = 60;
  private static final int HITS_OF_ONE = 5;
  private static final int WIDTH = 1024;
  private static final int HEIGHT = 768;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Random random = new Random(8);
  private FakeAnalyser analyser;

  @Override
  public String name() {
    return "image-answers";
  }

  @Override
  public Map<String, String> environment() {
    analyser = FakeAnalyser.start();
    return JobLedger.environment(
        "TORII_IMAGES_URL", analyser.url(),
        "TORII_IMAGES_MODEL", "bench",
        "TORII_LIMITS_ANALYZE_LIMIT", "1000000",
        "TORII_LIMITS_ANALYSES_LIMIT", "1000000");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    try (FakeAnalyser started = analyser) {
      return measure(bed, started);
    }
  }

  private List<String> measure(FigureBed bed, FakeAnalyser asked) throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(image());
    }
    List<Double> accepted = new ArrayList<>();
    List<Double> analysed = new ArrayList<>();
    List<Double> hits = new ArrayList<>();
    ApiClient node = bed.api(0);
    for (byte[] image : images) {
      long started = System.nanoTime();
      Answer answer = send(node, image, 202);
      accepted.add(millisSince(started));
      String result = answer.json().getString("result_url");
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> node.get(result).status() == 200);
      analysed.add(millisSince(started));
    }
    for (int i = 0; i < HITS_OF_ONE; i++) {
      for (byte[] image : images) {
        long started = System.nanoTime();
        send(bed.api(1), image, 200);
        hits.add(millisSince(started));
      }
    }
    int calls = asked.calls().size();
    List<String> lines =
        List.of(
            IMAGES + " PNG of " + WIDTH + "x" + HEIGHT + ", an analyser that answers at once",
            "new: accepted " + times(accepted) + ", analysed " + times(analysed),
            "known, on the other process: " + times(hits),
            "calls of the analyser " + calls);
    if (calls != IMAGES) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static Answer send(ApiClient node, byte[] image, int expected) {
    var body = new ByteArrayOutputStream();
    String head =
        String.join(
            "\r\n",
            "--edge",
            "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"",
            "Content-Type: image/png",
            "",
            "");
    body.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(image);
    body.writeBytes("\r\n--edge--\r\n".getBytes(StandardCharsets.US_ASCII));
    Answer answer =
        node.send(
            node.request("POST", PATH)
                .header("Content-Type", "multipart/form-data; boundary=edge")
                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
    if (answer.status() != expected) {
      throw new AssertionError(answer.status() + ": " + answer.text());
    }
    return answer;
  }

  /** Boxes of any colour, which no two images share. */
  private byte[] image() throws IOException {
    var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = image.createGraphics();
    for (int i = 0; i < 60; i++) {
      canvas.setColor(new Color(random.nextInt(1 << 24)));
      canvas.fillRect(random.nextInt(WIDTH), random.nextInt(HEIGHT), 200, 150);
    }
    canvas.dispose();
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static double millisSince(long startedNanos) {
    return (System.nanoTime() - startedNanos) / 1e6;
  }

  private static String times(List<Double> millis) {
    Collections.sort(millis);
    return "p50 %.1f ms, p99 %.1f ms"
        .formatted(
            millis.get(millis.size() / 2), millis.get((int) Math.ceil(millis.size() * 0.99) - 1));
  }
}
