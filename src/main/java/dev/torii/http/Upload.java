package dev.torii.http;

import java.nio.file.Path;

/**
 * A file that a client has sent, whole, and that lies on disk until its request is answered.
 *
 * @param file readable by this process alone; deleted when the handler's future completes
 * @param size bytes, 1 or more
 * @param fileName as the client says, without directories and hidden characters, 1-200 characters
 */
public record Upload(Path file, long size, String fileName) {}
