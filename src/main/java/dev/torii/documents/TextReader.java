package dev.torii.documents;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.exception.WriteLimitReachedException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.Office;
import org.apache.tika.metadata.PagedText;
import org.apache.tika.metadata.Property;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.microsoft.OfficeParserConfig;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.pdf.PDFParser;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.apache.tika.parser.txt.TXTParser;
import org.apache.tika.sax.BodyContentHandler;
import org.apache.tika.sax.SecureContentHandler;
import org.apache.tika.sax.WriteOutContentHandler;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/**
 * Reads the text out of files of any kind, with Apache Tika. It does so in a process of its own:
 * see {@link ReaderMain}.
 */
final class TextReader {
  private static final int DEEPEST = 1000;
  private static final int MOST_ENTRIES = 10_000;
  private static final int LONGEST_VALUE = 500;

  private static final Map<String, Property> DESCRIPTIONS = new LinkedHashMap<>();

  static {
    DESCRIPTIONS.put("author", TikaCoreProperties.CREATOR);
    DESCRIPTIONS.put("subject", TikaCoreProperties.SUBJECT);
    DESCRIPTIONS.put("description", TikaCoreProperties.DESCRIPTION);
    DESCRIPTIONS.put("publisher", TikaCoreProperties.PUBLISHER);
    DESCRIPTIONS.put("keywords", Office.KEYWORDS);
    DESCRIPTIONS.put("created", TikaCoreProperties.CREATED);
    DESCRIPTIONS.put("modified", TikaCoreProperties.MODIFIED);
    DESCRIPTIONS.put("creator_tool", TikaCoreProperties.CREATOR_TOOL);
  }

  private final int maxCharacters;
  private final int maxPages;
  private final long maxUnpackedBytes;

  TextReader(int maxCharacters, int maxPages, long maxUnpackedBytes) {
    this.maxCharacters = maxCharacters;
    this.maxPages = maxPages;
    this.maxUnpackedBytes = maxUnpackedBytes;
  }

  /**
   * Reads a file.
   *
   * @param progress told the page that is read and how many there are, 0 when that is not known
   * @throws ReaderException when it cannot be read
   */
  ReadText read(Path file, MediaType type, BiConsumer<Integer, Integer> progress)
      throws ReaderException {
    if (type == MediaType.DOCX) {
      requireSmall(file);
    }
    var metadata = new Metadata();
    var text = new WriteOutContentHandler(maxCharacters);
    boolean truncated = false;
    var pages = new PageCounter[1];
    try (TikaInputStream in = TikaInputStream.get(file)) {
      var secure = new SecureContentHandler(new BodyContentHandler(text), in);
      secure.setMaximumDepth(DEEPEST);
      pages[0] =
          new PageCounter(secure, maxPages, n -> progress.accept(n, count(metadata).orElse(0)));
      try {
        parse(parser(type), in, pages[0], metadata, secure);
      } catch (SAXException | TikaException e) {
        truncated = WriteLimitReachedException.isWriteLimitReached(e);
        if (!truncated) {
          throw e;
        }
      }
    } catch (IOException | SAXException | TikaException | RuntimeException | LinkageError e) {
      throw new ReaderException(fault(e), e);
    } catch (StackOverflowError e) {
      throw new ReaderException(ReaderFault.TOO_DEEP, e);
    }
    int counted = pages[0].pages();
    return new ReadText(
        CleanText.of(text.toString()),
        count(metadata).orElse(counted == 0 ? null : Integer.valueOf(counted)),
        CleanText.line(title(type, metadata, text.toString()), LONGEST_VALUE),
        described(metadata),
        truncated);
  }

  private static String title(MediaType type, Metadata metadata, String text) {
    return type == MediaType.MARKDOWN
        ? MarkdownTitle.of(text)
        : metadata.get(TikaCoreProperties.TITLE);
  }

  private static void parse(
      Parser parser,
      InputStream in,
      ContentHandler handler,
      Metadata metadata,
      SecureContentHandler secure)
      throws IOException, SAXException, TikaException {
    try {
      parser.parse(in, handler, metadata, context());
    } catch (SAXException e) {
      secure.throwIfCauseOf(e);
      throw e;
    }
  }

  private static Parser parser(MediaType type) {
    return switch (type) {
      case PDF -> new PDFParser();
      case DOCX -> new OOXMLParser();
      case HTML -> new JSoupParser();
      case MARKDOWN, TEXT -> new TXTParser();
    };
  }

  private static ParseContext context() {
    var pdf = new PDFParserConfig();
    pdf.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
    pdf.setExtractInlineImages(false);
    pdf.setExtractActions(false);
    pdf.setExtractIncrementalUpdateInfo(false);
    var office = new OfficeParserConfig();
    office.setUseSAXDocxExtractor(true);
    office.setExtractMacros(false);
    var context = new ParseContext();
    context.set(PDFParserConfig.class, pdf);
    context.set(OfficeParserConfig.class, office);
    context.set(EmbeddedDocumentExtractor.class, new NothingEmbedded());
    return context;
  }

  /** What the directory of a packed file says; what it conceals is found on unpacking. */
  private void requireSmall(Path file) throws ReaderException {
    try (ZipFile packed = new ZipFile(file.toFile())) {
      long bytes = 0;
      int entries = 0;
      for (var each = packed.entries(); each.hasMoreElements(); ) {
        ZipEntry entry = each.nextElement();
        bytes += Math.max(0, entry.getSize());
        if (bytes > maxUnpackedBytes || ++entries > MOST_ENTRIES) {
          throw new ReaderException(ReaderFault.TOO_LARGE, null);
        }
      }
    } catch (IOException e) {
      throw new ReaderException(ReaderFault.BROKEN, e);
    }
  }

  private static ReaderFault fault(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof EncryptedDocumentException
          || t instanceof org.apache.poi.EncryptedDocumentException
          || String.valueOf(t.getMessage()).contains("org/bouncycastle")) {
        return ReaderFault.ENCRYPTED;
      }
      if (t instanceof PageCounter.TooManyPagesException) {
        return ReaderFault.TOO_MANY_PAGES;
      }
      String message = String.valueOf(t.getMessage());
      if (message.contains("Zip bomb") || message.contains("zip bomb")) {
        return message.contains("nesting") ? ReaderFault.TOO_DEEP : ReaderFault.TOO_LARGE;
      }
    }
    return ReaderFault.BROKEN;
  }

  private static java.util.Optional<Integer> count(Metadata metadata) {
    Integer pages = metadata.getInt(PagedText.N_PAGES);
    return java.util.Optional.ofNullable(
        pages == null ? metadata.getInt(Office.PAGE_COUNT) : pages);
  }

  private static JsonObject described(Metadata metadata) {
    var found = new JsonObject();
    DESCRIPTIONS.forEach(
        (name, property) -> {
          String value = CleanText.line(metadata.get(property), LONGEST_VALUE);
          if (value != null) {
            found.put(name, value);
          }
        });
    return found;
  }

  /** Files within files are left alone. */
  private static final class NothingEmbedded implements EmbeddedDocumentExtractor {
    @Override
    public boolean shouldParseEmbedded(Metadata metadata) {
      return false;
    }

    @Override
    public void parseEmbedded(
        InputStream stream, ContentHandler handler, Metadata metadata, boolean outputHtml) {
      // nothing is read of it
    }
  }
}
