package dev.torii.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/** The {@code images} section. */
public record ImagesConfig(
    @Setting(
            key = "url",
            doc =
                "Analyser that speaks the OpenAI-compatible chat completions form, such as"
                    + " https://host/v1; empty for none: then only known images are answered")
        String url,
    @Setting(key = "apiKey", secret = true, doc = "Sent to the analyser as a bearer token")
        String apiKey,
    @Setting(key = "model", value = "gpt-4o-mini", doc = "Model that the analyser is asked for")
        String model,
    @Setting(
            key = "prompt",
            value =
                "You sort waste. Look at the image and answer with one JSON object and nothing"
                    + " else. Its fields: waste_type (material of the main object, such as plastic,"
                    + " paper, glass, metal, organic, textile, electronic, hazardous, other),"
                    + " confidence (0 to 1), feedback (one or two sentences on how to dispose of"
                    + " it), category (the bin or collection it belongs to), recyclable (true or"
                    + " false).",
            doc = "What the analyser is told before the image")
        String prompt,
    @Setting(
            key = "categories",
            doc = "Allowed values of category, separated by commas; empty for any")
        List<String> categories,
    @Setting(
            key = "responseFormat",
            value = "json-object",
            doc = "How the analyser is asked for JSON; not every one takes every form")
        ResponseFormat responseFormat,
    @Setting(
            key = "timeoutMs",
            value = "60000",
            min = 100,
            max = 600000,
            doc = "Longest wait for one answer of the analyser")
        Duration timeout,
    @Setting(
            key = "attempts",
            value = "4",
            min = 1,
            max = 100,
            doc = "Calls for one image before its job is dead")
        int attempts,
    @Setting(
            key = "firstBackoffMs",
            value = "1000",
            min = 1,
            max = 600000,
            doc = "Pause before the second call, doubled by each further one")
        Duration firstBackoff,
    @Setting(
            key = "maxRetryAfterMs",
            value = "60000",
            max = 600000,
            doc = "Longest wait that an analyser may ask for by Retry-After within an attempt")
        Duration maxRetryAfter,
    @Setting(
            key = "concurrency",
            value = "4",
            min = 1,
            max = 1000,
            doc = "Images that one process has analysed at once")
        int concurrency,
    @Setting(
            key = "maxWaiting",
            value = "200",
            min = 1,
            max = 100000,
            doc = "Images that all processes keep for their analysis; more are answered with 503")
        int maxWaiting,
    @Setting(
            key = "maxReplyBytes",
            value = "65536",
            min = 1024,
            max = 1048576,
            doc = "Largest answer of the analyser that is read")
        int maxReplyBytes,
    @Setting(
            key = "pricePerCall",
            value = "0",
            doc = "What one call costs, such as 0.0025, for the count of money spent and saved")
        String pricePerCall,
    @Setting(
            key = "nearDistance",
            value = "7",
            max = 7,
            doc = "Bits in which the hash of a known image may differ to be answered for this one")
        int nearDistance,
    @Setting(
            key = "samplePercent",
            value = "0",
            max = 100,
            doc = "Near hits that are analysed all the same, to count how often the answer differs")
        int samplePercent,
    @Setting(
            key = "keepDays",
            value = "7",
            min = 1,
            max = 3650,
            doc = "How long an analysis is good for; then the image is analysed again")
        Duration keep,
    @Setting(
            key = "maxPixels",
            value = "25000000",
            min = 1000,
            max = 200000000,
            doc =
                "Pixels of an image, and of all that a process decodes at once; each takes up to"
                    + " four bytes")
        int maxPixels,
    @Setting(
            key = "decodeThreads",
            value = "2",
            min = 1,
            max = 64,
            doc = "Images that one process decodes at once")
        int decodeThreads,
    @Setting(
            key = "maxUploadBytes",
            value = "20971520",
            min = 1024,
            max = 20971520,
            doc = "Largest image")
        int maxUploadBytes) {

  /** Whether there is somebody to ask. */
  public boolean hasAnalyser() {
    return !url.isEmpty();
  }

  /** What one call costs. */
  public BigDecimal price() {
    return new BigDecimal(pricePerCall);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "ImagesConfig[url=" + url + ", model=" + model + "]";
  }

  /** How an analyser is asked for JSON. */
  public enum ResponseFormat {
    /** By the prompt alone. */
    NONE,
    JSON_OBJECT,
    /** With the schema, which the analyser then keeps to. */
    JSON_SCHEMA
  }
}
