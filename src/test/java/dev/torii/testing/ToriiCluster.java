package dev.torii.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Several Torii processes on one empty PostgreSQL database and one Redis process of their own, with
 * a {@link FaultProxy} before the Redis.
 */
public final class ToriiCluster implements AutoCloseable {
  private final RedisProcess redis;
  private final FaultProxy redisProxy;
  private final List<ToriiProcess> nodes = new ArrayList<>();

  private ToriiCluster(RedisProcess redis) {
    this.redis = redis;
    this.redisProxy = FaultProxy.inFrontOf(redis.port());
  }

  /** Starts {@code size} processes at the same moment on a fresh database of the shared server. */
  public static ToriiCluster start(int size, UnaryOperator<ToriiProcess.Builder> settings) {
    return start(size, TestServices.freshDatabase(), settings);
  }

  /** As {@link #start(int, UnaryOperator)} on a given database. */
  public static ToriiCluster start(
      int size, String postgresUri, UnaryOperator<ToriiProcess.Builder> settings) {
    var cluster = new ToriiCluster(TestServices.freshRedis());
    String redisUri = cluster.redisProxy.uri(cluster.redis.uri());
    for (int i = 0; i < size; i++) {
      cluster.nodes.add(
          ToriiProcess.builder().redis(redisUri).postgres(postgresUri).with(settings).launch());
    }
    cluster.nodes.forEach(ToriiProcess::awaitReady);
    return cluster;
  }

  public ToriiProcess node(int index) {
    return nodes.get(index);
  }

  public List<ToriiProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** A client of one process. */
  public ApiClient api(int index) {
    return node(index).api();
  }

  public RedisProcess redis() {
    return redis;
  }

  /** The network between the processes and their Redis. */
  public FaultProxy redisProxy() {
    return redisProxy;
  }

  @Override
  public void close() {
    nodes.forEach(ToriiProcess::terminate);
    nodes.forEach(ToriiProcess::close);
    redisProxy.close();
    redis.close();
  }
}
