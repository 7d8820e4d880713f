package dev.torii.system;

import dev.torii.system.Forger.Parts;
import dev.torii.system.Forgeries.Forgery;
import io.vertx.core.json.JsonObject;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A good token with changed bits, in other spellings, and in the shapes of other formats. */
final class Misspellings {
  private final String good;
  private final Parts parts;
  private final KeyPair ours;
  private final KeyPair foreign;
  private final List<Forgery> all = new ArrayList<>();

  private Misspellings(String good, KeyPair ours, KeyPair foreign) {
    this.good = good;
    this.parts = Parts.of(good);
    this.ours = ours;
    this.foreign = foreign;
  }

  static List<Forgery> of(String good, KeyPair ours, KeyPair foreign) {
    var misspellings = new Misspellings(good, ours, foreign);
    misspellings.changedBits();
    misspellings.spellings();
    misspellings.shapes();
    return misspellings.all;
  }

  private void add(String attack, String token) {
    all.add(new Forgery(attack, token));
  }

  private void addSigned(String attack, Parts changed) {
    add(attack, Forger.rs256(changed, ours.getPrivate()));
  }

  /** One bit of every seventh byte of each part; the unit test changes each character. */
  private void changedBits() {
    String[] texts = good.split("\\.", -1);
    for (int part = 0; part < texts.length; part++) {
      byte[] bytes = Base64.getUrlDecoder().decode(texts[part]);
      for (int i = part; i < bytes.length; i += 7) {
        String[] changed = texts.clone();
        byte[] flipped = bytes.clone();
        flipped[i] ^= (byte) (1 << (i % 8));
        changed[part] = Forger.base64(flipped);
        add("bit of byte " + i + " of part " + part, String.join(".", changed));
      }
    }
  }

  private void spellings() {
    String[] texts = good.split("\\.", -1);
    for (int part = 0; part < texts.length; part++) {
      for (String more : List.of("=", "==", " ", "\t", "%20", "+", "\u00a0", ",", ";", "A", "!")) {
        String[] changed = texts.clone();
        changed[part] += more;
        add("part " + part + " followed by '" + more + "'", String.join(".", changed));
        changed[part] = more + texts[part];
        if (part > 0 || !more.isBlank()) { // HTTP takes spaces before the token away
          add("part " + part + " after '" + more + "'", String.join(".", changed));
        }
      }
    }
    all.removeIf(f -> f.token().equals(good + ' ') || f.token().equals(good + '\t'));
    add("alphabet of base64", good.replace('-', '+').replace('_', '/') + "+/");
    add("in quotes", '"' + good + '"');
    add("twice", good + ' ' + good);
    add("twice in a list", good + ", " + good);
    add("a scheme before it", "Bearer " + good);
    char last = good.charAt(good.length() - 1);
    add("bits that do not count", good.substring(0, good.length() - 1) + (char) (last + 1));
  }

  private void shapes() {
    String[] texts = good.split("\\.", -1);
    String jwe = Forger.base64("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}");
    String direct = Forger.base64("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\"}");
    add("JWE", jwe + '.' + texts[2] + ".AAAAAAAAAAAAAAAA." + texts[1] + ".AAAAAAAAAAAAAAAAAAAAAA");
    add("JWE, direct", direct + "..AAAAAAAAAAAAAAAAAAAAAA." + texts[1] + ".AAAAAAAAAAAAAAAAAAAAAA");
    add("JWE, unsecured", Forger.base64("{\"alg\":\"none\",\"enc\":\"none\"}") + ".." + '.' + good);
    addSigned("nested", new Parts(parts.header("cty", "\"JWT\"").header(), good));
    add("JWS as JSON", flattened(texts));
    add("JWS as JSON, encoded", Forger.base64(flattened(texts)));
    add("four parts", good + '.' + texts[2]);
    add("no header", '.' + texts[1] + '.' + texts[2]);
    add("no claims", texts[0] + ".." + texts[2]);
    add("detached claims", Forger.rs256(new Parts(parts.header(), ""), ours.getPrivate()));
    addSigned("not UTF-8", new Parts(parts.header(), parts.claims().replace('}', '\u0000')));
    for (int size : new int[] {2_000, 5_500}) {
      Parts longer = parts.claim("x", '"' + "x".repeat(size) + '"');
      add(size + " bytes more", Forger.rs256(longer, foreign.getPrivate()));
    }
    addSigned("64 KB", parts.claim("x", '"' + "x".repeat(48_000) + '"'));
    addSigned("deep claims", parts.claim("x", "[".repeat(1_000) + "]".repeat(1_000)));
    add("dots", ".".repeat(3_000));
    add("garbage", "x");
    add("empty", "");
  }

  private static String flattened(String[] texts) {
    return new JsonObject()
        .put("protected", texts[0])
        .put("payload", texts[1])
        .put("signature", texts[2])
        .encode();
  }
}
