package dev.torii.documents;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.DocumentsConfig;
import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.documents.DocumentsApi.Added;
import dev.torii.documents.DocumentsApi.DocumentPage;
import dev.torii.documents.DocumentsApi.DocumentText;
import dev.torii.documents.DocumentsApi.FindDocuments;
import dev.torii.documents.DocumentsApi.GetDocument;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.UploadDirectory;
import dev.torii.jobs.JobState;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Documents with a database of their own; jobs are noted, and run when a test says so. */
final class DocumentBed implements AutoCloseable {
  private static final UUID OWNER = UUID.randomUUID();

  final Vertx vertx = Vertx.vertx();
  final Database database;
  final ReaderPool readers;
  final Map<UUID, JsonObject> handedIn = new HashMap<>();
  final Map<UUID, JobState> ledger = new ConcurrentHashMap<>();
  final DocumentsConfig config;
  final AtomicReference<Failure> ledgerFault = new AtomicReference<>();
  final String uri = TestServices.freshDatabase();
  private final Path directory = Files.createTempDirectory("torii-documents-test");
  private final UploadDirectory scratch = new UploadDirectory(directory.toString());
  private final DocumentHandler handler;
  private final Bus bus;

  DocumentBed(Map<String, String> settings) throws Exception {
    Migrations.apply(uri);
    var all = new HashMap<>(Map.of("pg.statementTimeoutMs", "20000", "bus.timeoutMs", "30000"));
    all.putAll(settings);
    AppConfig config = ConfigBinder.of(all);
    this.config = config.documents();
    database = new Database(vertx, uri, config.pg(), new SimpleMeterRegistry());
    await(database.firstAnswer(Duration.ofSeconds(30)));
    bus = Bus.install(vertx, config.bus().timeout());
    readers = new ReaderPool(config.documents(), new SimpleMeterRegistry());
    handler = new DocumentHandler(database, config.documents(), readers, scratch);
    bus.answer(DocumentBed.class, JobsApi.ENQUEUE, this::note);
    bus.answer(DocumentBed.class, JobsApi.GET, question -> job(question.id()));
    await(vertx.deployVerticle(new DocumentsVerticle(bus, database, readers, scratch)));
  }

  private Future<Job> job(UUID id) {
    JobState state = ledger.get(id);
    if (state == null) {
      return Future.failedFuture(Failure.of(ErrorCode.NOT_FOUND, "No such job"));
    }
    var now = Instant.now();
    var none = new JsonObject();
    return Future.succeededFuture(
        new Job(
            id,
            "t",
            state,
            0,
            none,
            OWNER,
            1,
            1,
            now,
            now,
            now,
            now,
            now,
            null,
            null,
            null,
            new JsonArray()));
  }

  private Future<Enqueued> note(Enqueue question) {
    if (ledgerFault.get() != null) {
      return Future.failedFuture(ledgerFault.get());
    }
    var job = question.jobs().get(0);
    handedIn.put(job.id(), job.payload());
    return Future.succeededFuture(
        new Enqueued(List.of(new Place(job.id(), JobState.QUEUED, false))));
  }

  Added add(String fileName, byte[] content) throws IOException {
    Path file = Files.write(directory.resolve(UUID.randomUUID().toString()), content);
    var actor = Actor.user(OWNER, "192.0.2.1");
    return await(
        bus.ask(
            DocumentsApi.ADD,
            new AddDocument(
                actor,
                OWNER,
                file.toString(),
                content.length,
                fileName,
                Deadline.in(Duration.ofSeconds(30)))));
  }

  /** Runs the job that was handed in for a document, once, on this thread. */
  JsonObject run(Added added, FakeJob job) throws Exception {
    return handler.run(job.with(handedIn.get(added.jobId())));
  }

  /** Adds a document and reads it. */
  UUID read(String fileName, byte[] content) throws Exception {
    Added added = add(fileName, content);
    run(added, new FakeJob());
    return added.documentId();
  }

  DocumentText get(UUID id) {
    return await(bus.ask(DocumentsApi.GET, new GetDocument(id, 100, null)));
  }

  DocumentPage find(String query, int limit, String cursor) {
    return await(bus.ask(DocumentsApi.FIND, new FindDocuments(query, limit, cursor)));
  }

  Bus bus() {
    return bus;
  }

  long number(String query) throws Exception {
    try (var connection = TestServices.connect(uri);
        var rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  void execute(String statement) throws Exception {
    try (var connection = TestServices.connect(uri)) {
      connection.createStatement().execute(statement);
    }
  }

  /** Files that were left behind beside those that the test itself wrote. */
  List<Path> leftFiles() throws IOException {
    try (var all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.getParent().equals(directory) && !file.endsWith("lock"))
          .toList();
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  @Override
  public void close() throws IOException {
    await(vertx.close());
    try (var all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
