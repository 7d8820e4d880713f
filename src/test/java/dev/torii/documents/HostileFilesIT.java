package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.documents.DocumentsApi.Added;
import dev.torii.documents.DocumentsApi.Document;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobCancelledException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Files made to harm whoever reads them end as a failure that says what is wrong. */
class HostileFilesIT {
  private static final String WORD =
      "<w:document"
          + " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>";
  private static final String END = "</w:body></w:document>";

  private static DocumentBed bed;
  private static DocumentBed small;

  @BeforeAll
  static void open() throws Exception {
    bed = new DocumentBed(Map.of("documents.maxPages", "2500"));
    small =
        new DocumentBed(
            Map.of(
                "documents.readTimeoutMs", "15000",
                "documents.readerMemoryMb", "160",
                "documents.maxCharacters", "20000000",
                "documents.readerFiles", "2"));
  }

  @AfterAll
  static void close() throws Exception {
    bed.close();
    small.close();
  }

  @Test
  void anEncryptedFile() throws Exception {
    failsWith(bed, "a.pdf", SampleFiles.encryptedPdf(), "The file is encrypted");
  }

  @Test
  void aBrokenPdf() throws Exception {
    byte[] whole = SampleFiles.pdf("t", List.of(SampleFiles.ENGLISH));
    failsWith(bed, "a.pdf", Arrays.copyOf(whole, 40), ReaderFault.BROKEN.words());
  }

  @Test
  void aBrokenDocx() throws Exception {
    byte[] whole = SampleFiles.docx("t", List.of(SampleFiles.ENGLISH));
    failsWith(bed, "a.docx", Arrays.copyOf(whole, whole.length / 2), ReaderFault.BROKEN.words());
    failsWith(bed, "a.docx", SampleFiles.docxOf("<w:document"), ReaderFault.BROKEN.words());
  }

  @Test
  void aZipBombThatSaysHowLargeItIs() throws Exception {
    byte[] bomb = SampleFiles.docx(WORD, "<w:p/>".repeat(10_000), 5_000, END);
    assertThat(bomb.length).isLessThan(2_000_000);
    failsWith(bed, "a.docx", bomb, ReaderFault.TOO_LARGE.words());
  }

  @Test
  void aBombBelowThatLimitIsReadAsFarAsTextsAreKept() throws Exception {
    String text = "<w:p><w:r><w:t>" + "a ".repeat(1_000) + "</w:t></w:r></w:p>";
    byte[] bomb = SampleFiles.docx(WORD, text, 30_000, END);
    UUID id = bed.read("a.docx", bomb);
    assertThat(bed.get(id).document().truncated()).isTrue();
    assertThat(bed.get(id).document().characters()).isLessThanOrEqualTo(5_000_000);
  }

  @Test
  void aFileWithTooManyPages() throws Exception {
    failsWith(bed, "a.pdf", SampleFiles.pagesPdf(2_501), ReaderFault.TOO_MANY_PAGES.words());
  }

  @Test
  void aDeeplyNestedFileDoesNoHarm() throws Exception {
    endsSomehow("a.html", SampleFiles.utf8("<!DOCTYPE html><html>" + "<div>".repeat(200_000)));
    String deep = WORD + "<w:p>".repeat(100_000) + "</w:p>".repeat(100_000) + END;
    endsSomehow("a.docx", SampleFiles.docxOf(deep));
    readsOn(bed);
  }

  @Test
  void anEndlessFileIsGivenUp() throws Exception {
    failsWith(small, "a.pdf", SampleFiles.endlessPdf(), "The file took longer to read than 15 s");
    readsOn(small);
  }

  @Test
  void aFileThatNeedsTooMuchMemory() throws Exception {
    byte[] text = SampleFiles.utf8((SampleFiles.ENGLISH + "\n").repeat(80_000));
    failsWith(small, "a.txt", text, "The file needed more memory to be read than 160 MB");
    readsOn(small);
  }

