package dev.torii.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tells where a request comes from: the socket's address, or behind trusted proxies the last one
 * that they saw.
 *
 * <p>{@code X-Forwarded-For} is read from the right, because each proxy adds what it saw at the
 * end. Everything left of the first address that is not trusted was written by someone unknown and
 * is not looked at. An entry that is no address ends the walk too: then the last trusted hop itself
 * counts. No name server is asked.
 *
 * <p>Addresses are written in one way each (RFC 5952, IPv4 inside IPv6 as IPv4), so their text may
 * be part of a Redis key.
 */
public final class ClientAddress {
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final String UNKNOWN = "unknown";
  private static final String SUBJECT = "ip:";
  private static final int SITE_PREFIX_BYTES = 8;

  private final List<AddressRange> trusted;

  /**
   * Knows which proxies to believe.
   *
   * @param trustedProxies addresses or networks such as {@code 10.0.0.0/8}; empty for none
   * @throws IllegalArgumentException when one of them is neither
   */
  public ClientAddress(List<String> trustedProxies) {
    this.trusted = trustedProxies.stream().map(AddressRange::parse).toList();
  }

  /** The address of the client of {@code request}; without trusted proxies IPv4 costs nothing. */
  public String of(HttpServerRequest request) {
    SocketAddress peer = request.connection().remoteAddress();
    String socket = peer == null ? null : peer.hostAddress();
    if (socket == null) {
      return UNKNOWN;
    }
    if (trusted.isEmpty()) {
      return socket.indexOf(':') < 0 ? socket : normal(socket);
    }
    return of(socket, request.headers().getAll(FORWARDED_FOR));
  }

  /** The client behind the peer {@code socket}, given the header's values in their order. */
  String of(String socket, List<String> forwardedFor) {
    byte[] client = parse(socket).orElse(null);
    if (client == null) {
      return UNKNOWN;
    }
    for (int line = forwardedFor.size() - 1; line >= 0; line--) {
      String hops = forwardedFor.get(line);
      int end = hops.length();
      while (end >= 0) {
        if (!isTrusted(client)) {
          return NetUtil.bytesToIpAddress(client);
        }
        int comma = hops.lastIndexOf(',', end - 1);
        Optional<byte[]> hop = parse(withoutPort(hops.substring(comma + 1, end).trim()));
        if (hop.isEmpty()) {
          return NetUtil.bytesToIpAddress(client);
        }
        client = hop.get();
        end = comma;
      }
    }
    return NetUtil.bytesToIpAddress(client);
  }

  /**
   * Whose requests are counted together: an IPv4 address, or the /64 of an IPv6 address, since one
   * customer commonly has a whole one.
   *
   * @param address as {@link #of} gives it
   * @return for example {@code ip:203.0.113.7} or {@code ip:2001:db8:1:2::/64}
   */
  public static String limitSubject(String address) {
    if (address.indexOf(':') < 0) {
      return SUBJECT + address;
    }
    return limitSubjectOf(address).orElse(SUBJECT + UNKNOWN);
  }

  /** The same for an address in any spelling, such as a person's; empty when it is none. */
  public static Optional<String> limitSubjectOf(String text) {
    return AddressRange.parseAddress(text).map(ClientAddress::limitSubject);
  }

  private static String limitSubject(byte[] bytes) {
    if (bytes.length == 4) {
      return SUBJECT + NetUtil.bytesToIpAddress(bytes);
    }
    Arrays.fill(bytes, SITE_PREFIX_BYTES, bytes.length, (byte) 0);
    return SUBJECT + NetUtil.bytesToIpAddress(bytes) + "/64";
  }

  /** Whether {@code address} is a proxy that is believed. */
  public boolean trusts(String address) {
    return parse(address).filter(this::isTrusted).isPresent();
  }

  private boolean isTrusted(byte[] address) {
    for (AddressRange range : trusted) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static String normal(String socket) {
    return parse(socket).map(NetUtil::bytesToIpAddress).orElse(UNKNOWN);
  }

  /** An address without the zone that a socket on a local link adds ({@code fe80::1%eth0}). */
  private static Optional<byte[]> parse(String text) {
    int zone = text.indexOf('%');
    return AddressRange.parseAddress(zone < 0 ? text : text.substring(0, zone));
  }

  /** Some proxies write {@code 203.0.113.7:4711}, {@code [2001:db8::1]} or both. */
  private static String withoutPort(String hop) {
    if (hop.startsWith("[")) {
      int end = hop.indexOf(']');
      return end < 0 ? hop : hop.substring(1, end);
    }
    int colon = hop.indexOf(':');
    return colon > 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }
}
