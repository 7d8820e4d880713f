package dev.torii.failure;

/**
 * One fault of a request's input.
 *
 * @param pointer JSON pointer into the body, {@code ?name} for a query parameter, or the name of a
 *     header
 * @param detail what is wrong, in words that may be shown to anyone
 */
public record FieldError(String pointer, String detail) {}
