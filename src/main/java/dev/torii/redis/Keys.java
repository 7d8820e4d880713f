package dev.torii.redis;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/**
 * Every name in the published keyspace; a key is built here and nowhere else.
 *
 * <p>A part that a user may choose is validated before it gets here: a UUID, a number, an address
 * or {@code [A-Za-z0-9._-]{1,64}}.
 */
public final class Keys {
  /** Stream that tells other services of each revocation. */
  public static final String REVOCATIONS_LOG = "revocations:log";

  /** Channel that rings when a revocation was written. */
  public static final String REVOCATIONS_BELL = "revocations:bell";

  /** Channel that rings when a signing key was made or retired. */
  public static final String KEYS_BELL = "keys:bell";

  /** Channel that names a limit counter that was reset. */
  public static final String LIMITS_RESET = "limits:reset";

  /** Channel that rings when a limit of a single subject was changed. */
  public static final String OVERRIDES_BELL = "limits:overrides";

  /** Channel that names an address or an account whose failed logins were forgotten. */
  public static final String LOGINS_UNLOCKED = "limits:logins-unlocked";

  /** Channel that tells every process to read its rules again; the body names who asks. */
  public static final String LIMITS_RELOAD = "limits:reload";

  /** Channel that every process listens to for as long as it lives, so that they can be counted. */
  public static final String PROCESSES = "torii:processes";

  /** Channel of every change of a stock. */
  public static final String STOCK_UPDATES = "stock:updates";

  /** Channel of every change of a job's state. */
  public static final String JOB_UPDATES = "jobs:updates";

  /** Channel that names a running job that is to end. */
  public static final String JOB_CANCELS = "jobs:cancel";

  /** Channel of those who come near a limit. */
  public static final String LIMITS_NEAR = "limits:near";

  /** Stream of accepted writes that are not in PostgreSQL yet. */
  public static final String WRITE_QUEUE = "write_behind:queue";

  /** Their values by kind and key, in the hash slot of {@link #WRITE_QUEUE}. */
  public static final String WRITES_PENDING = "write_behind:pending:{" + WRITE_QUEUE + "}";

  private static final long HOUR_MILLIS = 3_600_000;

  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("yyyyMMddHH").withZone(ZoneOffset.UTC);

  private Keys() {}

  /**
   * Present while a process writes every revocation to a Redis that lost them. In the hash slot of
   * {@link #REVOCATIONS_LOG}.
   */
  public static String revocationsFilling(UUID process) {
    return "revocations:filling:{" + REVOCATIONS_LOG + "}:" + process;
  }

  /** Present while Redis has every session that it is to have; no TTL. */
  public static final String SESSIONS_FILLED = "torii:{sessions}:filled";

  /** Present while a process writes every session to a Redis that lost them. */
  public static final String SESSIONS_FILLING = "torii:{sessions}:filling";

  /** One session as JSON. */
  public static String session(UUID userId, UUID sessionId) {
    return "session:" + userId + ":" + sessionId;
  }

  /** The sessions of a user, scored by expiry in epoch seconds. */
  public static String sessions(UUID userId) {
    return "sessions:" + userId;
  }

  /** Present while the access token with this jti is revoked. */
  public static String revokedAccess(UUID jti) {
    return "blacklist:access:" + jti;
  }

  /** Present while the refresh token with this jti is revoked. */
  public static String revokedRefresh(UUID jti) {
    return "blacklist:refresh:" + jti;
  }

  /** Present while the token with this SHA-256 (hex) is revoked. */
  public static String revokedToken(String sha256Hex) {
    return "blacklist:token:" + sha256Hex;
  }

  /**
   * The log of admitted requests of one subject.
   *
   * @param subject a user id or {@code ip:<address>}
   */
  public static String slidingLog(String subject, String endpoint) {
    return "rate:log:" + subject + ":" + endpoint;
  }

  /**
   * The count of one subject in one window of the clock.
   *
   * @param window as {@link #window} names it
   */
  public static String fixedWindow(String subject, String endpoint, String window) {
    return "rate:" + subject + ":" + endpoint + ":" + window;
  }

  /** A window of the clock: its hour of UTC, or where windows are not hours its first second. */
  public static String window(Instant start, long windowMillis) {
    return (windowMillis == HOUR_MILLIS ? HOUR : SECOND).format(start);
  }

  /** The counts of one subject in this window and the one before. */
  public static String slidingWindow(String subject, String endpoint) {
    return "rate:window:" + subject + ":" + endpoint;
  }

