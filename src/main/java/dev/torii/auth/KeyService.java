package dev.torii.auth;

import dev.torii.auth.KeysApi.KeyList;
import dev.torii.auth.KeysApi.ListKeys;
import dev.torii.auth.KeysApi.NewKey;
import dev.torii.auth.KeysApi.Retire;
import dev.torii.auth.KeysApi.Rotate;
import dev.torii.bus.Done;
import dev.torii.failure.Trouble;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.tokens.KeyRotation;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes signing keys, and tells this process and the others of it. */
final class KeyService {
  private static final Logger LOG = LoggerFactory.getLogger(KeyService.class);

  private final KeyRotation rotation;
  private final RevocationFollower follower;
  private final RedisClient redis;

  KeyService(KeyRotation rotation, RevocationFollower follower, RedisClient redis) {
    this.rotation = rotation;
    this.follower = follower;
    this.redis = redis;
  }

  Future<KeyList> list(ListKeys question) {
    return rotation.list().map(KeyList::new);
  }

  Future<NewKey> rotate(Rotate question) {
    return rotation
        .rotate(question.actor(), question.atOnce())
        .compose(key -> tell().map(new NewKey(key)));
  }

  Future<Done> retire(Retire question) {
    return rotation
        .retire(question.actor(), question.kid())
        .compose(retired -> tell())
        .map(Done.DONE);
  }

  /** Does what is due of the life of keys. */
  void tend() {
    rotation.prepare();
    rotation
        .tend()
        .compose(changed -> changed ? tell() : Future.succeededFuture())
        .onFailure(t -> Trouble.warn(LOG, "signing keys were not looked after; trying again", t));
  }

  /** Completes when this process knows; the others hear the bell, or read by their own clock. */
  private Future<Void> tell() {
    redis
        .send(RedisCall.publish(Keys.KEYS_BELL, ""))
        .onFailure(t -> LOG.debug("the bell of keys was not rung", t));
    return follower.catchUp();
  }
}
