package dev.torii.system;

import dev.torii.system.Forger.Parts;
import dev.torii.testing.SharedTorii;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * The attacks of RFC 8725 on one good token, by the operator's own key wherever the attack needs
 * none of its own: nothing but the one fault is wrong with each.
 */
final class Forgeries {
  private static final KeyPair OURS = SharedTorii.KEY;
  private static final KeyPair FOREIGN = SharedTorii.newKey();
  private static final String[] PATHS = {
    "../../../../../../dev/null",
    "/dev/null",
    "file:///etc/passwd",
    "..\\\\..\\\\windows\\\\win.ini",
    "%2e%2e%2fkey.pem",
    "key.pem",
    "' OR '1'='1",
    "x' UNION SELECT 'AA",
    "x'; DROP TABLE signing_key; --",
    "$(sleep 5)",
    "|sleep 5",
    "${jndi:ldap://127.0.0.1:1/a}",
    "http://127.0.0.1:1/key",
    "\\u0000",
    "",
    "*"
  };

  private final String good;
  private final Parts parts;
  private final String kid;
  private final String elsewhere;
  private final List<Forgery> all = new ArrayList<>();

  /** One attack by its name and a token. */
  record Forgery(String attack, String token) {
    @Override
    public String toString() {
      return attack;
    }
  }

  /**
   * All attacks on {@code good}.
   *
   * @param elsewhere URL of a listener that must hear nothing
   */
  static List<Forgery> of(String good, String elsewhere) {
    var forgeries = new Forgeries(good, elsewhere);
    forgeries.algorithms();
    forgeries.publicKeyAsSecret();
    forgeries.keysOfTheToken();
    forgeries.namesOfKeys();
    forgeries.headers();
    forgeries.claims();
    forgeries.all.addAll(Misspellings.of(good, OURS, FOREIGN));
    return forgeries.all;
  }

  private Forgeries(String good, String elsewhere) {
    this.good = good;
    this.parts = Parts.of(good);
    this.kid = new JsonObject(parts.header()).getString("kid");
    this.elsewhere = elsewhere;
  }

  private void add(String attack, String token) {
    all.add(new Forgery(attack, token));
  }

  private void addSigned(String attack, Parts changed) {
    add(attack, Forger.rs256(changed, OURS.getPrivate()));
  }

  private void algorithms() {
    String signature = good.substring(good.lastIndexOf('.') + 1);
    for (String none : List.of("none", "None", "NONE", "nOnE", "none ", "", "null", "rs256")) {
      Parts changed = parts.header("alg", '"' + none + '"');
      add("alg " + none + " unsigned", changed.encoded() + '.');
      add("alg " + none + " without its dot", changed.encoded());
      add("alg " + none + " with the old signature", changed.encoded() + '.' + signature);
      addSigned("alg " + none + " signed", changed);
    }
    addSigned("alg null", parts.header("alg", "null"));
    addSigned("alg list", parts.header("alg", "[\"RS256\"]"));
    addSigned("no alg", parts.withoutHeader("alg"));
    add("unsigned RS256", parts.encoded() + '.');
    String[][] others = {
      {"RS384", "SHA384withRSA"},
      {"RS512", "SHA512withRSA"},
      {"RS1", "SHA1withRSA"},
      {"PS256", "RSASSA-PSS"}
    };
    for (String[] other : others) {
      Parts named = parts.header("alg", '"' + other[0] + '"');
      add(other[0], Forger.signed(named, other[1], OURS.getPrivate()));
      add(other[0] + " called RS256", Forger.signed(parts, other[1], OURS.getPrivate()));
    }
    Parts es256 = parts.header("alg", "\"ES256\"");
    add("ES256", Forger.signed(es256, "SHA256withECDSAinP1363Format", newEcKey()));
    add("ES256 of zeros", es256.encoded() + '.' + Forger.base64(new byte[64]));
    add("RS256 of zeros", parts.encoded() + '.' + Forger.base64(new byte[256]));
    byte[] one = new byte[256];
    one[255] = 1;
    add("RS256 of one", parts.encoded() + '.' + Forger.base64(one));
    add("longer signature", good + Forger.base64(new byte[3]));
  }