  /** The time at which what one subject was admitted will have flowed off. */
  public static String gcra(String subject, String endpoint) {
    return "rate:gcra:" + subject + ":" + endpoint;
  }

  /**
   * The failed logins of an address in one hour of UTC.
   *
   * @param address an IPv4 address, or a network of IPv6 such as {@code 2001:db8:1:2::/64}
   */
  public static String failedLogins(String address, Instant at) {
    return "rate:" + address + ":login:" + HOUR.format(at);
  }

  /** Channel on which one process is asked for its decisions: an id and a question's own id. */
  public static String decisionsAsked(String process) {
    return "limits:decisions:" + process;
  }

  /** What a process has answered to one question about a decision. */
  public static String decisionAnswer(UUID question) {
    return "limits:decision:" + question;
  }

  /** The full profile of a user as JSON. */
  public static String profile(UUID userId) {
    return "cache:profile:" + userId;
  }

  /** The settings of a user as JSON. */
  public static String settings(UUID userId) {
    return "cache:settings:" + userId;
  }

  /** The preferences of a user as JSON. */
  public static String preferences(UUID userId) {
    return "cache:preferences:" + userId;
  }

  /** A product as JSON. */
  public static String product(long id) {
    return "product:" + id;
  }

  /**
   * One page of a list of products.
   *
   * @param category its slug, or {@code all}
   * @param page its number; a size other than the first carries it in this part
   */
  public static String productList(String category, String page) {
    return "product:list:" + category + ":" + page;
  }

  /** A category as JSON; {@code all} is the list of them. */
  public static String category(String slug) {
    return "category:" + slug;
  }

  /** Ids of jobs that wait for a worker; it only rings, and may be lost or tell too much. */
  public static String jobQueue(String type) {
    return "queue:" + type;
  }

  /** The state of a job as JSON. */
  public static String jobStatus(UUID jobId) {
    return "job:status:" + jobId;
  }

  /** How far a job has come, as JSON; also the channel on which that is told. */
  public static String jobProgress(UUID jobId) {
    return "job:" + jobId + ":progress";
  }

  /** The result of a job as Celery writes it; also the channel on which that is told. */
  public static String celeryResult(UUID jobId) {
    return "celery-task-meta-" + jobId;
  }

  /**
   * The analysis of an image as JSON.
   *
   * @param hash its perceptual hash, 64 hexadecimal digits
   */
  public static String imageAnalysis(String hash) {
    return "cache:image:hash:" + hash;
  }

  /** The history of a feed of notifications. */
  public static String history(String feed) {
    return "stream:" + feed;
  }

  /** The version of each thing that its history has last seen; in the hash slot of that stream. */
  public static String historySeen(String feed) {
    return "stream:seen:{" + history(feed) + "}";
  }

  /**
   * The generation of one cached entry. The entry's key stands in braces, so that both live in one
   * hash slot and a script can compare and store in one step.
   */
  public static String generation(String entryKey) {
    return "cache:gen:{" + entryKey + "}";
  }

  /** The same entry compressed, as other services write it; read, never written. */
  public static String compressedTwin(String entryKey) {
    return "gz:" + entryKey;
  }

  /** The last known form of an entry beyond its life; in the entry's hash slot. */
  public static String staleCopy(String entryKey) {
    return "cache:stale:{" + entryKey + "}";
  }

  /** Held while one process loads an entry; in the entry's hash slot. */
  public static String loadLock(String entryKey) {
    return "lock:{" + entryKey + "}";
  }

  /** The generation of a group of entries, such as all of one cache; no TTL. */
  public static String groupGeneration(String group) {
    return "cache:gen:" + group;
  }

  /** Reads of every process that a cache answered. */
  public static final String CACHE_HITS = "metrics:cache:hits";

  /** Reads of every process that no cache could answer. */
  public static final String CACHE_MISSES = "metrics:cache:misses";

  /** Channel on which one process hears itself, to know that Pub/Sub is alive. */
  public static String heartbeat(UUID process) {
    return "torii:heartbeat:" + process;
  }

  /** What the keys begin with by whose changes one process knows that it hears of changes. */
  public static String trackingBeats(UUID process) {
    return "torii:tracking:" + process + ":";
  }

  /** One of these keys, each written once. */
  public static String trackingBeat(UUID process, int number) {
    return trackingBeats(process) + number;
  }
}
