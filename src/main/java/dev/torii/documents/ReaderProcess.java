package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import dev.torii.http.UploadDirectory;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A process of its own that reads files, one at a time; see {@link ReaderMain}. It has a directory
 * for its temporary files, which is removed when the process has ended, however it did.
 */
final class ReaderProcess {
  /** What a JVM exits with under ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private final Process process;
  private final DataOutputStream questions;
  private final DataInputStream answers;
  private final CompletableFuture<Void> gone;
  private int files;
  private long idleSinceNanos;
  private volatile boolean ended;

  private ReaderProcess(Process process, Path directory) {
    this.process = process;
    this.gone = process.onExit().thenAccept(ended -> UploadDirectory.removeAll(directory));
    this.questions = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
  }

  /**
   * Starts one.
   *
   * @param scratch directory in which that for its temporary files is made
   */
  static ReaderProcess start(DocumentsConfig config, Path scratch) throws IOException {
    Path directory = Files.createTempDirectory(scratch, "reader-");
    try {
      return new ReaderProcess(command(config, directory).start(), directory);
    } catch (IOException e) {
      UploadDirectory.removeAll(directory);
      throw e;
    }
  }

  private static ProcessBuilder command(DocumentsConfig config, Path directory) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new ProcessBuilder(
            List.of(
                java,
                "-Xmx" + config.readerMemory() + "m",
                "-XX:MaxMetaspaceSize=192m",
                "-XX:MaxDirectMemorySize=32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+DisplayVMOutputToStderr", // its last words are no answer
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + directory,
                "-Duser.home=" + directory,
                "-Dlogback.configurationFile=documents/reader-logback.xml",
                "-Djavax.xml.accessExternalDTD=",
                "-Djavax.xml.accessExternalSchema=",
                "-Djavax.xml.accessExternalStylesheet=",
                "-cp",
                System.getProperty("java.class.path"),
                ReaderMain.class.getName()));
    command.environment().clear(); // it holds secrets
    command.environment().put("LC_ALL", "C.UTF-8"); // else paths may be of ASCII only
    return command.redirectError(Redirect.DISCARD);
  }

  void ask(JsonObject question) throws IOException {
    files++;
    ReaderMain.writeFrame(questions, question);
  }

  /** The next answer; EOFException when the process has ended. */
  JsonObject answer() throws IOException {
    return ReaderMain.readFrame(answers);
  }

  /** Ends it at once; whoever waits for an answer gets none. */
  void end() {
    ended = true;
    process.destroyForcibly();
  }

  /** Complete when it has ended, and its directory is removed. */
  CompletableFuture<Void> gone() {
    return gone;
  }

  /** Whether it died for want of memory; waits until it is dead. */
  boolean ranOutOfMemory() throws InterruptedException {
    return !ended && process.waitFor() == OUT_OF_MEMORY;
  }

  boolean isAlive() {
    return !ended && process.isAlive();
  }

  /** Files that it was asked for. */
  int files() {
    return files;
  }

  void idleSince(long nanos) {
    idleSinceNanos = nanos;
  }

  long idleSince() {
    return idleSinceNanos;
  }
}
