package dev.torii.documents;

import java.util.Map;
import org.apache.tika.langdetect.optimaize.OptimaizeLangDetector;
import org.apache.tika.language.detect.LanguageDetector;
import org.apache.tika.language.detect.LanguageResult;

/** Which language a text is in, and how PostgreSQL searches in it. */
final class Languages {
  /** More would not change the answer. */
  private static final int CHARACTERS_READ = 20_000;

  /** Configurations of text search that every PostgreSQL from 13 has. */
  private static final Map<String, String> CONFIGURATIONS =
      Map.ofEntries(
          Map.entry("ar", "arabic"),
          Map.entry("da", "danish"),
          Map.entry("de", "german"),
          Map.entry("el", "greek"),
          Map.entry("en", "english"),
          Map.entry("es", "spanish"),
          Map.entry("fi", "finnish"),
          Map.entry("fr", "french"),
          Map.entry("ga", "irish"),
          Map.entry("hu", "hungarian"),
          Map.entry("id", "indonesian"),
          Map.entry("it", "italian"),
          Map.entry("lt", "lithuanian"),
          Map.entry("ne", "nepali"),
          Map.entry("nl", "dutch"),
          Map.entry("no", "norwegian"),
          Map.entry("pt", "portuguese"),
          Map.entry("ro", "romanian"),
          Map.entry("ru", "russian"),
          Map.entry("sv", "swedish"),
          Map.entry("ta", "tamil"),
          Map.entry("tr", "turkish"));

  private final LanguageDetector detector = new OptimaizeLangDetector().loadModels();

  /** The ISO 639-1 code, for Chinese with its script; null when it is not clear. */
  String detect(String text) {
    detector.reset();
    detector.addText(text.substring(0, Math.min(text.length(), CHARACTERS_READ)));
    LanguageResult result = detector.detect();
    return result.isUnknown() || !result.isReasonablyCertain() ? null : result.getLanguage();
  }

  /** The configuration of text search for a language, {@code simple} where there is none. */
  static String configuration(String language) {
    return language == null ? "simple" : CONFIGURATIONS.getOrDefault(language, "simple");
  }
}
