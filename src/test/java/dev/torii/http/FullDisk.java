package dev.torii.http;

import io.vertx.core.Vertx;
import io.vertx.core.file.FileSystem;
import io.vertx.core.file.OpenOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A disk on which files can be made, but nothing written to them. */
final class FullDisk {
  private FullDisk() {}

  /** The same Vert.x, whose files are on such a disk. */
  static Vertx of(Vertx vertx) {
    return proxy(
        Vertx.class,
        (method, args) ->
            method.getName().equals("fileSystem")
                ? files(vertx.fileSystem())
                : method.invoke(vertx, args));
  }

  private static FileSystem files(FileSystem files) {
    return proxy(
        FileSystem.class,
        (method, args) ->
            method.getName().equals("open")
                ? files
                    .createFile((String) args[0])
                    .compose(
                        made ->
                            files.open(
                                "/dev/full", new OpenOptions().setRead(false).setCreate(false)))
                : method.invoke(files, args));
  }

  private static <T> T proxy(Class<T> type, Behaviour behaviour) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              try {
                return behaviour.of(method, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** What a call of a method does. */
  private interface Behaviour {
    Object of(java.lang.reflect.Method method, Object[] args) throws ReflectiveOperationException;
  }
}
