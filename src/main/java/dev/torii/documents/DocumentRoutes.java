package dev.torii.documents;

import dev.torii.audit.Actor;
import dev.torii.bus.Bus;
import dev.torii.bus.Deadline;
import dev.torii.documents.DocumentsApi.AddDocument;
import dev.torii.documents.DocumentsApi.Added;
import dev.torii.documents.DocumentsApi.Chunk;
import dev.torii.documents.DocumentsApi.DeleteDocument;
import dev.torii.documents.DocumentsApi.Document;
import dev.torii.documents.DocumentsApi.DocumentPage;
import dev.torii.documents.DocumentsApi.DocumentText;
import dev.torii.documents.DocumentsApi.FindDocuments;
import dev.torii.documents.DocumentsApi.Found;
import dev.torii.documents.DocumentsApi.GetDocument;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.http.Upload;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** HTTP for documents: read the request, ask the bus, describe the answer. */
public final class DocumentRoutes implements RouteModule {
  private static final int PAGE_SIZE = 20;
  private static final int MAX_PAGE_SIZE = 100;

  /** Until a file is in the database. */
  private static final Duration STORING = Duration.ofSeconds(60);

  private final Bus bus;
  private final int maxUploadBytes;

  DocumentRoutes(Bus bus, int maxUploadBytes) {
    this.bus = bus;
    this.maxUploadBytes = maxUploadBytes;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .post("/admin/documents")
        .admin()
        .limitedBy("documents")
        .uploading("file", maxUploadBytes)
        .to(this::add);
    routes.get("/admin/documents").admin().limitedBy("documents").to(this::find);
    routes.get("/admin/documents/:document_id").admin().limitedBy("documents").to(this::get);
    routes.delete("/admin/documents/:document_id").admin().limitedBy("documents").to(this::delete);
  }

  private Future<Reply> add(Exchange exchange) {
    Upload upload = exchange.upload();
    var question =
        new AddDocument(
            Actor.of(exchange),
            exchange.caller().userId(),
            upload.file().toString(),
            upload.size(),
            upload.fileName(),
            Deadline.in(STORING));
    return bus.ask(DocumentsApi.ADD, question).map(DocumentRoutes::accepted);
  }

  private Future<Reply> find(Exchange exchange) {
    var question =
        new FindDocuments(
            exchange.queryParam("q").orElse(null),
            exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE),
            exchange.queryParam("cursor").orElse(null));
    return bus.ask(DocumentsApi.FIND, question).map(page -> Reply.ok(toJson(page)).uncacheable());
  }

  private Future<Reply> get(Exchange exchange) {
    var question =
        new GetDocument(
            exchange.uuidPathParam("document_id"),
            exchange.intQueryParam("limit", PAGE_SIZE, 1, MAX_PAGE_SIZE),
            exchange.queryParam("cursor").orElse(null));
    return bus.ask(DocumentsApi.GET, question).map(text -> Reply.ok(toJson(text)).uncacheable());
  }

  private Future<Reply> delete(Exchange exchange) {
    var question = new DeleteDocument(Actor.of(exchange), exchange.uuidPathParam("document_id"));
    return bus.ask(DocumentsApi.DELETE, question).map(done -> Reply.noContent());
  }

  private static Reply accepted(Added added) {
    String status = "/status/" + added.jobId();
    var body =
        new JsonObject()
            .put("document_id", added.documentId().toString())
            .put("job_id", added.jobId().toString())
            .put("status_url", status);
    return Reply.json(202, body).uncacheable().with(HttpHeaders.LOCATION, status);
  }

  private static JsonObject toJson(DocumentPage page) {
    var documents = new JsonArray();
    page.documents().forEach(found -> documents.add(toJson(found)));
    return new JsonObject().put("documents", documents).put("next_cursor", page.nextCursor());
  }

  private static JsonObject toJson(Found found) {
    JsonObject json = toJson(found.document());
    if (found.rank() != null) {
      json.put("rank", found.rank()).put("hits", found.hits()).put("highlight", found.highlight());
    }
    return json;
  }

  private static JsonObject toJson(DocumentText text) {
    var chunks = new JsonArray();
    for (Chunk chunk : text.chunks()) {
      chunks.add(new JsonObject().put("n", chunk.n()).put("text", chunk.text()));
    }
    return toJson(text.document())
        .put("metadata", text.document().metadata())
        .put("text", chunks)
        .put("next_cursor", text.nextCursor());
  }

  private static JsonObject toJson(Document document) {
    return new JsonObject()
        .put("document_id", document.id().toString())
        .put("job_id", document.jobId().toString())
        .put("owner", document.owner().toString())
        .put("file_name", document.fileName())
        .put("media_type", document.mediaType())
        .put("size", document.size())
        .put("sha256", document.sha256())
        .put("state", document.state())
        .put("language", document.language())
        .put("title", document.title())
        .put("pages", document.pages())
        .put("chunks", document.chunks())
        .put("characters", document.characters())
        .put("truncated", document.truncated())
        .put("error", document.error())
        .put("created_at", document.createdAt().toString())
        .put(
            "processed_at",
            document.processedAt() == null ? null : document.processedAt().toString());
  }
}
