package dev.torii.bus;

/**
 * A typed announcement on the event bus, heard by every listener in the process.
 *
 * @param name {@code feature.event}, unique in the process
 */
public record Topic<E extends BusMessage>(String name, Class<E> event) {}
