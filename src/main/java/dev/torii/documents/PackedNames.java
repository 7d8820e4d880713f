package dev.torii.documents;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The names of what is packed in the beginning of a ZIP file, read without unpacking anything. */
final class PackedNames {
  private static final int ENTRY = 0x04034b50;
  private static final int NAME_LENGTH_AT = 26;
  private static final int NAME_AT = 30;
  private static final int LONGEST_NAME = 256;

  private PackedNames() {}

  /** Whether it looks like a document of a word processor; the rest is found out on reading it. */
  static boolean areOfWord(byte[] head) {
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    boolean packaged = false;
    for (int i = 0; i + NAME_AT <= head.length; i++) {
      if (head[i] == 'P' && bytes.getInt(i) == ENTRY) {
        String name = name(head, i, bytes.getShort(i + NAME_LENGTH_AT) & 0xffff);
        if (name.startsWith("word/")) {
          return true;
        }
        if (name.startsWith("xl/") || name.startsWith("ppt/") || name.startsWith("visio/")) {
          return false;
        }
        packaged |= name.equals("[Content_Types].xml") || name.equals("_rels/.rels");
      }
    }
    return packaged;
  }

  private static String name(byte[] head, int entry, int length) {
    int from = entry + NAME_AT;
    int most = Math.min(Math.min(length, LONGEST_NAME), head.length - from);
    return new String(head, from, most, StandardCharsets.UTF_8);
  }
}
