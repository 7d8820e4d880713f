package dev.torii.jobs;

/**
 * Why an attempt did not succeed, as it is shown.
 *
 * @param type simple name of the exception, such as {@code TimeoutException}
 * @param module its package
 * @param message never null
 */
record JobFault(String type, String module, String message) {}
