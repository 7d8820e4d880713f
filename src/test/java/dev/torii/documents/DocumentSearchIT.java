package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.documents.DocumentsApi.DocumentPage;
import dev.torii.documents.DocumentsApi.Found;
import dev.torii.failure.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Words are found in the language of each document, and shown without harm. */
class DocumentSearchIT {
  private static final String ROWS_READ =
      "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'document'";
  private static final String BY_AGE =
      "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'document_by_age'";

  private static DocumentBed bed;
  private static UUID german;
  private static UUID english;

  @BeforeAll
  static void open() throws Exception {
    bed = new DocumentBed(Map.of());
    german = bed.read("de.md", SampleFiles.utf8(SampleFiles.GERMAN));
    english = bed.read("en.md", SampleFiles.utf8(SampleFiles.ENGLISH));
    bed.read(
        "xss.md",
        SampleFiles.utf8(
            "Every zebra in the zoo says <script>alert('zebra')</script> & writes"
                + " <mark>\"no\"</mark> on the wall"));
    bed.add("waiting.md", SampleFiles.utf8(SampleFiles.ENGLISH));
  }

  @AfterAll
  static void close() throws Exception {
    bed.close();
  }

  @Test
  void germanWordsAreFoundInTheirForms() {
    assertThat(ids("Haus")).containsExactly(german);
    assertThat(ids("gepflanzter Baum")).containsExactly(german);
    assertThat(one("Baum").highlight()).contains("<mark>Bäume</mark>");
  }

  @Test
  void englishWordsAreFoundInTheirForms() {
    assertThat(ids("house planting")).containsExactly(english);
    assertThat(one("fisherman's boat or houses").highlight()).contains("<mark>houses</mark>");
  }

  @Test
  void pagesOfALongListAreReadByAge() throws Exception {
    bed.number(
        "WITH many AS (INSERT INTO document (id, owner, job_id, file_name, media_type, size, state,"
            + " created_at, processed_at) SELECT gen_random_uuid(), gen_random_uuid(),"
            + " gen_random_uuid(), 'a', 'text/plain', 1, 'failed', now() - n * interval '1 second',"
            + " now() FROM generate_series(1, 50000) AS n RETURNING 1) SELECT count(*) FROM many");
    bed.execute("ANALYZE document");
    DocumentPage first = bed.find(null, 100, null);
    long read = bed.number(ROWS_READ);
    long byAge = bed.number(BY_AGE);

    DocumentPage second = bed.find(null, 100, first.nextCursor());

    assertThat(second.documents()).hasSize(100);
    await().atMost(Duration.ofSeconds(30)).until(() -> bed.number(BY_AGE) > byAge);
    assertThat(bed.number(ROWS_READ)).isEqualTo(read);
    bed.execute("DELETE FROM document WHERE file_name = 'a'");
  }

  @Test
  void phrasesAndExclusionsAreUnderstood() {
    assertThat(ids("\"old lighthouse\"")).containsExactly(english);
    assertThat(ids("\"lighthouse old\"")).isEmpty();
    assertThat(ids("lighthouse -island")).isEmpty();
    assertThat(ids("lighthouse or Leuchtturm")).containsExactlyInAnyOrder(english, german);
  }

  @Test
  void whatIsNoQueryFindsNothingAndBreaksNothing() {
    for (String query : List.of("the", "'", "\"", "a & | ! ( <->", "\\", ":*", "%", "-", "🦓")) {
      assertThat(ids(query)).as(query).isEmpty();
    }
  }

  @Test
  void queriesThatOnlyLeaveOutAreRefused() {
    for (String query : List.of("-lighthouse", "-a -b", "lighthouse or -boat")) {
      assertThatThrownBy(() -> ids(query)).as(query).isInstanceOf(Failure.class);
    }
  }

  @Test
  void highlightsAreEscapedHtml() {
    String html = one("zebra").highlight();
    assertThat(html).contains("<mark>zebra</mark>", "alert(&#39;", "&amp;", "&quot;no&quot;");
    assertThat(html.replace("<mark>", "").replace("</mark>", "")).doesNotContain("<", ">");
  }

  @Test
  void pagesFollowEachOtherByRank() throws Exception {
    List<UUID> read = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      read.add(
          bed.read("rank.txt", SampleFiles.utf8(("giraffe ".repeat(i) + "grass ".repeat(9 - i)))));
    }
    List<Found> found = new ArrayList<>();
    String cursor = null;
    do {
      DocumentPage page = bed.find("giraffe", 2, cursor);
      found.addAll(page.documents());
      cursor = page.nextCursor();
    } while (cursor != null);
    assertThat(found.stream().map(each -> each.document().id()).toList())
        .containsExactlyInAnyOrderElementsOf(read)
        .doesNotHaveDuplicates();
    assertThat(found).extracting(each -> -each.rank()).isSorted();
    String first = bed.find("giraffe", 2, null).nextCursor();
    assertThatThrownBy(() -> bed.find("grass", 2, first)).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> bed.find(null, 2, first)).isInstanceOf(Failure.class);
  }

  @Test
  void listShowsTheNewestFirstPageByPage() {
    DocumentPage first = bed.find(null, 2, null);
    assertThat(first.documents()).hasSize(2);
    DocumentPage second = bed.find(null, 100, first.nextCursor());
    assertThat(second.nextCursor()).isNull();
    List<Found> all = new ArrayList<>(first.documents());
    all.addAll(second.documents());
    assertThat(all)
        .extracting(each -> each.document().createdAt())
        .isSortedAccordingTo((a, b) -> b.compareTo(a));
    assertThat(all)
        .extracting(each -> each.document().id())
        .contains(german, english)
        .doesNotHaveDuplicates();
    assertThat(all.get(0).highlight()).isNull();
  }

  private static List<UUID> ids(String query) {
    return bed.find(query, 10, null).documents().stream().map(f -> f.document().id()).toList();
  }

  private static Found one(String query) {
    List<Found> found = bed.find(query, 10, null).documents();
    assertThat(found).as(query).hasSize(1);
    return found.get(0);
  }
}
