package dev.torii.catalog;

import dev.torii.cache.CachedJson;
import dev.torii.http.EntityTag;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/**
 * Makes answers of the bytes that a cache or PostgreSQL gave: spliced as they are, with an entity
 * tag of what they tell.
 *
 * <p>Not of the answer: {@code cached} and the time in the cache belong to the way here. So the tag
 * is a weak one, and the same on every way. Browsers and proxies may keep an answer but ask each
 * time whether it is still right, because a change is to be seen at once; that costs a 304.
 */
final class CatalogReply {
  private static final String REVALIDATED = "no-cache";

  private final byte[] before;
  private final byte[] afterCached;
  private final byte[] afterFresh;

  /**
   * @param before what stands before the object
   * @param after what follows it or, when it is the answer itself, its last field; then comes
   *     whether it was cached
   */
  CatalogReply(String before, String after) {
    this.before = ascii(before);
    this.afterCached = ascii(after + ",\"cached\":true}");
    this.afterFresh = ascii(after + ",\"cached\":false}");
  }

  /**
   * Describes what was found, or says that the client has it.
   *
   * @param json as a cache or a loader gave it
   * @param cachedAt null when no cache has put its time there
   */
  Reply of(Exchange exchange, Buffer json, boolean cached, String cachedAt) {
    int length = CachedJson.lengthWithoutTime(json, cachedAt);
    String tag = EntityTag.weak(json, length);
    String known = exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH);
    Reply reply =
        EntityTag.matches(known, tag)
            ? Reply.empty(304)
            : Reply.rawJson(spliced(json, length, cached ? afterCached : afterFresh));
    return reply.with(HttpHeaders.ETAG, tag).cached(REVALIDATED);
  }

  private Buffer spliced(Buffer json, int length, byte[] after) {
    return Buffer.buffer(before.length + length + after.length)
        .appendBytes(before)
        .appendBuffer(json, 0, length)
        .appendBytes(after);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
