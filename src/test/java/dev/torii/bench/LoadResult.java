package dev.torii.bench;

import org.HdrHistogram.Histogram;

/**
 * What one run of the {@link LoadGenerator} saw.
 *
 * @param requests answers received, right or wrong
 * @param elapsedNanos from the first request written to the last answer read
 * @param latencyNanos time from request written to answer read whole
 * @param wrongStatuses answers with another status than expected
 * @param wrongBodies sampled answers without the expected text
 * @param lostConnections connections that the server ended while a request waited
 * @param unanswered requests without an answer when the run was given up
 * @param drops Redis commands that the generator itself sent
 * @param firstFault what the first wrong answer looked like, null when there was none
 */
record LoadResult(
    long requests,
    long elapsedNanos,
    Histogram latencyNanos,
    long wrongStatuses,
    long wrongBodies,
    long lostConnections,
    long unanswered,
    long drops,
    String firstFault) {

  long errors() {
    return wrongStatuses + wrongBodies + lostConnections + unanswered;
  }

  double requestsPerSecond() {
    return requests * 1e9 / elapsedNanos;
  }
}
