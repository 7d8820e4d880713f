package dev.torii.documents;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.xwpf.usermodel.XWPFDocument;

/** Files as people and attackers make them. */
final class SampleFiles {
  static final String GERMAN =
      "Der alte Leuchtturm steht seit vielen Jahren auf der Insel. Die Häuser der Fischer liegen"
          + " dicht am Hafen, und jeden Abend kommen die Boote mit ihren Netzen zurück. Niemand"
          + " weiß genau, wer die ersten Bäume am Ufer gepflanzt hat.";
  static final String ENGLISH =
      "The old lighthouse has been standing on the island for many years. The houses of the"
          + " fishermen lie close to the harbour, and every evening the boats are coming back with"
          + " their nets. Nobody knows who planted the first trees along the shore.";

  private SampleFiles() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] pdf(String title, List<String> pages) throws IOException {
    try (PDDocument document = document(title, pages)) {
      return bytes(document);
    }
  }

  static byte[] encryptedPdf() throws IOException {
    try (PDDocument document = document("secret", List.of(ENGLISH))) {
      document.protect(new StandardProtectionPolicy("owner", "user", new AccessPermission()));
      return bytes(document);
    }
  }

  /** Many pages that are one stream of operators without an end worth waiting for. */
  static byte[] endlessPdf() throws IOException {
    try (PDDocument document = new PDDocument()) {
      byte[] operators = utf8("q Q\n".repeat(500_000));
      var stream =
          new PDStream(document, new java.io.ByteArrayInputStream(operators), COSName.FLATE_DECODE);
      for (int i = 0; i < 2_000; i++) {
        var page = new PDPage();
        page.setContents(stream);
        document.addPage(page);
      }
      return bytes(document);
    }
  }

  static byte[] pagesPdf(int count) throws IOException {
    try (PDDocument document = new PDDocument()) {
      for (int i = 0; i < count; i++) {
        document.addPage(new PDPage());
      }
      return bytes(document);
    }
  }

  private static PDDocument document(String title, List<String> pages) throws IOException {
    var document = new PDDocument();
    document.getDocumentInformation().setTitle(title);
    document.getDocumentInformation().setAuthor("Ann Example");
    for (String text : pages) {
      var page = new PDPage();
      document.addPage(page);
      try (var content = new PDPageContentStream(document, page)) {
        content.beginText();
        content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
        content.setLeading(14);
        content.newLineAtOffset(40, 700);
        for (String line : text.split("(?<=\\. )", -1)) {
          content.showText(line);
          content.newLine();
        }
        content.endText();
      }
    }
    return document;
  }

  private static byte[] bytes(PDDocument document) throws IOException {
    var out = new ByteArrayOutputStream();
    document.save(out);
    return out.toByteArray();
  }

  static byte[] docx(String title, List<String> paragraphs) throws IOException {
    try (var document = new XWPFDocument()) {
      document.getProperties().getCoreProperties().setTitle(title);
      document.getProperties().getCoreProperties().setCreator("Ann Example");
      for (String paragraph : paragraphs) {
        document.createParagraph().createRun().setText(paragraph);
      }
      var out = new ByteArrayOutputStream();
      document.write(out);
      return out.toByteArray();
    }
  }

  /** A document of a word processor whose main part is {@code xml}, repeated. */
  static byte[] docx(String begin, String repeated, int times, String end) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(out)) {
      entry(
          zip,
          "[Content_Types].xml",
          "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default"
              + " Extension=\"rels\""
              + " ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override"
              + " PartName=\"/word/document.xml\""
              + " ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>");
      entry(
          zip,
          "_rels/.rels",
          "<Relationships"
              + " xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship"
              + " Id=\"r1\""
              + " Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\""
              + " Target=\"word/document.xml\"/></Relationships>");
      zip.putNextEntry(new ZipEntry("word/document.xml"));
      zip.write(utf8(begin));
      byte[] piece = utf8(repeated);
      for (int i = 0; i < times; i++) {
        zip.write(piece);
      }
      zip.write(utf8(end));
      zip.closeEntry();
    }
    return out.toByteArray();
  }

  static byte[] docxOf(String xml) throws IOException {
    return docx(xml, "", 0, "");
  }

  private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(utf8(content));
    zip.closeEntry();
  }
}
