package dev.torii.bus;

/**
 * Marks what may travel over the local event bus without being copied.
 *
 * <p>Implementations are records of immutable parts: the same object is seen by several threads.
 */
public interface BusMessage {}
