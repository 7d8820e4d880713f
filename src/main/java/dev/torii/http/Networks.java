package dev.torii.http;

import java.util.List;

/** Networks that a client's address may be in; an address that cannot be read is in none. */
public final class Networks {
  public static final Networks NONE = new Networks(List.of());

  private final List<AddressRange> ranges;

  private Networks(List<AddressRange> ranges) {
    this.ranges = ranges;
  }

  /**
   * Addresses and networks such as {@code 10.0.0.0/8}.
   *
   * @throws IllegalArgumentException when one of them is neither
   */
  public static Networks of(List<String> texts) {
    return texts.isEmpty() ? NONE : new Networks(texts.stream().map(AddressRange::parse).toList());
  }

  /**
   * Whether an address is in one of the networks.
   *
   * @param address as {@link ClientAddress#of} gives it
   */
  public boolean contains(String address) {
    if (ranges.isEmpty()) {
      return false;
    }
    byte[] bytes = AddressRange.parseAddress(address).orElse(null);
    if (bytes == null) {
      return false;
    }
    for (AddressRange range : ranges) {
      if (range.contains(bytes)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return ranges.toString();
  }
}
