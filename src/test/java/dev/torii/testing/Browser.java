package dev.torii.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Debian's chromium, for tests of pages. Where it is not installed they are skipped; not where CI
 * runs, because nobody would notice there.
 */
public final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;

  private Browser(Playwright playwright) {
    this.playwright = playwright;
    this.chromium =
        playwright
            .chromium()
            .launch(
                new LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--no-sandbox", "--disable-gpu", "--disable-background-networking")));
  }

  /** Starts the browser, or ends the test that asks for it as skipped. */
  public static Browser start() {
    whyNot().ifPresent(Browser::giveUp);
    return new Browser(
        Playwright.create(
            new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))));
  }

  private static Optional<String> whyNot() {
    if (!Files.isExecutable(CHROMIUM)) {
      return Optional.of("there is no " + CHROMIUM + " (apt-get install chromium)");
    }
    if (Browser.class.getResource("/driver/linux/node") == null
        && Browser.class.getResource("/driver/linux-arm64/node") == null) {
      return Optional.of("Playwright's driver is left out (mvn -Pbrowser)");
    }
    return Optional.empty();
  }

  private static void giveUp(String reason) {
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      throw new AssertionError("CI has to run the tests in a browser, but " + reason);
    }
    abort("no browser: " + reason);
  }

  /** A window with nothing in it and no memory of others. */
  public BrowserContext window() {
    return chromium.newContext();
  }

  /** As {@link #window()}, as wide as a telephone. */
  public BrowserContext narrowWindow() {
    return chromium.newContext(new NewContextOptions().setViewportSize(420, 900));
  }

  @Override
  public void close() {
    playwright.close();
  }
}
