package dev.torii.bus;

/**
 * A typed place on the event bus: who asks {@code Q} there is answered with {@code R}.
 *
 * @param name {@code feature.verb}, unique in the process
 */
public record Address<Q extends BusMessage, R extends BusMessage>(
    String name, Class<Q> question, Class<R> answer) {}
