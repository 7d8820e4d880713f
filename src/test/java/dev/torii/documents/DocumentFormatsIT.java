package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.documents.DocumentsApi.Added;
import dev.torii.documents.DocumentsApi.Chunk;
import dev.torii.documents.DocumentsApi.Document;
import dev.torii.documents.DocumentsApi.DocumentText;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read out of files of each kind, and what is not taken at all. */
class DocumentFormatsIT {
  private static DocumentBed bed;

  @BeforeAll
  static void open() throws Exception {
    bed = new DocumentBed(Map.of());
  }

  @AfterAll
  static void close() throws Exception {
    bed.close();
  }

  @Test
  void markdownIsReadInStagesAndItsFileIsForgotten() throws Exception {
    Added added = bed.add("notes.md", SampleFiles.utf8("# The island\n\n" + SampleFiles.ENGLISH));
    assertThat(bed.get(added.documentId()).document().state()).isEqualTo("queued");
    assertThat(files(added.documentId())).isEqualTo(1);
    var job = new FakeJob();

    var result = bed.run(added, job);

    assertThat(job.stages)
        .containsExactly("reading", "extracting", "detecting-language", "splitting", "storing");
    assertThat(job.percents).isSorted().startsWith(0).endsWith(100);
    assertThat(result.getString("language")).isEqualTo("en");
    DocumentText read = bed.get(added.documentId());
    Document document = read.document();
    assertThat(document.state()).isEqualTo("ready");
    assertThat(document.mediaType()).isEqualTo("text/markdown");
    assertThat(document.language()).isEqualTo("en");
    assertThat(document.pages()).isNull();
    assertThat(text(read)).isEqualTo("# The island\n\n" + SampleFiles.ENGLISH);
    assertThat(files(added.documentId())).isZero();
    assertThat(bed.leftFiles()).isEmpty();
  }

  @Test
  void pdfHasPagesTitleAndAuthor() throws Exception {
    UUID id =
        bed.read(
            "a.pdf", SampleFiles.pdf("Die Insel", List.of(SampleFiles.GERMAN, SampleFiles.GERMAN)));
    DocumentText read = bed.get(id);
    assertThat(read.document().pages()).isEqualTo(2);
    assertThat(read.document().title()).isEqualTo("Die Insel");
    assertThat(read.document().language()).isEqualTo("de");
    assertThat(read.document().metadata().getString("author")).isEqualTo("Ann Example");
    assertThat(text(read)).contains("Leuchtturm").contains("Häuser");
  }

  @Test
  void docxIsReadByParagraphs() throws Exception {
    UUID id =
        bed.read(
            "a.docx", SampleFiles.docx("Insel", List.of(SampleFiles.GERMAN, "Zweiter Absatz")));
    DocumentText read = bed.get(id);
    assertThat(read.document().title()).isEqualTo("Insel");
    assertThat(read.document().language()).isEqualTo("de");
    assertThat(text(read)).contains("gepflanzt hat.\nZweiter Absatz");
  }

  @Test
  void htmlIsReadWithoutScriptsAndTags() throws Exception {
    UUID id =
        bed.read(
            "a.html",
            SampleFiles.utf8(
                "<!DOCTYPE html><html><head><title>T &amp;"
                    + " t</title><script>alert(1)</script></head><body><p>"
                    + SampleFiles.ENGLISH
                    + "</p><p>a &lt;b&gt;</p></body></html>"));
    DocumentText read = bed.get(id);
    assertThat(read.document().title()).isEqualTo("T & t");
    assertThat(text(read)).contains("lighthouse").contains("a <b>").doesNotContain("alert", "<p>");
  }

  @Test
  void textInAnOlderEncodingIsReadWithItsUmlauts() throws Exception {
    UUID id = bed.read("a.txt", SampleFiles.GERMAN.repeat(3).getBytes(StandardCharsets.ISO_8859_1));
    assertThat(text(bed.get(id))).contains("Häuser");
  }

  @Test
  void controlCharactersAreLeftOut() throws Exception {
    UUID id = bed.read("a.txt", SampleFiles.utf8("one\r\ntwo\f \u007f three\n\n\n\nfour"));
    assertThat(text(bed.get(id))).isEqualTo("one\ntwo  three\n\nfour");
  }

  @Test
  void aFileWithoutTextIsReadToo() throws Exception {
    UUID id = bed.read("empty.pdf", SampleFiles.pagesPdf(3));
    DocumentText read = bed.get(id);
    assertThat(read.document().state()).isEqualTo("ready");
    assertThat(read.document().chunks()).isZero();
    assertThat(read.document().language()).isNull();
    assertThat(read.document().pages()).isEqualTo(3);
  }

  @Test
  void aLongTextIsCutWithoutLossAndReadPageByPage() throws Exception {
    String text = (SampleFiles.ENGLISH + "\n\n").repeat(600).strip();
    UUID id = bed.read("long.txt", SampleFiles.utf8(text));
    DocumentText first = bed.get(id);
    assertThat(first.document().characters()).isEqualTo(text.length());
    assertThat(first.chunks()).hasSize(100).allMatch(chunk -> chunk.text().length() <= 1000);
    assertThat(first.nextCursor()).isNotNull();
    assertThat(text).startsWith(text(first));
    assertThat(bed.number("SELECT count(*) FROM document_chunk WHERE document_id = '" + id + "'"))
        .isEqualTo(first.document().chunks().longValue());
  }

  @Test
  void anotherRunOfTheJobChangesNothing() throws Exception {
    Added added = bed.add("a.md", SampleFiles.utf8(SampleFiles.ENGLISH));
    var once = bed.run(added, new FakeJob());
    var again = bed.run(added, new FakeJob());
    assertThat(again.getInteger("chunks")).isEqualTo(once.getInteger("chunks"));
    assertThat(text(bed.get(added.documentId()))).isEqualTo(SampleFiles.ENGLISH);
  }

  @ParameterizedTest
  @CsvSource({
    "a.pdf, GIF89a",
    "a.docx, PK\u0003\u0004",
    "a.txt, \u007fELF\u0002\u0001\u0001",
    "a.html, {\\rtf1",
  })
  void theNameDoesNotMakeAFileOneThatIsRead(String name, String content) {
    byte[] bytes =
        (content + "\u0000\u0001\u0002".repeat(50)).getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> bed.add(name, bytes))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE));
  }

  @Test
  void whatTheLedgerRefusesIsForgotten() throws Exception {
    bed.ledgerFault.set(Failure.of(ErrorCode.UNAVAILABLE, "The ledger is away"));
    try {
      assertThatThrownBy(() -> bed.add("refused.md", SampleFiles.utf8("text")))
          .isInstanceOf(Failure.class);
    } finally {
      bed.ledgerFault.set(null);
    }
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        bed.number("SELECT count(*) FROM document WHERE file_name = 'refused.md'"))
                    .isZero());
  }

  private static String text(DocumentText document) {
    return document.chunks().stream().map(Chunk::text).collect(Collectors.joining());
  }

  private static long files(UUID id) throws Exception {
    return bed.number("SELECT count(*) FROM document_file WHERE document_id = '" + id + "'");
  }
}