  private void publicKeyAsSecret() {
    var key = (RSAPublicKey) OURS.getPublic();
    String mime =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()) + '\n';
    String pem = "-----BEGIN PUBLIC KEY-----\n" + mime + "-----END PUBLIC KEY-----";
    JsonObject jwk = Forger.jwk(OURS, kid);
    byte[] modulus = key.getModulus().toByteArray();
    List<byte[]> secrets =
        List.of(
            bytes(pem),
            bytes(pem + '\n'),
            bytes((pem + '\n').replace("\n", "\r\n")),
            bytes(mime.replace("\n", "")),
            key.getEncoded(),
            // PKCS#1: what stands in the SPKI after its 24 bytes of algorithm
            Arrays.copyOfRange(key.getEncoded(), 24, key.getEncoded().length),
            bytes(jwk.encode()),
            bytes(jwk.encodePrettily()),
            bytes(SharedTorii.api().get("/.well-known/jwks.json").text()),
            modulus,
            Forger.unsigned(modulus),
            bytes(jwk.getString("n")),
            bytes(key.getModulus().toString()),
            bytes(kid),
            new byte[] {0});
    for (int i = 0; i < secrets.size(); i++) {
      Parts hs256 = parts.header("alg", "\"HS256\"");
      Parts hs512 = parts.header("alg", "\"HS512\"");
      add("HS256 by the public key, " + i, Forger.hmac(hs256, "HmacSHA256", secrets.get(i)));
      add("HS512 by the public key, " + i, Forger.hmac(hs512, "HmacSHA512", secrets.get(i)));
      add("HMAC called RS256, " + i, Forger.hmac(parts, "HmacSHA256", secrets.get(i)));
    }
  }

  /** Keys that the token brings or points to; it is signed by them, and by ours. */
  private void keysOfTheToken() {
    for (String name : List.of(kid, "foreign")) {
      Parts named = parts.header("kid", '"' + name + '"');
      String jwk = Forger.jwk(FOREIGN, name).encode();
      String der = Base64.getEncoder().encodeToString(FOREIGN.getPublic().getEncoded());
      List<Parts> keys =
          List.of(
              named,
              named.header("jwk", jwk),
              named.header("jwk", Forger.jwk(OURS, name).encode()),
              named.header("jku", '"' + elsewhere + "/jwks.json\""),
              named.header("x5u", '"' + elsewhere + "/chain.pem\""),
              named.header("x5c", "[\"" + der + "\"]"),
              named.header("x5t", "\"AAAA\""),
              named.header("url", '"' + elsewhere + '"'));
      for (int i = 0; i < keys.size(); i++) {
        String attack = "key of the token, " + i + ", kid " + (name.equals(kid) ? "ours" : name);
        add(attack, Forger.rs256(keys.get(i), FOREIGN.getPrivate()));
        if (i > 0) {
          addSigned(attack + ", signed by us", keys.get(i));
        }
      }
    }
    add(
        "another issuer with our kid",
        Forger.rs256(parts.claim("iss", "\"https://other.example\""), FOREIGN.getPrivate()));
    String issuer = new JsonObject(parts.claims()).getString("iss");
    addSigned("issuer is a list", parts.claim("iss", "[\"" + issuer + "\"]"));
  }

  private void namesOfKeys() {
    for (String path : PATHS) {
      Parts named = parts.header("kid", '"' + path + '"');
      addSigned("kid " + path, named);
      add("kid " + path + ", no secret", Forger.hmac(named, "HmacSHA256", new byte[] {0}));
    }
    for (String json : List.of("null", "0", "true", "[\"" + kid + "\"]", "{\"a\":1}")) {
      addSigned("kid " + json, parts.header("kid", json));
    }
    addSigned("no kid", parts.withoutHeader("kid"));
    addSigned("kid with a space", parts.header("kid", '"' + kid + " \""));
    addSigned("kid of 2,000 characters", parts.header("kid", '"' + "a".repeat(2_000) + '"'));
  }

  private void headers() {
    String type = new JsonObject(parts.header()).getString("typ");
    String other = type.equals("at+jwt") ? "rt+jwt" : "at+jwt";
    for (String typ : List.of("JWT", "jwt", "", other, type.toUpperCase(Locale.ROOT))) {
      addSigned("typ " + typ, parts.header("typ", '"' + typ + '"'));
    }
    addSigned("typ with its tree", parts.header("typ", "\"application/" + type + '"'));
    addSigned("typ list", parts.header("typ", "[\"" + type + "\"]"));
    addSigned("no typ", parts.withoutHeader("typ"));
    addSigned("crit", parts.header("crit", "[\"exp\"]"));
    addSigned("crit, empty", parts.header("crit", "[]"));
    addSigned("crit b64", parts.header("b64", "false").header("crit", "[\"b64\"]"));
    addSigned("b64", parts.header("b64", "false"));
    addSigned("zip", parts.header("zip", "\"DEF\""));
    addSigned("cty", parts.header("cty", "\"JWT\""));
    addSigned("Alg beside alg", parts.header("Alg", "\"none\""));
    String twice = parts.header().substring(0, parts.header().length() - 1);
    addSigned("alg twice", new Parts(twice + ",\"alg\":\"none\"}", parts.claims()));
    addSigned("alg twice, escaped", new Parts(twice + ",\"\\u0061lg\":\"RS256\"}", parts.claims()));
    addSigned("header in a list", new Parts('[' + parts.header() + ']', parts.claims()));
    addSigned("text after the header", new Parts(parts.header() + "{}", parts.claims()));
  }

  private void claims() {
    var claims = new JsonObject(parts.claims());
    String audience = claims.getString("aud");
    for (String aud : List.of("\"\"", "[]", "[\"%s\"]", "[\"%s\",\"x\"]", "{\"%s\":1}", "null")) {
      addSigned("aud " + aud, parts.claim("aud", aud.formatted(audience)));
    }
    addSigned("aud in capitals", parts.claim("aud", "\"TORII\""));
    long exp = claims.getLong("exp");
    List<String> ends =
        List.of(
            "\"" + exp + '"',
            exp + ".0",
            exp + ".5",
            "1e10",
            "1e400",
            "-1",
            "0",
            "253402300800",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999999999999999999",
            "9".repeat(1_500),
            "null",
            "true",
            "[" + exp + "]",
            "NaN",
            "0x7fffffff");
    for (String end : ends) {
      addSigned("exp " + end.substring(0, Math.min(30, end.length())), parts.claim("exp", end));
    }
    addSigned("exp long ago", parts.claim("exp", Long.toString(exp - 10_000_000)));
    addSigned("nbf to come", parts.claim("nbf", Long.toString(exp)));
    addSigned("iat to come", parts.claim("iat", Long.toString(exp - 1)));
    for (String name : List.of("iss", "aud", "sub", "jti", "sid", "typ", "iat", "nbf", "exp")) {
      addSigned("no " + name, parts.withoutClaim(name));
      addSigned(name + " null", parts.claim(name, "null"));
      String json = claims.getValue(name) instanceof Number n ? n.toString() : "\"x\"";
      String open = parts.claims().substring(0, parts.claims().length() - 1);
      addSigned(
          name + " twice", new Parts(parts.header(), open + ",\"" + name + "\":" + json + '}'));
    }
    for (String type : List.of("access", "refresh")) {
      if (!type.equals(claims.getString("typ"))) {
        addSigned("typ in the claims only", parts.claim("typ", '"' + type + '"'));
      }
    }
    addSigned("typ list in the claims", parts.claim("typ", "[\"access\",\"refresh\"]"));
    addSigned("sub with a space", parts.claim("sub", '"' + claims.getString("sub") + " \""));
    addSigned("sub that is SQL", parts.claim("sub", "\"' OR '1'='1\""));
    addSigned("jti that is a pattern", parts.claim("jti", "\"*\""));
  }

  private static PrivateKey newEcKey() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair().getPrivate();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
