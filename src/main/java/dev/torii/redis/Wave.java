package dev.torii.redis;

import dev.torii.redis.RedisApi.Results;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Arrays;

/** Collects the results of calls that are awaited together, whichever server answers them. */
final class Wave {
  private final RedisResult[] results;
  private final Promise<Results> promise = Promise.promise();
  private int missing;

  Wave(int size) {
    this.results = new RedisResult[size];
    this.missing = size;
  }

  void set(int index, RedisResult result) {
    results[index] = result;
    if (--missing == 0) {
      promise.complete(new Results(Arrays.asList(results)));
    }
  }

  Future<Results> results() {
    return promise.future();
  }
}
