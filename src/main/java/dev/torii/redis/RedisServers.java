package dev.torii.redis;

import dev.torii.config.RedisConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Which server keeps which area: the area's own URI, else its role's, else the common one. */
public final class RedisServers {
  private final Map<Area, String> uris = new EnumMap<>(Area.class);

  /** Resolves a {@code redis} section in which every area has a server. */
  public RedisServers(RedisConfig config) {
    for (Area area : Area.values()) {
      String role = area.role() == Area.Role.STATE ? config.stateUri() : config.cacheUri();
      String own = config.areas().get(area.name().toLowerCase(Locale.ROOT));
      uris.put(area, own != null ? own : role.isEmpty() ? config.uri() : role);
    }
  }

  String uri(Area area) {
    return uris.get(area);
  }

  /** The areas of each server. */
  Map<String, List<Area>> byUri() {
    Map<String, List<Area>> servers = new LinkedHashMap<>();
    uris.forEach((area, uri) -> servers.computeIfAbsent(uri, u -> new ArrayList<>()).add(area));
    return servers;
  }

  /** A name for logs and metrics: what a server keeps, never where it is. */
  static String name(List<Area> areas) {
    if (areas.size() == Area.values().length) {
      return "all";
    }
    return areas.stream()
        .map(area -> area.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining("+"));
  }
}
