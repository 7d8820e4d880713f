package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that reads files, one at a time; see {@link ReaderMain}. */
final class ReaderProcess {
  /** What a JVM exits with under ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private final Process process;
  private final DataOutputStream questions;
  private final DataInputStream answers;
  private int files;
  private long idleSinceNanos;
  private volatile boolean ended;

  private ReaderProcess(Process process) {
    this.process = process;
    this.questions = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
  }

  /**
   * Starts one.
   *
   * @param scratch directory for its temporary files
   */
  static ReaderProcess start(DocumentsConfig config, Path scratch) throws IOException {
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
                "-Djava.io.tmpdir=" + scratch,
                "-Duser.home=" + scratch,
                "-Dlogback.configurationFile=documents/reader-logback.xml",
                "-Djavax.xml.accessExternalDTD=",
                "-Djavax.xml.accessExternalSchema=",
                "-Djavax.xml.accessExternalStylesheet=",
                "-cp",
                System.getProperty("java.class.path"),
                ReaderMain.class.getName()));
    command.environment().clear(); // it holds secrets
    command.environment().put("LC_ALL", "C.UTF-8"); // else paths may be of ASCII only
    return new ReaderProcess(command.redirectError(Redirect.DISCARD).start());
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

  /** Whether it died for want of memory; waits until it is dead. */
  boolean ranOutOfMemory() throws InterruptedException {
    return !ended && process.waitFor() == OUT_OF_MEMORY;
  }

  boolean isAlive() {
    return !ended && process.isAlive();
  }

  long pid() {
    return process.pid();
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
