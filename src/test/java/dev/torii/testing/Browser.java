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

/**
 * Debian's chromium, for tests of pages. They are skipped unless the Maven profile {@code browser}
 * asks for them; then a missing browser is a failure.
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

  /** Starts the browser, or ends the test as skipped when none was asked for. */
  public static Browser start() {
    require();
    return new Browser(
        Playwright.create(
            new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))));
  }

  /** Whether this is a run of all tests, for which nothing may be missing. */
  static boolean isAskedFor() {
    return Browser.class.getResource("/driver/linux/node") != null
        || Browser.class.getResource("/driver/linux-arm64/node") != null;
  }

  private static void require() {
    if (!isAskedFor()) {
      abort("no browser was asked for (mvn -Pbrowser verify)");
    }
    if (!Files.isExecutable(CHROMIUM)) {
      throw new AssertionError("there is no " + CHROMIUM + " (apt-get install chromium)");
    }
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
