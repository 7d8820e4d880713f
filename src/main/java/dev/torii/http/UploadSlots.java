package dev.torii.http;

import java.util.HashMap;
import java.util.Map;

/** The files that a process receives or works on, all and those of each client; for any thread. */
public final class UploadSlots {
  private final int most;
  private final int mostPerClient;
  private final Map<String, Integer> byClient = new HashMap<>();
  private int underWay;

  /**
   * @param most files at once, 1 or more
   * @param mostPerClient of them of one client, 1 or more
   */
  public UploadSlots(int most, int mostPerClient) {
    this.most = most;
    this.mostPerClient = mostPerClient;
  }

  /** Files under way. */
  public synchronized int underWay() {
    return underWay;
  }

  /**
   * Takes a slot, which must be given back.
   *
   * @param client as {@link ClientAddress#limitSubject} names it
   * @return whether there was one
   */
  synchronized boolean take(String client) {
    int own = byClient.getOrDefault(client, 0);
    if (underWay >= most || own >= mostPerClient) {
      return false;
    }
    byClient.put(client, own + 1);
    underWay++;
    return true;
  }

  synchronized void giveBack(String client) {
    byClient.computeIfPresent(client, (name, own) -> own == 1 ? null : own - 1);
    underWay--;
  }
}
