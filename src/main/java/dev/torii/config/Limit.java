package dev.torii.config;

import java.time.Duration;
import java.util.List;

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
                "Name of the counter in Redis keys, for example one that another service"
                    + " counts under; by default the rule's")
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