  @Test
  void entitiesAreNeitherFetchedNorRead() throws Exception {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(300);
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/x";
      for (String target : List.of(url, "file:///etc/passwd")) {
        String xml =
            "<!DOCTYPE d [<!ENTITY e SYSTEM \""
                + target
                + "\"><!ENTITY % p SYSTEM \""
                + target
                + "\"> %p;]>"
                + WORD
                + "<w:p><w:r><w:t>before &e; after</w:t></w:r></w:p>"
                + END;
        UUID id = endsSomehow("a.docx", SampleFiles.docxOf(xml));
        assertThat(bed.get(id).chunks()).noneMatch(chunk -> chunk.text().contains("root:"));
      }
      UUID html =
          endsSomehow(
              "a.html",
              SampleFiles.utf8(
                  "<html><head><link rel=stylesheet href='"
                      + url
                      + "'><base href='"
                      + url
                      + "'>"
                      + "</head><body><img src='"
                      + url
                      + "'><iframe src='"
                      + url
                      + "'></body>"));
      assertThat(bed.get(html).document().state()).isEqualTo("ready");
      assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void billionsOfLaughsAreNotExpanded() throws Exception {
    var xml = new StringBuilder("<!DOCTYPE d [<!ENTITY a0 \"lol\">");
    for (int i = 1; i < 12; i++) {
      xml.append("<!ENTITY a")
          .append(i)
          .append(" \"")
          .append(("&a" + (i - 1) + ";").repeat(10))
          .append("\">");
    }
    xml.append("]>").append(WORD).append("<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>").append(END);
    endsSomehow("a.docx", SampleFiles.docxOf(xml.toString()));
    readsOn(bed);
  }

  @Test
  void aCancelledJobEndsItsProcess() throws Exception {
    Added added = bed.add("a.pdf", SampleFiles.endlessPdf());
    var job = new FakeJob();
    job.onStage = stage -> job.cancelled = "extracting".equals(stage);
    assertThatThrownBy(() -> bed.run(added, job)).isInstanceOf(JobCancelledException.class);
    assertThat(bed.leftFiles()).isEmpty();
    readsOn(bed);
  }

  @Test
  void anAttemptThatWasOvertakenWritesNothing() throws Exception {
    Added added = bed.add("a.md", SampleFiles.utf8(SampleFiles.ENGLISH));
    var slow = new FakeJob();
    slow.onStage =
        stage -> {
          if ("splitting".equals(stage) && slow.stages.size() == 4) {
            slow.onStage = again -> {};
            run(added); // another process has taken the job
          }
        };
    assertThatThrownBy(() -> bed.run(added, slow)).hasMessageContaining("another attempt");
    assertThat(bed.get(added.documentId()).document().state()).isEqualTo("ready");
    assertThat(bed.get(added.documentId()).chunks()).hasSize(1);
  }

  private static void run(Added added) {
    try {
      bed.run(added, new FakeJob());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void failsWith(DocumentBed where, String name, byte[] content, String words)
      throws Exception {
    Added added = where.add(name, content);
    assertThatThrownBy(() -> where.run(added, new FakeJob()))
        .isInstanceOf(FatalJobException.class)
        .hasMessage(words);
    Document document = where.get(added.documentId()).document();
    assertThat(document.state()).isEqualTo("failed");
    assertThat(document.error()).isEqualTo(words);
    assertThat(
            where.number(
                "SELECT count(*) FROM document_file WHERE document_id = '" + document.id() + "'"))
        .isZero();
    assertThat(where.leftFiles()).isEmpty();
  }

  /** Read or refused: neither takes long nor leaves anything. */
  private static UUID endsSomehow(String name, byte[] content) throws Exception {
    Added added = bed.add(name, content);
    try {
      bed.run(added, new FakeJob());
    } catch (FatalJobException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
    assertThat(bed.leftFiles()).isEmpty();
    return added.documentId();
  }

  private static void readsOn(DocumentBed where) throws Exception {
    UUID id = where.read("after.md", SampleFiles.utf8(SampleFiles.ENGLISH));
    assertThat(where.get(id).document().state()).isEqualTo("ready");
  }
}
