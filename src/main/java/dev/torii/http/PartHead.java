package dev.torii.http;

import dev.torii.text.PlainLine;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the headers of a part of a form say.
 *
 * @param name of the field
 * @param fileName without directories; null when the part is no file
 */
record PartHead(String name, String fileName) {
  private static final int MOST_NAME_CHARACTERS = 200;
  private static final String UNNAMED = "file";

  /** A parameter whose value is a token or stands in quotes, where a backslash escapes. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          ";\\s*([A-Za-z*]+)=(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^\\s;\"]*))\\s*");

  private static final Pattern BOUNDARY =
      Pattern.compile("[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]");

  /**
   * Reads the headers of a part.
   *
   * @param lines from the line end before the first header to before that after the last
   * @throws dev.torii.failure.Failure MALFORMED when it is not told which field the part is
   */
  static PartHead parse(String lines) {
    String disposition = null;
    for (String line : lines.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      String header = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      if (header.equals("content-disposition")) {
        if (disposition != null) {
          throw MultipartParser.malformed("a header of a part stands twice");
        }
        disposition = value;
      }
    }
    if (disposition == null || !disposition.toLowerCase(Locale.ROOT).startsWith("form-data")) {
      throw MultipartParser.malformed("a part does not say which field it is");
    }
    String parameters = disposition.substring("form-data".length());
    String name =
        parameter(parameters, "name")
            .orElseThrow(() -> MultipartParser.malformed("a part does not say which field it is"));
    return new PartHead(name, parameter(parameters, "filename").map(PartHead::plain).orElse(null));
  }

  /**
   * The boundary that a {@code Content-Type} names.
   *
   * @throws dev.torii.failure.Failure MALFORMED when there is none, or none that can be one
   */
  static String boundary(String contentType) {
    int first = contentType.indexOf(';');
    return parameter(first < 0 ? "" : contentType.substring(first), "boundary")
        .filter(found -> BOUNDARY.matcher(found).matches())
        .orElseThrow(() -> MultipartParser.malformed("its Content-Type names no boundary"));
  }

  private static Optional<String> parameter(String parameters, String name) {
    Matcher each = PARAMETER.matcher(parameters);
    String found = null;
    int end = 0;
    while (each.find() && each.start() == end) {
      end = each.end();
      if (each.group(1).equalsIgnoreCase(name)) {
        if (found != null) {
          throw MultipartParser.malformed("a parameter stands twice");
        }
        String quoted = each.group(2);
        found = quoted == null ? each.group(3) : quoted.replaceAll("\\\\([\\\\\"])", "$1");
      }
    }
    return end == parameters.length() ? Optional.ofNullable(found) : Optional.empty();
  }

  private static String plain(String fileName) {
    String last =
        fileName.substring(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
    String line = PlainLine.of(last, MOST_NAME_CHARACTERS);
    return line.isEmpty() ? UNNAMED : line;
  }
}
