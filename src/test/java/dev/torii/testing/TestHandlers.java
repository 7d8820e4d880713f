package dev.torii.testing;

import dev.torii.jobs.JobHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jars with types of jobs, made as a user would make them. */
public final class TestHandlers {
  private TestHandlers() {}

  /** A directory with a jar of all {@link TestJobs}, one for the JVM. */
  public static Path directory() {
    return Shared.DIRECTORY;
  }

  /** Lets a process run {@link TestJobs}. */
  public static UnaryOperator<ToriiProcess.Builder> settings() {
    return process -> process.env("TORII_JOBS_HANDLERS_DIR", directory().toString());
  }

  /**
   * Writes a jar that offers these handlers, which need a public constructor without parameters.
   */
  public static void jar(Path file, List<Class<? extends JobHandler>> handlers) {
    List<Class<?>> classes = new ArrayList<>();
    handlers.forEach(handler -> withAllItNeeds(handler, classes));
    String services = handlers.stream().map(Class::getName).collect(Collectors.joining("\n"));
    try (OutputStream out = Files.newOutputStream(file);
        var jar = new JarOutputStream(out)) {
      write(
          jar,
          "META-INF/services/" + JobHandler.class.getName(),
          services.getBytes(StandardCharsets.UTF_8));
      for (Class<?> type : classes) {
        String entry = type.getName().replace('.', '/') + ".class";
        try (InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
          write(jar, entry, in.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void withAllItNeeds(Class<?> type, List<Class<?>> classes) {
    if (type == null || type == Object.class || classes.contains(type)) {
      return;
    }
    classes.add(type);
    withAllItNeeds(type.getSuperclass(), classes);
    withAllItNeeds(type.getEnclosingClass(), classes);
  }

  private static void write(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content);
    jar.closeEntry();
  }

  private static final class Shared {
    static final Path DIRECTORY = make();

    private static Path make() {
      Path directory = TempDirectories.create("handlers");
      AtExit.close(() -> TempDirectories.delete(directory));
      jar(directory.resolve("test-jobs.jar"), all());
      return directory;
    }

    private static List<Class<? extends JobHandler>> all() {
      return Stream.of(TestJobs.class.getDeclaredClasses())
          .filter(type -> java.lang.reflect.Modifier.isPublic(type.getModifiers()))
          .<Class<? extends JobHandler>>map(type -> type.asSubclass(JobHandler.class))
          .toList();
    }
  }
}
