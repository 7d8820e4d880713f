package dev.torii.audit;

import java.time.Instant;

/**
 * An entry as the log has it.
 *
 * @param sequence orders the entries of one instant; grows, with gaps
 * @param at when its transaction began
 */
public record Recorded(long sequence, Instant at, Entry entry) {}
