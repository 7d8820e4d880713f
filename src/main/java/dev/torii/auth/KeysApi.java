package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
import dev.torii.tokens.KeyDescription;
import java.time.Duration;
import java.util.List;

/** What other packages may do about signing keys. */
public final class KeysApi {
  /** All keys, the latest to sign first, retired ones among them. */
  public static final Address<ListKeys, KeyList> LIST =
      new Address<>("keys.list", ListKeys.class, KeyList.class);

  /** Makes the next signing key; CONFLICT when the keys are the operator's or too many. */
  public static final Address<Rotate, NewKey> ROTATE =
      new Address<>("keys.rotate", Rotate.class, NewKey.class);

  /** Takes a key out of use; NOT_FOUND, or CONFLICT when the keys are the operator's. */
  public static final Address<Retire, Done> RETIRE =
      new Address<>("keys.retire", Retire.class, Done.class);

  /** Waits until the keys of all processes are known that were there before the question. */
  static final Address<NextReading, Done> NEXT_READING =
      new Address<>("keys.next-reading", NextReading.class, Done.class);

  /**
   * Longest wait for a new key: two random primes are found in 0.2 s mostly, and in seconds where
   * the machine is busy.
   */
  private static final Duration MAKING = Duration.ofSeconds(6);

  private KeysApi() {}

  record NextReading() implements BusMessage {}

  /** Asks for all keys. */
  public record ListKeys() implements BusMessage {}

  /** Keys without their private halves. */
  public record KeyList(List<KeyDescription> keys) implements BusMessage {}

  /**
   * Asks for a new key.
   *
   * @param atOnce sign with it before caches know it
   */
  public record Rotate(Actor actor, boolean atOnce, Deadline deadline) implements Timed {
    public Rotate(Actor actor, boolean atOnce) {
      this(actor, atOnce, Deadline.in(MAKING));
    }
  }

  /** The key that was made. */
  public record NewKey(KeyDescription key) implements BusMessage {}

  /** Names the key that nothing may be accepted of any more; a new one may be made in its place. */
  public record Retire(Actor actor, String kid, Deadline deadline) implements Timed {
    public Retire(Actor actor, String kid) {
      this(actor, kid, Deadline.in(MAKING));
    }
  }
}
