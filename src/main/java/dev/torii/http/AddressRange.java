package dev.torii.http;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.Optional;

/** A network of IP addresses; parsing asks no name server. */
final class AddressRange {
  private static final int MAPPED_PREFIX_BYTES = 12;

  /** An address of the network, 4 or 16 bytes. */
  private final byte[] base;

  /** Bits that all addresses share. */
  private final int prefixLength;

  private AddressRange(byte[] base, int prefixLength) {
    this.base = base;
    this.prefixLength = prefixLength;
  }

  /**
   * A network such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}, or one address.
   *
   * @throws IllegalArgumentException when it is neither
   */
  static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    byte[] base = parseAddress(address).orElseThrow(() -> unreadable(text));
    if (slash < 0) {
      return new AddressRange(base, base.length * Byte.SIZE);
    }
    try {
      int prefix = Integer.parseInt(text.substring(slash + 1));
      if (prefix >= 0 && prefix <= base.length * Byte.SIZE) {
        return new AddressRange(base, prefix);
      }
    } catch (NumberFormatException e) {
      // answered below, like a prefix out of range
    }
    throw unreadable(text);
  }

  /** The bytes of an address; IPv4 inside IPv6 ({@code ::ffff:10.0.0.1}) gives the four of IPv4. */
  static Optional<byte[]> parseAddress(String text) {
    if (!NetUtil.isValidIpV4Address(text) && !NetUtil.isValidIpV6Address(text)) {
      return Optional.empty();
    }
    byte[] address = NetUtil.createByteArrayFromIpAddressString(text);
    return Optional.ofNullable(address).map(AddressRange::unmapped);
  }

  private static byte[] unmapped(byte[] address) {
    if (address.length != 16 || address[10] != (byte) 0xff || address[11] != (byte) 0xff) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, MAPPED_PREFIX_BYTES, address.length);
  }

  boolean contains(byte[] address) {
    if (address.length != base.length) {
      return false;
    }
    int whole = prefixLength / Byte.SIZE;
    int rest = prefixLength % Byte.SIZE;
    return Arrays.equals(address, 0, whole, base, 0, whole)
        && (rest == 0 || ((address[whole] ^ base[whole]) & 0xff) >>> (Byte.SIZE - rest) == 0);
  }

  private static IllegalArgumentException unreadable(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is neither an IP address nor a network such as 10.0.0.0/8");
  }

  @Override
  public String toString() {
    return NetUtil.bytesToIpAddress(base) + "/" + prefixLength;
  }
}
