package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What operators may ask of the caches. */
public final class CachesApi {
  /** What this process counted, and all processes together. */
  public static final Address<ShowFigures, Figures> FIGURES =
      new Address<>("caches.figures", ShowFigures.class, Figures.class);

  /** Sets the figures of this process and the shared totals to zero. */
  public static final Address<ResetFigures, Done> RESET =
      new Address<>("caches.reset", ResetFigures.class, Done.class);

  /** Drops all entries of a group; NOT_FOUND when no cache is in it. */
  public static final Address<DropGroup, Done> DROP_GROUP =
      new Address<>("caches.drop-group", DropGroup.class, Done.class);

  /**
   * Drops one entry; NOT_FOUND when there is no such cache or its entries have other ids,
   * UNAVAILABLE when Redis is away, and then it is dropped when that is back.
   */
  public static final Address<DropEntry, Done> DROP_ENTRY =
      new Address<>("caches.drop-entry", DropEntry.class, Done.class);

  /** Drops the entry of a user in every cache that has one a user; UNAVAILABLE as above. */
  public static final Address<DropUser, Done> DROP_USER =
      new Address<>("caches.drop-user", DropUser.class, Done.class);

  private CachesApi() {}

  /** Asks for the figures. */
  public record ShowFigures() implements BusMessage {}

  /**
   * The figures.
   *
   * @param shared totals of all processes, null while Redis is away
   * @param breakerOpen whether this process leaves Redis out as a cache, because it failed
   */
  public record Figures(List<CacheCounts> caches, Totals shared, boolean breakerOpen)
      implements BusMessage {}

  /**
   * What one cache counted since the last reset.
   *
   * @param levels reads by level and outcome
   * @param work loads and all else
   */
  public record CacheCounts(
      String name, Map<String, Map<String, Long>> levels, Map<String, Long> work) {}

  /** Reads of all processes. */
  public record Totals(long hits, long misses) {}

  /** Names who sets the figures to zero. */
  public record ResetFigures(Actor by) implements BusMessage {}

  /**
   * Names a group.
   *
   * @param cacheOnly whether it has to be the name of a cache
   */
  public record DropGroup(Actor by, String group, boolean cacheOnly) implements BusMessage {}

  /** Names one entry of a cache. */
  public record DropEntry(Actor by, String cache, String key) implements BusMessage {}

  /** Names a user. */
  public record DropUser(Actor by, UUID userId) implements BusMessage {}
}
