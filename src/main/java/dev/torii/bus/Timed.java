package dev.torii.bus;

/**
 * A question that is waited for until a deadline of its own, in place of the one of all others. Who
 * answers it sees how long the answer is still of use.
 */
public interface Timed extends BusMessage {
  Deadline deadline();
}
