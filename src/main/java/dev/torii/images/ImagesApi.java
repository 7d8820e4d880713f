package dev.torii.images;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/** What other packages may know about images: addresses and messages, nothing else. */
public final class ImagesApi {
  /**
   * Tells what an image shows when that is known, else has it analysed. Fails with MALFORMED,
   * UNSUPPORTED_MEDIA_TYPE or TOO_LARGE for what cannot be looked at, with BUSY when too many are,
   * with NOT_CONFIGURED when it is not known and there is no analyser.
   */
  public static final Address<Analyze, Answer> ANALYZE =
      new Address<>("images.analyze", Analyze.class, Answer.class);

  /** What is known of an image by its hash; fails with NOT_FOUND. */
  public static final Address<GetAnalysis, Answer> GET =
      new Address<>("images.get", GetAnalysis.class, Answer.class);

  /** What all processes together did and saved. */
  public static final Address<GetStats, Stats> STATS =
      new Address<>("images.stats", GetStats.class, Stats.class);

  /** The image that a job is to look at, and whether that was done meanwhile. */
  static final Address<GetTask, Task> TASK =
      new Address<>("images.task", GetTask.class, Task.class);

  /** A piece of the image of a job; fails with NOT_FOUND when the image is gone. */
  static final Address<GetPiece, Piece> PIECE =
      new Address<>("images.piece", GetPiece.class, Piece.class);

  /** Tells all processes for how long the analyser wants no calls. */
  static final Address<Hold, Done> HOLD = new Address<>("images.hold", Hold.class, Done.class);

  /** Keeps what an analyser said, in PostgreSQL and then in Redis. */
  static final Address<Keep, Done> KEEP = new Address<>("images.keep", Keep.class, Done.class);

  /** Forgets the image of a job that has ended. */
  static final Address<Forget, Done> FORGET =
      new Address<>("images.forget", Forget.class, Done.class);

  private ImagesApi() {}

  /**
   * Asks for an image.
   *
   * @param file exists until the answer is there
   * @param owner who may see the job; null for nobody but admins
   * @param deadline of the answer; a large image takes long to decode, and may wait for others
   */
  public record Analyze(Path file, UUID owner, Deadline deadline) implements Timed {}

  /** Asks for what is known of a hash, 64 hexadecimal digits. */
  public record GetAnalysis(String phash) implements BusMessage {}

  /**
   * What is known of an image.
   *
   * @param phash of the image that was asked about
   * @param analysis a JSON object; null while a job works on it
   * @param distance bits in which the image differs from the one that was analysed
   * @param jobId null when there is an analysis
   */
  public record Answer(String phash, Buffer analysis, int distance, UUID jobId)
      implements BusMessage {}

  /** Asks for the figures of all processes. */
  public record GetStats() implements BusMessage {}

  /** The figures as they are shown. */
  public record Stats(JsonObject json) implements BusMessage {}

  /** Asks for what a job is to do. */
  record GetTask(UUID jobId, String phash) implements BusMessage {}

  /**
   * What a job is to do.
   *
   * @param analysis what is known already, for exactly this hash; null for nothing
   * @param mediaType null when the image is gone
   * @param size bytes of the image
   * @param hold for how long the analyser wants no calls
   */
  record Task(Buffer analysis, String mediaType, int size, Duration hold) implements BusMessage {}

  /**
   * Asks for a piece of an image.
   *
   * @param n 0 for the first
   */
  record GetPiece(UUID jobId, int n) implements BusMessage {}

  record Piece(Buffer bytes) implements BusMessage {}

  record Hold(Duration time) implements BusMessage {}

  /**
   * An analysis to be kept.
   *
   * @param jobId whose image is not needed any more
   * @param sampledOf hash whose analysis was given for this image before; null for none
   * @param deadline of the answer: what a call has cost should not be lost
   */
  record Keep(
      UUID jobId,
      String phash,
      JsonObject analysis,
      String sampledOf,
      int distance,
      Deadline deadline)
      implements Timed {}

  record Forget(UUID jobId) implements BusMessage {}
}
