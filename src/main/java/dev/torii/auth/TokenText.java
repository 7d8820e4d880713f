package dev.torii.auth;

/**
 * A token as a key of a map: equal to the same text only, but hashed by its end, which is random.
 *
 * <p>Each request brings the text anew, and hashing all of its 700 characters takes longer than
 * comparing them. Only verified tokens are ever keys, so nobody can choose texts of one hash.
 */
record TokenText(String text) {
  private static final int HASHED_CHARACTERS = 12;

  @Override
  public int hashCode() {
    int hash = text.length();
    for (int i = Math.max(0, text.length() - HASHED_CHARACTERS); i < text.length(); i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return hash;
  }
}
