package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import dev.torii.documents.DocumentRepository.Claimed;
import dev.torii.documents.DocumentRepository.Text;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.UploadDirectory;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import dev.torii.jobs.JobContext;
import dev.torii.jobs.JobHandler;
import dev.torii.jobs.JobOptions;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/**
 * The job that reads a document: fetches its file, has it read by another process, and stores the
 * text for search.
 *
 * <p>Each attempt writes parts of its own, which are seen when it is done; one that a newer attempt
 * has overtaken can write nothing more.
 */
final class DocumentHandler implements JobHandler {
  static final String TYPE = "document:processing";
  static final String DOCUMENT_ID = "document_id";

  private static final int PARTS_AT_ONCE = 50;

  /** What one statement takes in well within its time. */
  private static final int CHARACTERS_AT_ONCE = 50_000;

  private static final int READING_ENDS = 10;
  private static final int STORING_BEGINS = 70;
  private static final Duration BESIDE_READING = Duration.ofMinutes(5);

  /** Longer than any use of the database may take. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Database database;
  private final DocumentsConfig config;
  private final FileReading reading;
  private final UploadDirectory scratch;

  DocumentHandler(
      Database database, DocumentsConfig config, ReaderPool readers, UploadDirectory scratch) {
    this.database = database;
    this.config = config;
    this.reading = new FileReading(config, readers);
    this.scratch = scratch;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public JsonObject payloadSchema() {
    var id = new JsonObject().put("type", "string").put("format", "uuid");
    return new JsonObject()
        .put("type", "object")
        .put("required", new JsonArray().add(DOCUMENT_ID))
        .put("additionalProperties", false)
        .put("properties", new JsonObject().put(DOCUMENT_ID, id));
  }

  /** Few at once: each has a process with memory of its own. */
  @Override
  public JobOptions options() {
    return new JobOptions(
        2,
        5,
        Duration.ofSeconds(1),
        Duration.ofMinutes(10),
        config.readTimeout().plus(BESIDE_READING));
  }

  @Override
  public JsonObject run(JobContext job) throws Exception {
    try {
      return attempt(job);
    } catch (FatalJobException | JobCancelledException | InterruptedException | Failure e) {
      throw e;
    } catch (TimeoutException e) {
      throw Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time", e);
    } catch (Exception e) { // its words are not for everybody
      throw Failure.of(ErrorCode.INTERNAL, "The document could not be read this time", e);
    }
  }

  private JsonObject attempt(JobContext job) throws Exception {
    UUID id = UUID.fromString(job.payload().getString(DOCUMENT_ID));
    UUID run = UUID.randomUUID();
    Optional<JsonObject> before = await(job, database.run(db -> DocumentRepository.ready(db, id)));
    if (before.isPresent()) {
      return before.get();
    }
    Claimed document =
        await(job, database.run(db -> DocumentRepository.claim(db, id, run)))
            .orElseThrow(() -> new FatalJobException("The document was deleted"));
    try {
      if (!document.whole()) {
        throw new FatalJobException("The file is gone; send it again");
      }
      return read(job, id, run, document);
    } catch (FatalJobException e) {
      await(
          job, database.inTransaction(tx -> DocumentRepository.fail(tx, id, run, e.getMessage())));
      throw e;
    }
  }

  private static <T> T await(JobContext job, Future<T> answer) throws Exception {
    return job.await(answer.toCompletionStage(), PATIENCE);
  }

  private JsonObject read(JobContext job, UUID id, UUID run, Claimed document) throws Exception {
    Path file = scratch.newFile();
    try {
      fetch(job, id, document, file);
      var text = new Storing(job, id, run);
      JsonObject end = reading.read(job, file, document.type(), text);
      return text.finish(end);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void fetch(JobContext job, UUID id, Claimed document, Path file) throws Exception {
    job.progress(0, "reading", null);
    var permissions = PosixFilePermissions.fromString("rw-------");
    Files.createFile(file, PosixFilePermissions.asFileAttribute(permissions));
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      for (int n = 0; n < document.pieces(); n++) {
        int number = n;
        job.checkCancelled();
        Buffer piece =
            await(job, database.run(db -> DocumentRepository.piece(db, id, number)))
                .orElseThrow(() -> new FatalJobException("The document was deleted"));
        out.write(piece.getBytes());
        job.progress(READING_ENDS * (n + 1) / document.pieces(), "reading", null);
      }
    }
  }

  /** Takes the parts of a text to the database, some at once. */
  private final class Storing implements FileReading.Sink {
    private final JobContext job;
    private final UUID id;
    private final UUID run;
    private final List<String> waiting = new ArrayList<>();
    private String language;
    private String configuration;
    private int total;
    private int stored;
    private int characters;

    Storing(JobContext job, UUID id, UUID run) {
      this.job = job;
      this.id = id;
      this.run = run;
    }

    @Override
    public void begin(String found, int chunks) throws Exception {
      language = found;
      total = chunks;
      String wanted = Languages.configuration(found);
      configuration = await(job, database.run(db -> DocumentRepository.configuration(db, wanted)));
    }

    @Override
    public void add(String chunk) throws Exception {
      waiting.add(chunk);
      characters += chunk.length();
      if (waiting.size() == PARTS_AT_ONCE || characters >= CHARACTERS_AT_ONCE) {
        store();
      }
    }

    JsonObject finish(JsonObject end) throws Exception {
      store();
      var text =
          new Text(
              language,
              configuration,
              end.getString("title"),
              end.getInteger("pages"),
              stored,
              end.getInteger("characters"),
              end.getBoolean("truncated"),
              end.getJsonObject("metadata"));
      boolean mine =
          await(job, database.inTransaction(tx -> DocumentRepository.finish(tx, id, run, text)));
      requireMine(mine);
      job.progress(100, "storing", null);
      return new JsonObject()
          .put("document_id", id.toString())
          .put("chunks", stored)
          .put("characters", text.characters())
          .put("language", language)
          .put("pages", text.pages());
    }

    private void store() throws Exception {
      job.checkCancelled();
      if (waiting.isEmpty()) {
        return;
      }
      List<String> parts = List.copyOf(waiting);
      waiting.clear();
      characters = 0;
      boolean mine =
          await(
              job,
              database.run(
                  db -> DocumentRepository.addChunks(db, id, run, stored, configuration, parts)));
      requireMine(mine);
      stored += parts.size();
      int percent = STORING_BEGINS + (99 - STORING_BEGINS) * stored / Math.max(total, stored);
      job.progress(percent, "storing", stored + " of " + total + " parts");
    }

    private void requireMine(boolean mine) {
      if (!mine) {
        throw Failure.of(
            ErrorCode.CONFLICT, "The document was deleted, or is read by another attempt");
      }
    }
  }
}
