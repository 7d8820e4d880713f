package dev.torii.failure;

/**
 * One fault of a request's input.
 *
 * @param pointer JSON pointer into the body, or {@code ?name} for a query parameter
 * @param detail what is wrong, in words that may be shown to anyone
 */
public record FieldError(String pointer, String detail) {}
