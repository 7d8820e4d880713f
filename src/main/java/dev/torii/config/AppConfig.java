package dev.torii.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything Torii can be told, checked: no part of the program reads a file, an environment
 * variable or a system property for itself.
 *
 * @param limits rules by name; the built-in ones are always there
 */
public record AppConfig(
    @Setting(
            key = "dataDir",
            value = "./data",
            doc = "Directory of the embedded servers, with their data and passwords")
        Path dataDir,
    Http http,
    Redis redis,
    Pg pg,
    Embedded embedded,
    Auth auth,
    Sessions sessions,
    ApiKeys apiKeys,
    Admin admin,
    Audit audit,
    Cache cache,
    Caches caches,
    WriteBehind writeBehind,
    Decisions decisions,
    LiveConfig live,
    JobsConfig jobs,
    DocumentsConfig documents,
    ImagesConfig images,
    Bus bus,
    Log log,
    Map<String, Limit> limits) {

  /** The same with other servers; an empty one leaves what is configured. */
  public AppConfig withAddresses(Optional<String> redisUri, Optional<String> pgUri) {
    return new AppConfig(
        dataDir,
        http,
        redisUri.map(redis::withUri).orElse(redis),
        pgUri.map(pg::withUri).orElse(pg),
        embedded,
        auth,
        sessions,
        apiKeys,
        admin,
        audit,
        cache,
        caches,
        writeBehind,
        decisions,
        live,
        jobs,
        documents,
        images,
        bus,
        log,
        limits);
  }

  /** The {@code http} section. */
  public record Http(
      @Setting(key = "host", value = "127.0.0.1", doc = "Address to listen on") String host,
      @Setting(key = "port", value = "8080", max = 65535, doc = "Port to listen on, 0 for any free")
          int port,
      @Setting(
              key = "instances",
              value = "0",
              max = 256,
              doc = "Event loops, each serving HTTP; 0 for half the cores, at least one")
          int instances,
      @Setting(
              key = "maxConnections",
              value = "10000",
              min = 1,
              doc = "Open connections above which new ones are closed at once")
          int maxConnections,
      @Setting(
              key = "maxBodyBytes",
              value = "65536",
              min = 1024,
              max = 16777216,
              doc = "Largest JSON body")
          int maxBodyBytes,
      @Setting(
              key = "maxHeaderBytes",
              value = "16384",
              min = 1024,
              max = 1048576,
              doc = "Largest sum of a request's headers")
          int maxHeaderBytes,
      @Setting(
              key = "headerTimeoutMs",
              value = "10000",
              min = 100,
              doc = "Longest wait for the first complete request head of a connection")
          Duration headerTimeout,
      @Setting(
              key = "bodyTimeoutMs",
              value = "10000",
              min = 100,
              doc = "Longest wait for a complete body after its head")
          Duration bodyTimeout,
      @Setting(
              key = "minBodyBytesPerSecond",
              value = "16384",
              min = 1,
              max = 16777216,
              doc = "Pace at which a long body, such as a file, may take longer than that")
          int minBodyBytesPerSecond,
      @Setting(
              key = "maxUploads",
              value = "32",
              min = 1,
              max = 1000,
              doc = "Files that are received or worked on at once; more are answered with 503")
          int maxUploads,
      @Setting(
              key = "maxUploadsPerAddress",
              value = "4",
              min = 1,
              max = 1000,
              doc = "Of these, those of one client address; more are answered with 503")
          int maxUploadsPerAddress,
      @Setting(
              key = "uploadTimeoutMs",
              value = "120000",
              min = 100,
              doc = "Longest time that a file may take to arrive, at whatever pace")
          Duration uploadTimeout,
      @Setting(
              key = "uploadDir",
              doc =
                  "Where files are kept while they are received; empty for the system's own place")
          String uploadDir,
      @Setting(
              key = "keepAliveTimeoutMs",
              value = "60000",
              min = 100,
              doc = "Longest wait for the next complete request head of a used connection")
          Duration keepAliveTimeout,
      @Setting(
              key = "shutdownGraceMs",
              value = "10000",
              max = 12000,
              doc = "How long requests under way may take after a stop was asked for")
          Duration shutdownGrace,
      @Setting(
              key = "trustedProxies",
              doc =
                  "Addresses or networks (CIDR), separated by commas, whose X-Forwarded-For is"
                      + " believed")
          List<String> trustedProxies,
      @Setting(
              key = "accessLogPercent",
              value = "1",
              max = 100,
              doc =
                  "Share of requests in the access log; slow ones and those answered with 5xx are"
                      + " always in")
          int accessLogPercent,
      @Setting(
              key = "slowRequestMs",
              value = "500",
              doc = "Requests that take at least this long are always in the access log")
          Duration slowRequest) {}

  /** The {@code redis} section; a URI may carry a password, so it is never printed whole. */
  public record Redis(
      @Setting(
              key = "uri",
              secret = true,
              doc = "Server for both roles, redis://host:port/db; empty starts the embedded one")
          String uri,
      @Setting(
              key = "stateUri",
              secret = true,
              doc = "Server of the role state (all areas but cache); must not evict")
          String stateUri,
      @Setting(key = "cacheUri", secret = true, doc = "Server of the role cache; may evict")
          String cacheUri,
      @Setting(
              key = "areas",
              secret = true,
              doc =
                  "Servers of single areas, for example revocations: redis://localhost:6379/4; the"
                      + " others follow their role")
          Map<String, String> areas,
      @Setting(
              key = "commandTimeoutMs",
              value = "500",
              min = 1,
              max = 60000,
              doc = "Longest wait for a command, after which its connection is thrown away")
          Duration commandTimeout,
      @Setting(
              key = "connectTimeoutMs",
              value = "1000",
              min = 1,
              max = 60000,
              doc = "Longest wait for a connection")
          Duration connectTimeout,
      @Setting(
              key = "reconnectMaxMs",
              value = "2000",
              min = 50,
              max = 60000,
              doc = "Longest pause between two attempts to connect")
          Duration reconnectMax,
      @Setting(
              key = "maxWaiting",
              value = "32768",
              min = 16,
              max = 1048576,
              doc = "Commands in flight per server above which new ones are refused")
          int maxWaiting,
      @Setting(
              key = "coalesce",
              value = "true",
              doc = "Write the commands of one turn of the event loop together")
          boolean coalesce) {
    Redis withUri(String other) {
      return new Redis(
          other,
          stateUri,
          cacheUri,
          areas,
          commandTimeout,
          connectTimeout,
          reconnectMax,
          maxWaiting,
          coalesce);
    }

    @Override
    public String toString() {
      return "Redis[commandTimeout=" + commandTimeout + ", coalesce=" + coalesce + "]";
    }
  }

  /** The {@code pg} section. */
  public record Pg(
      @Setting(
              key = "uri",
              secret = true,
              doc =
                  "PostgreSQL server, postgresql://user:password@host:port/database; empty starts"
                      + " the embedded one")
          String uri,
      @Setting(key = "poolSize", value = "8", min = 1, max = 500, doc = "Connections in the pool")
          int poolSize,
      @Setting(
              key = "maxWaiting",
              value = "1000",
              min = 1,
              doc = "Statements waiting for a connection above which new ones are refused")
          int maxWaiting,
      @Setting(
              key = "acquireTimeoutMs",
              value = "600",
              min = 1,
              max = 60000,
              doc = "Longest wait for a free connection")
          Duration acquireTimeout,
      @Setting(
              key = "statementTimeoutMs",
              value = "1000",
              min = 1,
              max = 600000,
              doc = "Longest run of one statement, kept by the server")
          Duration statementTimeout,
      @Setting(
              key = "connectTimeoutMs",
              value = "1000",
              min = 1,
              max = 60000,
              doc = "Longest wait for a new connection to the server")
          Duration connectTimeout) {
    Pg withUri(String other) {
      return new Pg(other, poolSize, maxWaiting, acquireTimeout, statementTimeout, connectTimeout);
    }

    @Override
    public String toString() {
      return "Pg[poolSize=" + poolSize + "]";
    }
  }

  /** The {@code embedded} section: servers that Torii starts itself when no URI is given. */
  public record Embedded(
      @Setting(key = "redisPort", max = 65535, value = "0", doc = "Port, 0 for any free one")
          int redisPort,
      @Setting(key = "pgPort", max = 65535, value = "0", doc = "Port, 0 for any free one")
          int pgPort,
      @Setting(
              key = "demoData",
              value = "true",
              doc = "Whether a new embedded PostgreSQL begins with a catalogue to look at")
          boolean demoData) {}

  /** The {@code auth} section. */
  public record Auth(
      @Setting(key = "issuer", value = "torii", doc = "Claim iss of every token") String issuer,
      @Setting(key = "audience", value = "torii", doc = "Claim aud of every token") String audience,
      @Setting(
              key = "keyFile",
              doc =
                  "RSA private keys (PKCS#8 PEM, 2048 bits or more) instead of generated ones; the"
                      + " first signs, all verify")
          String keyFile,
      @Setting(
              key = "keySecret",
              secret = true,
              doc =
                  "Encrypts the private keys in the database; 16 characters or more, the same for"
                      + " every process")
          String keySecret,
      @Setting(
              key = "keySecretPrevious",
              secret = true,
              doc =
                  "The secret before this one; what it opens is encrypted with keySecret at start")
          String keySecretPrevious,
      @Setting(
              key = "keyRotationDays",
              value = "90",
              max = 3650,
              doc = "Time after which a new signing key is made, 0 for never")
          Duration keyRotation,
      @Setting(
              key = "keyPublishSeconds",
              value = "600",
              max = 604800,
              doc = "How long a new key is published before it signs, so that caches know it")
          Duration keyPublish,
      @Setting(
              key = "accessTtlSeconds",
              value = "900",
              min = 1,
              max = 86400,
              doc = "Life of an access token")
          Duration accessTtl,
      @Setting(
              key = "refreshTtlSeconds",
              value = "1209600",
              min = 1,
              doc = "Life of a refresh token")
          Duration refreshTtl,
      @Setting(
              key = "refreshAbsoluteTtlSeconds",
              value = "7776000",
              min = 1,
              doc = "Life of a session over all its refreshes")
          Duration refreshAbsoluteTtl,
      @Setting(
              key = "refreshGraceSeconds",
              value = "10",
              max = 300,
              doc = "How long a just spent refresh token still gives the same new pair")
          Duration refreshGrace,
      @Setting(
              key = "clockSkewSeconds",
              value = "30",
              max = 300,
              doc = "Difference of clocks that is tolerated when a token's times are checked")
          Duration clockSkew,
      @Setting(
              key = "verifiedTokens",
              value = "20000",
              min = 1,
              max = 10000000,
              doc = "Tokens whose verified claims are remembered per process")
          int verifiedTokens,
      @Setting(
              key = "argon2MemoryKib",
              value = "19456",
              min = 8192,
              max = 1048576,
              doc = "Argon2id memory for one password hash")
          int argon2MemoryKib,
      @Setting(
              key = "argon2Iterations",
              value = "2",
              min = 1,
              max = 100,
              doc = "Argon2id passes over the memory")
          int argon2Iterations,
      @Setting(
              key = "hashThreads",
              value = "0",
              max = 64,
              doc = "Threads that hash passwords, 0 for half the cores, at least one")
          int hashThreads,
      @Setting(
              key = "hashQueue",
              value = "16",
              min = 1,
              max = 10000,
              doc = "Passwords waiting to be hashed above which 503 is answered")
          int hashQueue,
      @Setting(
              key = "loginFreeFailures",
              value = "5",
              min = 1,
              doc = "Failed logins after which the next try of the same pair may come at once")
          int loginFreeFailures,
      @Setting(
              key = "loginFirstWaitMs",
              value = "1000",
              max = 3600000,
              doc = "Wait when those are used up, doubled by each further failure; 0 for none")
          Duration loginFirstWait) {
    @Override
    public String toString() {
      return "Auth[issuer=" + issuer + ", audience=" + audience + "]";
    }
  }

  /** The {@code sessions} section. */
  public record Sessions(
      @Setting(
              key = "ttlSeconds",
              value = "3600",
              min = 60,
              doc = "Life of a session in Redis, counted again from each refresh")
          Duration ttl,
      @Setting(
              key = "includeTokens",
              value = "false",
              doc = "Write the tokens themselves into session keys, for services that expect them")
          boolean includeTokens,
      @Setting(
              key = "maxPerUser",
              value = "50",
              max = 100000,
              doc = "Sessions of a user above which a login ends the oldest, 0 for any number")
          int maxPerUser) {}

  /** The {@code apiKeys} section. */
  public record ApiKeys(
      @Setting(
              key = "maxDays",
              value = "365",
              min = 1,
              max = 3650,
              doc = "Longest life of an API key")
          int maxDays) {}

  /** The {@code admin} section: the first admin, made once when no admin exists. */
  public record Admin(
      @Setting(key = "email", doc = "Address of the first admin") String email,
      @Setting(key = "password", secret = true, doc = "Password of the first admin")
          String password) {
    @Override
    public String toString() {
      return "Admin[email=" + email + "]";
    }
  }

  /** The {@code audit} section. */
  public record Audit(
      @Setting(
              key = "retentionDays",
              value = "365",
              max = 36500,
              doc = "How long entries of the audit log are kept, 0 for ever")
          Duration retention) {}

  /** The {@code cache} section: what holds for every cache. */
  public record Cache(
      @Setting(
              key = "jitterPercent",
              value = "10",
              max = 50,
              doc = "Random part of every life, so that entries do not end together")
          int jitterPercent,
      @Setting(
              key = "compressAboveBytes",
              value = "1024",
              max = 1048576,
              doc = "Values from this size on are stored as gzip, 0 for none")
          int compressAboveBytes,
      @Setting(
              key = "loadSoftMs",
              value = "300",
              min = 1,
              max = 60000,
              doc = "Wait for a load after which an old copy is served, if there is one")
          Duration loadSoft,
      @Setting(
              key = "loadHardMs",
              value = "1200",
              min = 1,
              max = 60000,
              doc = "Longest wait for a load; also the longest that other processes wait for it")
          Duration loadHard,
      @Setting(
              key = "breakerFailures",
              value = "5",
              min = 1,
              max = 10000,
              doc = "Failures of Redis in a row after which the cache is left out for a while")
          int breakerFailures,
      @Setting(
              key = "breakerOpenMs",
              value = "2000",
              min = 1,
              max = 600000,
              doc = "How long the cache is left out before one request tries it again")
          Duration breakerOpen,
      @Setting(
              key = "auditPerMillion",
              value = "1000",
              max = 1000000,
              doc = "Hits of a million that are compared with PostgreSQL after their reply")
          int auditPerMillion,
      @Setting(
              key = "prewarmProfiles",
              value = "1000",
              max = 1000000,
              doc = "Profiles of lately active users that are loaded after the start, 0 for none")
          int prewarmProfiles,
      @Setting(
              key = "prewarmDays",
              value = "7",
              min = 1,
              max = 3650,
              doc = "How lately a user must have been active for that")
          Duration prewarmActive) {}

  /** The {@code caches} section: what may differ between caches. */
  public record Caches(
      CacheOptions profiles,
      CacheOptions settings,
      CacheOptions preferences,
      @Defaults("ttlSeconds=3600") CacheOptions products,
      @Defaults("staleSeconds=60") CacheOptions productLists,
      @Defaults("ttlSeconds=86400") CacheOptions categories) {}

  /** Options of one cache. */
  public record CacheOptions(
      @Setting(key = "ttlSeconds", value = "300", min = 1, doc = "Life of an entry") Duration ttl,
      @Setting(
              key = "negativeTtlSeconds",
              value = "30",
              min = 1,
              doc = "How long the absence of something is remembered")
          Duration negativeTtl,
      @Setting(
              key = "staleSeconds",
              value = "3600",
              max = 604800,
              doc =
                  "How long after its life an entry may be served when PostgreSQL is away or slow,"
                      + " 0 for never")
          Duration stale,
      @Setting(
              key = "refreshPercent",
              value = "80",
              max = 100,
              doc =
                  "Part of its life after which an entry that is read is loaded again, 0 for none")
          int refreshPercent,
      @Setting(
              key = "l1Entries",
              value = "0",
              max = 10000000,
              doc =
                  "Entries kept in the memory of each process, 0 for none; another process may"
                      + " then read an old one for a moment after a write")
          int l1Entries,
      @Setting(
              key = "l1Seconds",
              value = "10",
              min = 1,
              max = 3600,
              doc = "Life of an entry in memory")
          Duration l1Ttl) {}

  /** The {@code writeBehind} section. */
  public record WriteBehind(
      @Setting(
              key = "durable",
              value = "false",
              doc =
                  "Accept a write by an insert into PostgreSQL instead of the Redis stream, so that"
                      + " not even a lost Redis loses it")
          boolean durable,
      @Setting(
              key = "batch",
              value = "500",
              min = 1,
              max = 10000,
              doc = "Accepted writes that are applied with one statement")
          int batch,
      @Setting(
              key = "intervalMs",
              value = "1000",
              min = 1,
              max = 60000,
              doc =
                  "Pause between two looks for writes that other processes left; a process applies"
                      + " its own at once")
          Duration interval,
      @Setting(
              key = "takeOverMs",
              value = "5000",
              min = 100,
              max = 600000,
              doc = "How long a process may hold writes before another takes them over")
          Duration takeOver,
      @Setting(
              key = "maxWaiting",
              value = "100000",
              min = 2000,
              max = 100000000,
              doc =
                  "Accepted writes not yet applied above which new ones are refused with 503; the"
                      + " last uses of sessions already above half of it")
          int maxWaiting) {}

  /** The {@code decisions} section: what limits decided, kept in memory to be explained. */
  public record Decisions(
      @Setting(
              key = "admitted",
              value = "4096",
              min = 1,
              max = 1000000,
              doc = "Admissions that each process keeps, about 0.5 KB each; the oldest go first")
          int admitted,
      @Setting(
              key = "refused",
              value = "4096",
              min = 1,
              max = 1000000,
              doc = "Refusals that each process keeps, apart from the admissions")
          int refused,
      @Setting(
              key = "keepSeconds",
              value = "900",
              min = 1,
              max = 86400,
              doc = "How long one can be asked for")
          Duration keep) {}

  /** The {@code bus} section. */
  public record Bus(
      @Setting(
              key = "timeoutMs",
              value = "1400",
              min = 100,
              max = 60000,
              doc = "Longest wait for a service behind the event bus")
          Duration timeout) {}

  /** The {@code log} section. */
  public record Log(
      @Setting(key = "level", value = "info", doc = "error, warn, info or debug") String level,
      @Setting(key = "format", value = "text", doc = "text or json, one object a line")
          LogFormat format) {}

  /** How log lines are written. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /** One rate limit rule, under its name in the file. */
  public record Limit(
      @Setting(key = "limit", min = 1, max = 1000000000, doc = "Requests admitted per window")
          int limit,
      @Setting(key = "windowSeconds", min = 1, max = 2678400, doc = "Length of the window")
          Duration window,
      @Setting(
              key = "subject",
              value = "user",
              doc =
                  "Whose requests are counted together; field: those with the same value of a field"
                      + " of the body")
          Subject subject,
      @Setting(
              key = "field",
              doc = "For subject field: its name; a request without it is counted by address")
          String field,
      @Setting(
              key = "endpoint",
              doc =
                  "Name of the counter in Redis keys, for example one that another service counts"
                      + " under; by default the rule's")
          String endpoint,
      @Setting(
              key = "algorithm",
              value = "sliding-log",
              doc =
                  "sliding-log: exact in every window, memory by request; fixed-window: the counter"
                      + " of the clock's hour; sliding-window and gcra: approximate, little memory")
          Algorithm algorithm,
      @Setting(
              key = "whenRedisIsAway",
              value = "local",
              doc = "local: each process counts its share alone; open: admit; closed: answer 503")
          WhenRedisIsAway whenRedisIsAway,
      @Setting(
              key = "routes",
              doc =
                  "Where it applies, besides the routes that name it: paths such as"
                      + " /api/profiles/{user_id}, all below one (/admin/*), tags (tag:profiles)")
          List<String> routes,
      @Setting(key = "methods", doc = "Methods of those routes, such as PUT,DELETE; empty for all")
          List<String> methods,
      @Setting(
              key = "cost",
              value = "1",
              min = 1,
              max = 10000,
              doc = "What a request takes of the limit")
          int cost,
      @Setting(
              key = "costField",
              doc = "A list in the body; the request takes the cost for each of its members")
          String costField,
      @Setting(
              key = "costBytes",
              value = "0",
              max = 16777216,
              doc = "The request takes the cost for each so many bytes of its body, 0 for once")
          int costBytes,
      @Setting(
              key = "tiers",
              doc = "Other limits for callers with a role, such as admin=1000,service=5000")
          List<String> tiers,
      @Setting(key = "exempt", doc = "Addresses or networks (CIDR) that the rule does not count")
          List<String> exempt,
      @Setting(
              key = "count",
              value = "all",
              doc = "failures: a request gives back what it took unless the answer is 400 to 499")
          Count count,
      @Setting(
              key = "shadow",
              value = "false",
              doc = "Only tell by a metric what would have been refused")
          boolean shadow) {

    /** A rule with what every rule says, and the defaults of all else. */
    public Limit(
        int limit,
        Duration window,
        Subject subject,
        Algorithm algorithm,
        WhenRedisIsAway whenRedisIsAway) {
      this(
          limit,
          window,
          subject,
          "",
          "",
          algorithm,
          whenRedisIsAway,
          List.of(),
          List.of(),
          1,
          "",
          0,
          List.of(),
          List.of(),
          Count.ALL,
          false);
    }
  }

  /** Whose requests a rule counts. */
  public enum Subject {
    USER,
    IP,
    API_KEY,
    SESSION,
    FIELD
  }

  /** How a rule counts. */
  public enum Algorithm {
    SLIDING_LOG,
    FIXED_WINDOW,
    SLIDING_WINDOW,
    GCRA
  }

  /** Which requests a rule counts. */
  public enum Count {
    ALL,
    FAILURES
  }

  /** What a rule does when it cannot ask Redis. */
  public enum WhenRedisIsAway {
    LOCAL,
    OPEN,
    CLOSED
  }
}
