package dev.torii.images;

import static dev.torii.testing.FakeAnalyser.said;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImagesApi.Answer;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobState;
import dev.torii.testing.FakeAnalyser;
import dev.torii.testing.FakeAnalyser.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way of an image from the upload to what is told of it, with jobs that the test runs. */
class ImageFlowIT {
  private final FakeAnalyser fake = FakeAnalyser.start();
  private ImageBed bed;

  @BeforeEach
  void start() throws Exception {
    bed = new ImageBed(settings("0"));
  }

  @AfterEach
  void stop() {
    bed.close();
    fake.close();
  }

  @Test
  void newImageIsAnalysedOnceAndThenKnown() throws Exception {
    Answer begun = bed.analyze("s00.png");
    assertThat(begun.jobId()).isNotNull();
    assertThat(bed.get(begun.phash()).jobId()).isEqualTo(begun.jobId());
    assertThat(bed.run(begun.jobId()).getString("waste_type")).isEqualTo("plastic");

    Answer known = bed.analyze("s00.png");
    assertThat(known.jobId()).isNull();
    assertThat(known.analysis().toJsonObject().fieldNames())
        .containsExactlyInAnyOrder(
            "waste_type", "confidence", "feedback", "category", "recyclable", "analyzed_at");
    assertThat(bed.get(known.phash()).analysis()).isEqualTo(known.analysis());
    assertThat(bed.redis("GET", key(known))).isEqualTo(known.analysis().toString());
    assertThat((Long) bed.redis("TTL", key(known))).isBetween(604_700L, 604_800L);
    assertThat(fake.calls()).hasSize(1);
    assertThat(bed.stats())
        .isEqualTo(
            new JsonObject(
                """
                {"known_images": 1, "hits": 1, "near_hits": 0, "joined": 0, "misses": 1,
                 "calls": 1, "failed_calls": 0, "calls_saved": 1, "price_per_call": "0.0025",
                 "money_spent": "0.0025", "money_saved": "0.0025", "samples": 0,
                 "disagreements": 0}\
                """));
  }

  @Test
  void whatRedisHasLostPostgresqlAnswersAndWritesAgain() throws Exception {
    Answer begun = bed.analyze("s00.png");
    bed.run(begun.jobId());
    bed.redis("FLUSHALL");
    assertThat(bed.analyze("s00.png").analysis().toJsonObject().getString("waste_type"))
        .isEqualTo("plastic");
    assertThat((Long) bed.redis("TTL", key(begun))).isBetween(604_700L, 604_800L);
    bed.redis("FLUSHALL");
    assertThat(bed.get(begun.phash()).analysis()).isNotNull();
    assertThat(bed.redis("EXISTS", key(begun))).isEqualTo(1L);
    assertThat(fake.calls()).hasSize(1);
  }

  @Test
  void imageLikeAKnownOneIsAnsweredWithTheDistance() throws Exception {
    bed.run(bed.analyze("s00.png").jobId());
    Answer like = bed.analyze("s00-q40.jpg");
    assertThat(like.jobId()).isNull();
    assertThat(like.distance()).isBetween(1, 7);
    assertThat(like.phash()).isNotEqualTo(bed.analyze("s00.png").phash());
    assertThat(bed.analyze("s01.png").jobId()).isNotNull();
    assertThat(bed.stats().getLong("near_hits")).isEqualTo(1);
  }

  @Test
  void imageOfNothingIsAnsweredByItsOwnHashOnly() throws Exception {
    Answer begun = bed.analyze("flat.png");
    bed.run(begun.jobId());
    bed.sql("UPDATE image_analysis SET phash = overlay(phash placing '7' from 64)");
    bed.redis("FLUSHALL");
    Answer own = bed.analyze("flat.png");
    assertThat(own.jobId()).isNotNull();
    bed.run(own.jobId());
    assertThat(bed.analyze("flat.png").distance()).isZero();
    assertThat(bed.stats().getLong("near_hits")).isZero();
  }

  @Test
  void keyOfAnImageIsNoneThatACallerCanHandIn() {
    bed.analyze("s00.png");
    assertThat(bed.jobs.values())
        .singleElement()
        .satisfies(job -> assertThat(job.uniqueKey()).hasSizeBetween(129, 255));
  }

  @Test
  void sampledNearHitIsAnalysedAndCompared() throws Exception {
    bed.close();
    bed = new ImageBed(settings("100"));
    bed.run(bed.analyze("s00.png").jobId());
    assertThat(bed.analyze("s00-q40.jpg").distance()).isPositive();
    UUID sample =
        bed.jobs.values().stream()
            .filter(job -> job.payload().containsKey("sampled_of"))
            .findFirst()
            .orElseThrow()
            .id();
    fake.behave(call -> said("paper"));
    bed.run(sample);
    assertThat(bed.stats().getLong("samples")).isEqualTo(1);
    assertThat(bed.stats().getLong("disagreements")).isEqualTo(1);
    Answer own = bed.analyze("s00-q40.jpg");
    assertThat(own.distance()).isZero();
    assertThat(own.analysis().toJsonObject().getString("waste_type")).isEqualTo("paper");
  }

