package dev.torii.bus;

/** The answer of a service that has nothing to say but that it is done. */
public record Done() implements BusMessage {
  public static final Done DONE = new Done();
}
