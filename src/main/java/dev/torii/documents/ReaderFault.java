package dev.torii.documents;

import java.util.Locale;

/** Why a file cannot be read, now or ever. */
enum ReaderFault {
  ENCRYPTED("The file is encrypted"),
  BROKEN("The file is broken, or not what it seems to be"),
  TOO_LARGE("The file is too large when it is unpacked"),
  TOO_DEEP("The file is nested too deeply"),
  TOO_MANY_PAGES("The file has too many pages");

  private final String words;

  ReaderFault(String words) {
    this.words = words;
  }

  /** What is shown to whoever has sent the file. */
  String words() {
    return words;
  }

  String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The fault of that spelling; BROKEN for what is none. */
  static ReaderFault of(String spelling) {
    for (ReaderFault fault : values()) {
      if (fault.spelling().equals(spelling)) {
        return fault;
      }
    }
    return BROKEN;
  }
}
