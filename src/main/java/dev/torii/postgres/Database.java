package dev.torii.postgres;

import dev.torii.config.PgConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL with deadlines: a bounded pool whose every use ends, with an answer or a {@link
 * Failure}.
 *
 * <p>The server ends a slow statement itself ({@code statement_timeout}). When not even that
 * arrives, and no other statement was answered meanwhile either, the link is dead in a way TCP has
 * not noticed; then the whole pool is thrown away and made anew, because a connection with an
 * unanswered statement cannot be used by another request.
 */
public final class Database {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /** How much later than the server's own limit an answer is given up. */
  private static final Duration NETWORK_ALLOWANCE = Duration.ofMillis(200);

  /**
   * Begins a statement that is planned each time, with the table as it is then.
   *
   * <p>PostgreSQL otherwise keeps the plan of a statement that was run a few times, until the table
   * is analysed: that of a table which was nearly empty then and has a hundred thousand rows now
   * can take a thousand times longer. Planning costs some tenths of a millisecond, so this is for
   * statements of many rows on tables that grow quickly.
   */
  public static final String PLANNED_ANEW = "/* planned anew */ ";

  /** Each takes as long as the wait for a connection may. */
  private static final int TRIES_AT_START = 10;

  private final Vertx vertx;
  private final PgConnectOptions connectOptions;
  private final NetClientOptions netOptions;
  private final PoolOptions poolOptions;
  private final long deadlineMillis;
  private final AtomicReference<Pool> pool = new AtomicReference<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile int triesForAConnection = 1;
  private volatile long lastAnswerNanos = System.nanoTime();
  private final Timer statements;
  private final MeterRegistry registry;

