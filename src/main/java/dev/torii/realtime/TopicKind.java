package dev.torii.realtime;

import dev.torii.http.Caller;
import io.vertx.core.Future;

/** A family of topics that a feature declares, such as {@code stock} and {@code stock:<id>}. */
public interface TopicKind {
  /** What its topics begin with, up to a colon or the end. */
  String name();

  /**
   * What a topic stands for, if the caller may follow it.
   *
   * @param rest what follows the colon; null when there is none
   * @param caller null when unknown
   * @return fails with NOT_FOUND when there is no such topic, UNAUTHENTICATED when somebody has to
   *     be known, FORBIDDEN
   */
  Future<Target> open(String rest, Caller caller);

  /**
   * The part of a feed that a topic stands for.
   *
   * @param key the only one whose events are wanted, null for all
   */
  record Target(Feed feed, String key) {}
}
