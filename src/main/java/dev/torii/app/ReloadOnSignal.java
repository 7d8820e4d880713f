package dev.torii.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGHUP into a reload of the rules instead of the end of the process.
 *
 * <p>Java has no public way to hear a signal. The class that every JDK has for it is asked by name,
 * so that nothing breaks where it is missing: there SIGHUP ends the process, as it would anyway.
 */
final class ReloadOnSignal {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadOnSignal.class);

  private ReloadOnSignal() {}

  /** Runs {@code reload} at each SIGHUP, on a thread of its own. */
  static void install(Runnable reload) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object heard =
          Proxy.newProxyInstance(
              ReloadOnSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                return switch (method.getName()) {
                  case "handle" -> {
                    reload.run();
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> "reload on SIGHUP";
                };
              });
      Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
      signal.getMethod("handle", signal, handler).invoke(null, hangUp, heard);
    } catch (InvocationTargetException | IllegalArgumentException e) {
      LOG.debug("SIGHUP is not heard on this system", e);
    } catch (ReflectiveOperationException e) {
      LOG.debug("SIGHUP is not heard by this Java", e);
    }
  }
}
