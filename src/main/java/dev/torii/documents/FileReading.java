package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobContext;
import io.vertx.core.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ScheduledFuture;

/** Has a file read by another process, within its limits of time and memory. */
final class FileReading {
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
    long deadline = System.nanoTime() + config.readTimeout().toNanos();
    ScheduledFuture<?> watch =
        pool.endWhen(process, () -> job.isCancelled() || System.nanoTime() - deadline > 0);
    boolean whole = false;
    try {
      process.ask(question(file, type));
      JsonObject end = follow(process, job, text);
      whole = true;
      return end;
    } catch (EOFException e) {
      job.checkCancelled();
      throw died(process, deadline);
    } catch (FatalJobException e) {
      whole = process.isAlive();
      throw e;
    } catch (IOException e) {
      job.checkCancelled();
      if (process.isAlive()) {
        throw e;
      }
      throw died(process, deadline);
    } finally {
      watch.cancel(false);
      if (whole) {
        pool.giveBack(process);
      } else {
        process.end();
      }
    }
  }

  private JsonObject follow(ReaderProcess process, JobContext job, Sink text) throws Exception {
    while (true) {
      JsonObject answer = process.answer();
      if (answer.containsKey("stage")) {
        job.progress(
            answer.getInteger("percent"), answer.getString("stage"), answer.getString("message"));
      } else if (answer.containsKey("chunks")) {
        job.progress(STORING_FROM, "storing", answer.getInteger("chunks") + " parts");
        text.begin(answer.getString("language"), answer.getInteger("chunks"));
      } else if (answer.containsKey("chunk")) {
        text.add(answer.getString("chunk"));
      } else if (answer.containsKey("fault")) {
        throw new FatalJobException(ReaderFault.of(answer.getString("fault")).words());
      } else {
        return answer.getJsonObject("end");
      }
    }
  }

  private Exception died(ReaderProcess process, long deadline) throws InterruptedException {
    if (System.nanoTime() - deadline > 0) {
      return new FatalJobException(
          "The file took longer to read than " + config.readTimeout().toSeconds() + " s");
    }
    if (process.ranOutOfMemory()) {
      return new FatalJobException(
          "The file needed more memory to be read than " + config.readerMemory() + " MB");
    }
    return new IOException("the process that read the file has died");
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
