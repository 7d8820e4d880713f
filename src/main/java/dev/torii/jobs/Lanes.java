package dev.torii.jobs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The lanes of a process, one for each type that it runs. Used on one context. */
final class Lanes {
  private final Map<String, Lane> lanes = new LinkedHashMap<>();

  void add(JobType type, AttemptRunner runner, Executor threads, Consumer<Attempt> onDone) {
    lanes.put(type.name(), new Lane(type, runner, threads, onDone));
  }

  Lane of(String type) {
    return lanes.get(type);
  }

  /** Those that are there, and those that are added later. */
  Collection<Lane> all() {
    return lanes.values();
  }

  /** There may be jobs of this type, or of any when it is null. */
  void ring(String type) {
    for (Lane lane : lanes.values()) {
      lane.rung |= type == null || lane.type.name().equals(type);
    }
  }

  /** So many attempts were taken of a type; as many as were asked for may not be all there are. */
  void taken(String type, int asked, int got) {
    Lane lane = lanes.get(type);
    lane.inHand += got;
    lane.rung |= got == asked;
  }

  /** Types of which there is room for another job. */
  List<String> hungry() {
    List<String> types = new ArrayList<>();
    for (Lane lane : lanes.values()) {
      if (lane.room() > 0) {
        types.add(lane.type.name());
      }
    }
    return types;
  }

  void beginWaiting() {
    lanes.values().forEach(Lane::beginWaiting);
  }
}
