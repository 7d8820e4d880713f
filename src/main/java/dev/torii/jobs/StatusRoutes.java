package dev.torii.jobs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Caller;
import dev.torii.http.EntityTag;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * HTTP for those who wait for a job, made to be asked twice a second.
 *
 * <p>While a job goes on Redis answers, in the wave of the gate. PostgreSQL answers what Redis does
 * not know, how a job has ended, and of a job of which Redis has heard nothing for a while: then
 * the last news may have been lost. What it says is remembered for a moment.
 *
 * <p>Whose a job is only PostgreSQL says, for anybody may write in Redis. That never changes, so it
 * is asked once.
 */
public final class StatusRoutes implements RouteModule {
  /** For so long Redis is believed that nothing has happened. */
  private static final Duration BELIEVED = Duration.ofSeconds(5);

  /** The same of one that goes on, while Redis knows nothing of it. */
  private static final Duration BELIEVED_ALONE = Duration.ofSeconds(1);

  /** Characters of all that is remembered. */
  private static final long REMEMBERED = 16L << 20;

  /** Jobs of which the owner is remembered. */
  private static final int OWNERS = 50_000;

  /** Of a job without its result, roughly. */
  private static final int USUAL_SIZE = 1_000;

  /** For the one who asks alone, and to be asked for again each time. */
  private static final String PRIVATE = "private, no-cache";

  private final Bus bus;
  private final Clock clock;
  private final Cache<UUID, Known> remembered =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED)
          .weigher((UUID id, Known known) -> known.size)
          .expireAfterWrite(BELIEVED)
          .build();

  private final Cache<UUID, UUID> owners = Caffeine.newBuilder().maximumSize(OWNERS).build();

  public StatusRoutes(Bus bus, Clock clock) {
    this.bus = bus;
    this.clock = clock;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get("/status/:job_id")
        .identified()
        .limitedBy("status")
        .bringing(new StatusRead("job_id", clock))
        .to(this::status);
  }

  private Future<Reply> status(Exchange exchange) {
    UUID id = exchange.uuidPathParam("job_id");
    UUID owner = owners.getIfPresent(id);
    RedisStatus redis = StatusRead.of(exchange).ofOwner(owner);
    Known known = remembered.getIfPresent(id);
    if (known != null && isCurrent(known, redis.status())) {
      return Future.succeededFuture(reply(exchange, known.job, redis));
    }
    if (owner == null || redis.status() == null) {
      return ask(exchange, id, redis);
    }
    return redis.status().state().isFinal() || isOld(redis)
        ? ask(exchange, id, redis)
        : Future.succeededFuture(reply(exchange, id, owner, redis));
  }

  /**
   * @param status null when Redis knows nothing of the job
   */
  private boolean isCurrent(Known known, RedisStatus.Status status) {
    return status == null
        ? known.job.state().isFinal() || known.at.plus(BELIEVED_ALONE).isAfter(clock.instant())
        : !status.updatedAt().isAfter(known.job.updatedAt());
  }

  private boolean isOld(RedisStatus redis) {
    Instant told = JobStatus.updatedAt(redis);
    return told.plus(BELIEVED).isBefore(clock.instant());
  }

  private Future<Reply> ask(Exchange exchange, UUID id, RedisStatus redis) {
    return bus.ask(JobAdminApi.STATUS, new GetJob(id))
        .onSuccess(this::remember)
        .map(job -> reply(exchange, job, redis.ofOwner(job.owner())))
        .recover(t -> withoutLedger(exchange, id, redis, Failure.from(t)));
  }

  private void remember(Job job) {
    remembered.put(job.id(), known(job));
    owners.put(job.id(), job.owner());
  }

  /**
   * A ledger that is away must not keep people from what Redis knows of a job that is known to be
   * theirs.
   */
  private Future<Reply> withoutLedger(
      Exchange exchange, UUID id, RedisStatus redis, Failure failure) {
    if (failure.code() == ErrorCode.NOT_FOUND) {
      // one that Redis knows the state of was a job of ours, and is gone
      boolean ofCelery = exchange.caller().isAdmin() && redis.status() == null;
      JobStatus celery = ofCelery ? CeleryStatus.of(id, redis) : null;
      return celery == null
          ? Future.failedFuture(failure)
          : Future.succeededFuture(reply(exchange, celery));
    }
    boolean away = failure.code() == ErrorCode.UNAVAILABLE || failure.code() == ErrorCode.TIMEOUT;
    UUID owner = owners.getIfPresent(id);
    boolean isKnown = owner != null || exchange.caller().isAdmin();
    return away && isKnown && redis.status() != null
        ? Future.succeededFuture(reply(exchange, id, owner, redis))
        : Future.failedFuture(failure);
  }

  private static Reply reply(Exchange exchange, Job job, RedisStatus redis) {
    requireOwner(exchange.caller(), job.owner());
    return reply(exchange, JobStatus.of(job, redis));
  }

  private static Reply reply(Exchange exchange, UUID id, UUID owner, RedisStatus redis) {
    requireOwner(exchange.caller(), owner);
    return reply(exchange, JobStatus.of(id, redis));
  }

  /** Here a service may own what it has handed in. */
  private static void requireOwner(Caller caller, UUID owner) {
    if (!caller.isAdmin() && !caller.userId().equals(owner)) {
      throw Failure.of(ErrorCode.FORBIDDEN, "This job belongs to another");
    }
  }

  private Known known(Job job) {
    int result = job.result() == null ? 0 : job.result().encode().length();
    return new Known(job, clock.instant(), USUAL_SIZE + result);
  }

  /**
   * A job as the ledger had it.
   *
   * @param size in characters, roughly
   */
  private record Known(Job job, Instant at, int size) {}

  private static Reply reply(Exchange exchange, JobStatus status) {
    Buffer body = status.json().toBuffer();
    String tag = EntityTag.weak(body, body.length());
    String known = exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH);
    Reply reply = EntityTag.matches(known, tag) ? Reply.empty(304) : Reply.rawJson(body);
    return reply.with(HttpHeaders.ETAG, tag).cached(PRIVATE);
  }
}
