package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobContext;
import io.vertx.core.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a file read by another process, within its limits of time and memory. */
final class FileReading {
  private static final Logger LOG = LoggerFactory.getLogger(FileReading.class);
  private static final int STORING_FROM = 70;

  private final DocumentsConfig config;
  private final ReaderPool pool;

  FileReading(DocumentsConfig config, ReaderPool pool) {
    this.config = config;
    this.pool = pool;
  }

  /**
   * Reads {@code file} and gives what is found to {@code text}, on this thread.
   *
   * @return what is known at the end: {@code pages}, {@code title}, {@code metadata}, {@code
   *     truncated}, {@code characters}
   * @throws FatalJobException when the file cannot be read, in words for whoever has sent it
   */
  JsonObject read(JobContext job, Path file, MediaType type, Sink text) throws Exception {
    ReaderProcess process = pool.take(file.getParent());
    var time = new WaitingTime(config.readTimeout());
    boolean whole = false;
    ScheduledFuture<?> watch = null;
    try {
      watch = pool.endWhen(process, () -> job.isCancelled() || time.isOver());
      process.ask(question(file, type));
      JsonObject last = follow(process, time, job, text);
      whole = !last.getBoolean("last", false);
      return end(last);
    } catch (IOException e) {
      job.checkCancelled();
      boolean gone = e instanceof EOFException || !process.isAlive();
      throw gone || time.isOver() ? died(process, time) : e;
    } finally {
      if (watch != null) {
        watch.cancel(false);
      }
      if (whole) {
        pool.giveBack(process);
      } else {
        process.end();
      }
    }
  }

  /** Passes on what is found until the last answer, and gives that. */
  private static JsonObject follow(
      ReaderProcess process, WaitingTime time, JobContext job, Sink text) throws Exception {
    while (true) {
      time.begin();
      JsonObject answer = process.answer();
      time.end(); // to store may take long, for which the file is not to blame
      if (answer.containsKey("stage")) {
        job.progress(
            answer.getInteger("percent"), answer.getString("stage"), answer.getString("message"));
      } else if (answer.containsKey("chunks")) {
        job.progress(STORING_FROM, "storing", answer.getInteger("chunks") + " parts");
        text.begin(answer.getString("language"), answer.getInteger("chunks"));
      } else if (answer.containsKey("chunk")) {
        text.add(answer.getString("chunk"));
      } else {
        return answer;
      }
    }
  }

  private static JsonObject end(JsonObject last) throws FatalJobException {
    if (last.containsKey("fault")) {
      throw new FatalJobException(ReaderFault.of(last.getString("fault")).words());
    }
    if (last.containsKey("broken_off")) {
      LOG.warn("the reading of a file broke off with {}", last.getString("broken_off"));
      throw Failure.of(ErrorCode.INTERNAL, "The reading of the file broke off");
    }
    return last.getJsonObject("end");
  }

  private Exception died(ReaderProcess process, WaitingTime time) throws InterruptedException {
    if (time.isOver()) {
      return new FatalJobException(
          "The file took longer to read than " + config.readTimeout().toSeconds() + " s");
    }
    if (process.ranOutOfMemory()) {
      return new FatalJobException(
          "The file needed more memory to be read than " + config.readerMemory() + " MB");
    }
    return Failure.of(ErrorCode.INTERNAL, "The process that read the file has died");
  }

  private JsonObject question(Path file, MediaType type) {
    return new JsonObject()
        .put("file", file.toString())
        .put("media_type", type.spelling())
        .put("max_characters", config.maxCharacters())
        .put("max_pages", config.maxPages())
        .put("max_unpacked_bytes", config.maxUnpackedBytes())
        .put("chunk_characters", config.chunkCharacters());
  }

  /** Takes the text of a file, in its order. */
  interface Sink {
    /**
     * Called once before the first part.
     *
     * @param language null when it is not clear
     */
    void begin(String language, int chunks) throws Exception;

    void add(String chunk) throws Exception;
  }
}
