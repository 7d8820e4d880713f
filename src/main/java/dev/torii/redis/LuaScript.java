package dev.torii.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A script and the hash by which Redis knows it.
 *
 * @param name file name under {@code /lua} without its ending
 */
public record LuaScript(String name, String source, String sha1) {

  /**
   * Reads {@code /lua/<name>.lua} from the jar.
   *
   * @throws IllegalArgumentException when there is no such file
   */
  public static LuaScript load(String name) {
    try (InputStream in = LuaScript.class.getResourceAsStream("/lua/" + name + ".lua")) {
      if (in == null) {
        throw new IllegalArgumentException("no script " + name);
      }
      byte[] source = in.readAllBytes();
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(source);
      return new LuaScript(
          name, new String(source, StandardCharsets.UTF_8), HexFormat.of().formatHex(hash));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
