package dev.torii.documents;

import java.util.function.IntConsumer;
import org.apache.tika.sax.ContentHandlerDecorator;
import org.xml.sax.Attributes;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/** Passes the events of a parser on and counts pages, of which there may be so many. */
final class PageCounter extends ContentHandlerDecorator {
  private final int most;
  private final IntConsumer listener;
  private int pages;

  /**
   * @param listener told the number of each page that begins
   */
  PageCounter(ContentHandler next, int most, IntConsumer listener) {
    super(next);
    this.most = most;
    this.listener = listener;
  }

  int pages() {
    return pages;
  }

  @Override
  public void startElement(String uri, String localName, String name, Attributes attributes)
      throws SAXException {
    if (localName.equals("div") && "page".equals(attributes.getValue("class"))) {
      if (++pages > most) {
        throw new TooManyPagesException();
      }
      listener.accept(pages);
    }
    super.startElement(uri, localName, name, attributes);
  }

  /** There are more pages than may be. */
  static final class TooManyPagesException extends SAXException {
    private static final long serialVersionUID = 1L;
  }
}
