package dev.torii.jobs;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The jars of an operator with types of jobs, each with a class loader of its own for the life of
 * the process. Each names its handlers in {@code META-INF/services/dev.torii.jobs.JobHandler}.
 */
final class HandlerJars {
  private static final String SERVICES = "META-INF/services/" + JobHandler.class.getName();

  private final List<String> faults;

  /**
   * @param faults to which is added what cannot be read
   */
  HandlerJars(List<String> faults) {
    this.faults = faults;
  }

  /** The handlers of each jar by its name; of one that is faulty there are none. */
  Map<String, List<JobHandler>> read(String directory) {
    Map<String, List<JobHandler>> handlers = new TreeMap<>();
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      files
          .filter(file -> file.toString().endsWith(".jar"))
          .forEach(jar -> handlers.put(jar.getFileName().toString(), readJar(jar)));
    } catch (IOException e) {
      faults.add("jobs.handlersDir: " + directory + " is not a directory that can be read");
    }
    return handlers;
  }

  private List<JobHandler> readJar(Path file) {
    String name = "jobs.handlersDir: " + file.getFileName();
    try (var jar = new JarFile(file.toFile())) {
      if (jar.getEntry(SERVICES) == null) {
        faults.add(name + " has no " + SERVICES);
        return List.of();
      }
      return instances(file);
    } catch (IOException e) {
      faults.add(name + " is not a jar that can be read");
    } catch (ServiceConfigurationError | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      faults.add(name + ": " + e.getMessage() + (cause == e ? "" : " (" + cause + ")"));
    }
    return List.of();
  }

  /** Nobody closes the loader: its classes are needed for as long as the process lives. */
  private static List<JobHandler> instances(Path file) throws IOException {
    URL[] urls = {file.toUri().toURL()};
    var loader = new URLClassLoader(urls, JobHandler.class.getClassLoader());
    List<JobHandler> handlers = new ArrayList<>();
    ServiceLoader.load(JobHandler.class, loader).forEach(handlers::add);
    return handlers;
  }
}
