package dev.torii.documents;

import io.vertx.core.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The process that reads files, which may do it harm: it has its own memory, nothing of the
 * environment, and no way to the network by a URL. It is asked by its standard input and answers by
 * its standard output, in frames: the length (4 bytes), then JSON. It ends with its parent.
 *
 * <p>Asked with {@code file} and {@code media_type}, it tells {@code stage} and {@code percent} now
 * and then, the text as one {@code chunk} after the other, and either {@code end}, {@code fault} or
 * {@code broken_off}. With {@code last} it reads no other file.
 */
final class ReaderMain {
  /** Bytes of the largest frame. */
  static final int LARGEST_FRAME = 1 << 20;

  private static final Set<String> REMOTE = Set.of("http", "https", "ftp", "mailto");

  private final DataOutputStream out;
  private Languages languages;

  private ReaderMain(DataOutputStream out) {
    this.out = out;
  }

  /** Serves until the input ends. */
  public static void main(String[] args) throws IOException {
    var answers = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    URL.setURLStreamHandlerFactory(protocol -> REMOTE.contains(protocol) ? new Refusing() : null);
    var reader = new ReaderMain(new DataOutputStream(answers));
    var in = new DataInputStream(System.in);
    try {
      while (true) {
        JsonObject asked = readFrame(in);
        // this thread goes on listening, so that it hears when the parent has died
        new Thread(() -> reader.serve(asked), "reader").start();
      }
    } catch (EOFException e) {
      Runtime.getRuntime().halt(0);
    }
  }

  /** Reads one frame; EOFException when there is none any more. */
  static JsonObject readFrame(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 2 || length > LARGEST_FRAME) {
      throw new IOException("a frame of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new JsonObject(new String(bytes, StandardCharsets.UTF_8));
  }

  static void writeFrame(DataOutputStream out, JsonObject frame) throws IOException {
    byte[] bytes = frame.toBuffer().getBytes();
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }

  private void serve(JsonObject asked) {
    try {
      JsonObject end = read(asked);
      tell(new JsonObject().put("end", end));
    } catch (ReaderException e) {
      boolean last = e.getCause() instanceof Error; // who knows what state that has left
      tellOrHalt(fault(e.fault()), last);
    } catch (StackOverflowError e) {
      tellOrHalt(fault(ReaderFault.TOO_DEEP), true);
    } catch (Throwable t) {
      tellOrHalt(new JsonObject().put("broken_off", t.getClass().getName()), true);
    }
  }

  private static JsonObject fault(ReaderFault fault) {
    return new JsonObject().put("fault", fault.spelling());
  }

  /** Nobody would hear of what is thrown here, so the process ends with it. */
  private void tellOrHalt(JsonObject frame, boolean last) {
    boolean told = false;
    try {
      tell(frame.put("last", last));
      told = true;
    } finally {
      if (last || !told) {
        Runtime.getRuntime().halt(1);
      }
    }
  }

  private JsonObject read(JsonObject asked) throws ReaderException {
    var reader =
        new TextReader(
            asked.getInteger("max_characters"),
            asked.getInteger("max_pages"),
            asked.getLong("max_unpacked_bytes"));
    MediaType type = MediaType.of(asked.getString("media_type"));
    stage("extracting", 15);
    ReadText read = reader.read(Path.of(asked.getString("file")), type, this::page);
    stage("detecting-language", 60);
    String language = language(read.text());
    stage("splitting", 65);
    List<String> chunks = TextSplitter.split(read.text(), asked.getInteger("chunk_characters"));
    tell(new JsonObject().put("chunks", chunks.size()).put("language", language));
    chunks.forEach(chunk -> tell(new JsonObject().put("chunk", chunk)));
    return new JsonObject()
        .put("pages", read.pages())
        .put("title", read.title())
        .put("metadata", read.metadata())
        .put("truncated", read.truncated())
        .put("characters", read.text().length());
  }

  private String language(String text) {
    if (languages == null) {
      languages = new Languages();
    }
    return languages.detect(text);
  }

  private void page(int page, int pages) {
    int percent = pages == 0 ? 20 : 15 + (int) (45L * page / Math.max(page, pages));
    tell(
        new JsonObject()
            .put("stage", "extracting")
            .put("percent", percent)
            .put("message", "page " + page + (pages == 0 ? "" : " of " + pages)));
  }

  private void stage(String stage, int percent) {
    tell(new JsonObject().put("stage", stage).put("percent", percent));
  }

  private synchronized void tell(JsonObject frame) {
    try {
      writeFrame(out, frame);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the parent has gone, and so goes this process
    }
  }

  /** What is elsewhere is not read. */
  private static final class Refusing extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      throw new IOException("files are read without the network");
    }
  }
}