  /**
   * A pool that connects when it is first used.
   *
   * @param uri {@code postgresql://user:password@host:port/database}
   */
  public Database(Vertx vertx, String uri, PgConfig config, MeterRegistry registry) {
    this.vertx = vertx;
    this.registry = registry;
    this.connectOptions =
        PgConnectOptions.fromUri(uri)
            .setProperties(
                Map.of(
                    "application_name",
                    "torii",
                    "statement_timeout",
                    Long.toString(config.statementTimeout().toMillis()),
                    "idle_in_transaction_session_timeout",
                    Long.toString(config.statementTimeout().toMillis() * 2),
                    "TimeZone",
                    "UTC"))
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheMaxSize(256)
            .setPreparedStatementCacheSqlFilter(sql -> !sql.startsWith(PLANNED_ANEW))
            .setReconnectAttempts(0);
    this.netOptions =
        new NetClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true);
    this.poolOptions =
        new PoolOptions()
            .setMaxSize(config.poolSize())
            .setMaxWaitQueueSize(config.maxWaiting())
            .setConnectionTimeout((int) config.acquireTimeout().toMillis())
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout(600)
            .setMaxLifetime(3600)
            .setMaxLifetimeUnit(TimeUnit.SECONDS);
    this.deadlineMillis = longestUse(config).toMillis();
    this.statements =
        Timer.builder("torii.sql.duration")
            .description("Time of one use of the database, waiting for a connection included")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(500))
            .register(registry);
    Gauge.builder("torii.sql.under.way", underWay, AtomicInteger::get)
        .description("Uses of the database that have not ended")
        .register(registry);
    Gauge.builder("torii.sql.connections", this, db -> db.pool.get().size())
        .description("Open connections")
        .register(registry);
    pool.set(open());
  }

  /**
   * Runs single statements, each on any free connection.
   *
   * @return what {@code statements} gives; fails with UNAVAILABLE when no connection is to be had,
   *     TIMEOUT when a statement took too long, and the server's own error otherwise
   */
  public <T> Future<T> run(Function<SqlClient, Future<T>> statements) {
    return guarded(statements::apply);
  }

  /**
   * As {@link #run}, in one transaction that is committed when the future succeeds. What took so
   * long that its caller was told of a failure is rolled back.
   */
  public <T> Future<T> inTransaction(Function<SqlConnection, Future<T>> statements) {
    long startedNanos = System.nanoTime();
    return guarded(
        current ->
            current.withTransaction(
                tx -> statements.apply(tx).compose(result -> inTime(startedNanos, result))));
  }

  /** The longest time that one use may take, whatever happens. */
  public static Duration longestUse(PgConfig config) {
    return config.statementTimeout().plus(NETWORK_ALLOWANCE);
  }

  private <T> Future<T> inTime(long startedNanos, T result) {
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    return tookMillis < deadlineMillis
        ? Future.succeededFuture(result)
        : Future.failedFuture(Failure.of(ErrorCode.TIMEOUT, "The database took too long"));
  }

  /**
   * Whether a single statement, or a transaction, that failed so was never sent: no connection was
   * to be had, in time or at all. Of any other silence nobody knows whether it was committed.
   */
  public static boolean sentNothing(Throwable failure) {
    Throwable cause = failure instanceof Failure ? failure.getCause() : failure;
    return cause instanceof ConnectException || gotNoConnection(cause);
  }

  /** Completes when the server answers a statement. */
  public Future<Void> ping() {
    return run(db -> db.query("SELECT 1").execute()).mapEmpty();
  }

  /**
   * Completes when the server has answered once. The first connection of a process takes longest,
   * and longer than a request may wait on a busy machine, so slowness alone is tried again.
   *
   * @param patience how long to go on; a server that refuses is not asked again
   */
  public Future<Void> firstAnswer(Duration patience) {
    long startedNanos = System.nanoTime();
    return ping()
        .recover(
            t -> {
              Duration left = patience.minusNanos(System.nanoTime() - startedNanos);
              return isSlow(t) && !left.isNegative() ? firstAnswer(left) : Future.failedFuture(t);
            });
  }

  private static boolean isSlow(Throwable t) {
    return t instanceof Failure
        && (t.getCause() instanceof TimeoutException || t.getCause() instanceof VertxException);
  }

  /** Closes every connection. */
  public Future<Void> close() {
    return pool.get().close();
  }

  /**
   * From now until {@link #started}, who gets no connection in time tries again: the first ones of
   * a process take long on a busy machine, and nobody waits for an answer yet.
   */
  public void starting() {
    triesForAConnection = TRIES_AT_START;
  }

  /** Requests are served, and wait no longer than they may. */
  public void started() {
    triesForAConnection = 1;
  }

  private <T> Future<T> guarded(Function<Pool, Future<T>> use) {
    return guarded(use, triesForAConnection);
  }

  /** Who got no connection has sent nothing, so that another try does no harm. */
  private <T> Future<T> guarded(Function<Pool, Future<T>> use, int tries) {
    return once(use)
        .recover(
            t ->
                tries > 1 && gotNoConnection(t.getCause())
                    ? guarded(use, tries - 1)
                    : Future.failedFuture(t));
  }

  private static boolean gotNoConnection(Throwable cause) {
    return cause instanceof VertxException && !(cause instanceof ClosedConnectionException);
  }

  private <T> Future<T> once(Function<Pool, Future<T>> use) {
    Pool current = pool.get();
    long startedNanos = System.nanoTime();
    underWay.incrementAndGet();
    return withDeadline(Future.succeededFuture(current).compose(use))
        .onComplete(
            done -> {
              long now = System.nanoTime();
              underWay.decrementAndGet();
              statements.record(now - startedNanos, TimeUnit.NANOSECONDS);
              if (done.succeeded() || done.cause() instanceof PgException) {
                lastAnswerNanos = now;
              }
            })
        .recover(t -> Future.failedFuture(translate(t, current, startedNanos)));
  }

  /** As Future.timeout, but without a thread of its own: what follows stays on this context. */
  private <T> Future<T> withDeadline(Future<T> answer) {
    Promise<T> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            deadlineMillis,
            late ->
                promise.tryFail(new TimeoutException("no answer in " + deadlineMillis + " ms")));
    answer.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            promise.tryComplete(done.result());
          } else {
            promise.tryFail(done.cause());
          }
        });
    return promise.future();
  }

  private Throwable translate(Throwable t, Pool used, long startedNanos) {
    if (t instanceof TimeoutException) {
      boolean silent = lastAnswerNanos - startedNanos < 0;
      if (silent) {
        replace(used);
      }
      return Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time", t);
    }
    if (t instanceof PgException error) {
      return switch (SqlState.of(error)) {
        case CANCELLED -> Failure.of(ErrorCode.TIMEOUT, "The database took too long", t);
        case NOT_SERVING -> Failure.of(ErrorCode.UNAVAILABLE, "The database is away", t);
        case OTHER -> t;
      };
    }
    boolean fromTheLink =
        t instanceof IOException || (t instanceof VertxException && !(t instanceof Failure));
    return fromTheLink ? Failure.of(ErrorCode.UNAVAILABLE, "The database is away", t) : t;
  }

  private void replace(Pool dead) {
    Pool fresh = open();
    if (pool.compareAndSet(dead, fresh)) {
      LOG.warn(
          "PostgreSQL did not answer within {} ms; its connections are replaced", deadlineMillis);
      registry.counter("torii.sql.pool.replaced").increment();
      dead.close().onFailure(t -> LOG.debug("closing the dead pool", t));
    } else {
      fresh.close().onFailure(t -> LOG.debug("closing an unneeded pool", t));
    }
  }

  private Pool open() {
    return PgBuilder.pool()
        .using(vertx)
        .connectingTo(connectOptions)
        .with(netOptions)
        .with(poolOptions)
        .build();
  }
}
