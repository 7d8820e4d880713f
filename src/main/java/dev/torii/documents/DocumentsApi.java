package dev.torii.documents;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What other packages may know about documents: addresses and messages, nothing else. */
public final class DocumentsApi {
  /**
   * Keeps a file and hands in the job that reads it; answers when both are committed. Fails with
   * UNSUPPORTED_MEDIA_TYPE when files of its kind are not read.
   */
  public static final Address<AddDocument, Added> ADD =
      new Address<>("documents.add", AddDocument.class, Added.class);

  public static final Address<FindDocuments, DocumentPage> FIND =
      new Address<>("documents.find", FindDocuments.class, DocumentPage.class);

  /** One document with a page of its text; fails with NOT_FOUND. */
  public static final Address<GetDocument, DocumentText> GET =
      new Address<>("documents.get", GetDocument.class, DocumentText.class);

  /** Forgets a document, and ends its job; fails with NOT_FOUND. */
  public static final Address<DeleteDocument, Done> DELETE =
      new Address<>("documents.delete", DeleteDocument.class, Done.class);

  private DocumentsApi() {}

  /**
   * A file on the disk of this process.
   *
   * @param owner who may see its job besides admins
   * @param file to be left there until the answer
   */
  public record AddDocument(
      Actor by, UUID owner, String file, long size, String fileName, Deadline deadline)
      implements Timed {}

  public record Added(UUID documentId, UUID jobId) implements BusMessage {}

  /**
   * A page of documents: those that fit words, the best first, or all, the newest first.
   *
   * @param query as one writes it in a search engine; null for all
   * @param cursor null for the first page
   */
  public record FindDocuments(String query, int limit, String cursor) implements BusMessage {}

  /**
   * A page of documents.
   *
   * @param nextCursor null on the last page
   */
  public record DocumentPage(List<Found> documents, String nextCursor) implements BusMessage {}

  /**
   * A document of a page.
   *
   * @param rank grows with how well it fits; null when no words were asked for
   * @param hits parts of its text that fit; 0 when no words were asked for
   * @param highlight where it fits best, as HTML with {@code <mark>}; null when no words were asked
   *     for
   */
  public record Found(Document document, Double rank, long hits, String highlight) {
    /** The same place of the page, with what is known of the document by now. */
    Found of(Document now) {
      return new Found(now, rank, hits, highlight);
    }
  }

  /**
   * Asks for a document.
   *
   * @param limit parts of the text
   * @param cursor null for the first ones
   */
  public record GetDocument(UUID id, int limit, String cursor) implements BusMessage {}

  /**
   * A document with some of its text.
   *
   * @param chunks parts of the text in their order
   * @param nextCursor null when no part follows
   */
  public record DocumentText(Document document, List<Chunk> chunks, String nextCursor)
      implements BusMessage {}

  /**
   * A part of a text.
   *
   * @param n 0 for the first
   */
  public record Chunk(int n, String text) {}

  public record DeleteDocument(Actor by, UUID id) implements BusMessage {}

  /**
   * What is known of a document.
   *
   * @param state {@code queued}, {@code processing}, {@code ready}, {@code failed}; or {@code
   *     dead}, {@code cancelled} as its job
   * @param language ISO 639-1; null when it is not clear, or not known yet, as all that follows
   * @param characters UTF-16 units of the text
   * @param truncated whether there was more text than is kept
   * @param error why it could not be read; null when it could
   */
  public record Document(
      UUID id,
      UUID jobId,
      UUID owner,
      String fileName,
      String mediaType,
      long size,
      String sha256,
      String state,
      String language,
      String title,
      Integer pages,
      Integer chunks,
      Integer characters,
      boolean truncated,
      JsonObject metadata,
      String error,
      Instant createdAt,
      Instant processedAt) {}
}