  @Test
  void sameImageAtOnceIsOneJob() throws Exception {
    List<Future<Answer>> asked = IntStream.range(0, 20).mapToObj(i -> bed.ask("s02.png")).toList();
    List<UUID> ids = asked.stream().map(answer -> ImageBed.await(answer).jobId()).toList();
    assertThat(ids).containsOnly(ids.get(0)).doesNotContainNull();
    assertThat(bed.jobs).hasSize(1);
    assertThat(bed.stats().getLong("joined")).isEqualTo(19);
    bed.run(ids.get(0));
    assertThat(fake.calls()).hasSize(1);
  }

  @Test
  void jobThatComesTooLateAsksNobody() throws Exception {
    UUID first = bed.analyze("s03.png").jobId();
    bed.run(first);
    bed.redis("FLUSHALL");
    assertThat(bed.run(first).getString("waste_type")).isEqualTo("plastic");
    assertThat(fake.calls()).hasSize(1);
  }

  @Test
  void failedAnalysisIsToldAndTheNextUploadTriesAnew() throws Exception {
    fake.behave(call -> new Reply(500, "", null));
    Answer begun = bed.analyze("s04.png");
    assertThatThrownBy(() -> bed.run(begun.jobId()))
        .isInstanceOf(AnalyserException.class)
        .hasMessage("The analyser answered 500");
    bed.states.put(begun.jobId(), JobState.DEAD);
    assertThat(codeOf(() -> bed.get(begun.phash()))).isEqualTo(ErrorCode.NOT_FOUND);
    fake.behave(call -> said("glass"));
    Answer again = bed.analyze("s04.png");
    assertThat(again.jobId()).isNotNull().isNotEqualTo(begun.jobId());
    bed.run(again.jobId());
    assertThat(bed.get(begun.phash()).analysis()).isNotNull();
    assertThat(bed.stats().getLong("failed_calls")).isEqualTo(1);
  }

  @Test
  void imageThatIsGoneEndsTheJob() throws Exception {
    UUID job = bed.analyze("s05.png").jobId();
    ImageBed.await(bed.forget(job));
    assertThatThrownBy(() -> bed.run(job)).isInstanceOf(FatalJobException.class);
  }

  @Test
  void noMoreImagesWaitThanAllowed() throws Exception {
    bed.close();
    bed = new ImageBed(Map.of("images.url", fake.url(), "images.maxWaiting", "1"));
    UUID first = bed.analyze("s00.png").jobId();
    assertThat(codeOf(() -> bed.analyze("s01.png"))).isEqualTo(ErrorCode.BUSY);
    assertThat(bed.jobs).hasSize(1);
    bed.run(first);
    assertThat(bed.analyze("s01.png").jobId()).isNotNull();
  }

  @Test
  void whatAnotherServiceWroteIsHonouredWhenItFits() throws Exception {
    String phash = bed.analyze("s06.png").phash();
    String key = "cache:image:hash:" + phash;
    bed.redis("SET", key, "{\"waste_type\": 7}");
    assertThat(bed.analyze("s06.png").jobId()).isNotNull();
    bed.redis("SET", key, "not JSON");
    assertThat(bed.analyze("s06.png").jobId()).isNotNull();
    String python =
        "{\"waste_type\": \"organic\", \"confidence\": 0.8, \"feedback\": \"Compost it.\","
            + " \"category\": \"bio\", \"recyclable\": false,"
            + " \"analyzed_at\": \"2025-09-30T10:00:00Z\"}";
    bed.redis("SET", key, python);
    assertThat(bed.analyze("s06.png").analysis().toJsonObject()).isEqualTo(new JsonObject(python));
    bed.redis("SET", key, " " + python.replace("}", ", \"cached\": false} "));
    JsonObject known = bed.analyze("s06.png").analysis().toJsonObject();
    assertThat(known).isEqualTo(new JsonObject(python));
    bed.redis("DEL", key);
    bed.redis("LPUSH", key, "another kind");
    assertThat(bed.analyze("s06.png").jobId()).isNotNull();
  }

  @Test
  void withoutAnAnalyserOnlyWhatIsKnownIsAnswered() throws Exception {
    bed.close();
    bed = new ImageBed(Map.of());
    assertThat(codeOf(() -> bed.analyze("s07.png"))).isEqualTo(ErrorCode.NOT_CONFIGURED);
    assertThat(bed.jobs).isEmpty();
    bed.redis(
        "SET",
        "cache:image:hash:" + "ea4848557f889c77b077be8a4475646ad1d97782997269724c73b68a954dd588",
        FakeAnalyser.analysis("wood").put("analyzed_at", "2025-09-30T10:00:00Z").encode());
    assertThat(bed.analyze("s07.png").analysis()).isNotNull();
  }

  private Map<String, String> settings(String samplePercent) {
    return Map.of(
        "images.url",
        fake.url(),
        "images.pricePerCall",
        "0.0025",
        "images.samplePercent",
        samplePercent);
  }

  private static String key(Answer answer) {
    return "cache:image:hash:" + answer.phash();
  }

  private static ErrorCode codeOf(Runnable asking) {
    Failure[] failure = new Failure[1];
    assertThatExceptionOfType(Failure.class).isThrownBy(asking::run).satisfies(e -> failure[0] = e);
    return failure[0].code();
  }
}
