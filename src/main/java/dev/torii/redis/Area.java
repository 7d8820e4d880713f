package dev.torii.redis;

/** The areas of the keyspace; each lives on the server of its role unless it was given its own. */
public enum Area {
  SESSIONS(Role.STATE),
  REVOCATIONS(Role.STATE),
  LIMITS(Role.STATE),
  WRITES(Role.STATE),
  NOTIFICATIONS(Role.STATE),
  JOBS(Role.STATE),
  PROGRESS(Role.STATE),
  RESULTS(Role.STATE),
  IMAGES(Role.CACHE),
  CACHE(Role.CACHE);

  private final Role role;

  Area(Role role) {
    this.role = role;
  }

  /** Which of the two servers keeps this area. */
  public Role role() {
    return role;
  }

  /** What may happen to a server's keys: state must not be evicted, cache may. */
  public enum Role {
    STATE,
    CACHE
  }
}
