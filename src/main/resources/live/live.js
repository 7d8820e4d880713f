"use strict";

const byId = id => document.getElementById(id);

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const seconds = millis => Math.max(1, Math.ceil(millis / 1000));
const clockTime = date => date.toLocaleTimeString([], {hourCycle: "h23"});

/** An amount in the smallest unit of a currency, of which some have no cents. */
const inCurrency = (amount, currency) => {
  const format = new Intl.NumberFormat([], {style: "currency", currency});
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
};

/** A pause that doubles with each failure up to 30 s; its random half keeps clients apart. */
const backOff = failures => {
  const longest = Math.min(30_000, 500 * 2 ** failures);
  return longest / 2 + Math.random() * longest / 2;
};

/**
 * The WebSocket, made anew for as long as the page lives. Topics are asked for again with the id of
 * the last event seen, so that nothing is missed; when that cannot be, their owner is told.
 */
class Link {
  static SILENCE_MILLIS = 5_000;
  static ASK_AGAIN_MILLIS = 2_000;

  /** Refusals of a moment, as when Redis is away. */
  static PASSING = new Set(["unavailable", "timeout", "busy"]);

  constructor(show) {
    this.show = show;
    this.topics = new Map(); // name -> {owner, since, state: "asked" | "live" | "degraded"}
    this.token = null;
    this.failures = 0;
    addEventListener("online", () => this.reconnect());
    setInterval(() => this.watch(), 1_000);
  }

  /** The owner hears reload(), event(data, id, text), refused(detail) and subscribed(). */
  follow(topic, owner) {
    this.topics.set(topic, {owner, since: null, state: "asked"});
    this.subscribe(topic);
  }

  unfollow(topic) {
    this.topics.delete(topic);
    this.send({type: "unsubscribe", topic});
    this.tell();
  }

  /** The identity of a connection is that of its beginning. */
  authenticate(token) {
    if (token === this.token) return;
    this.token = token;
    this.reconnect();
  }

  reconnect() {
    this.failures = 0;
    this.drop();
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.retryAt = null;
    this.retryAfter = null;
    const address = new URL("/ws", location);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    this.heardAt = Date.now();
    this.pinged = false;
    socket.onopen = () => this.opened();
    socket.onmessage = message => this.heard(message.data);
    socket.onclose = close => this.closed(close.code, close.reason);
    this.tell();
  }

  /** What the socket still says is nobody's business any more. */
  drop() {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.topics.forEach(topic => { topic.state = "asked"; });
  }

  opened() {
    if (this.token) {
      this.send({type: "auth", token: this.token});
    } else {
      this.subscribeAll();
    }
  }

  subscribeAll() {
    this.topics.forEach((topic, name) => this.subscribe(name));
  }

  subscribe(name) {
    const since = this.topics.get(name)?.since;
    this.send(since ? {type: "subscribe", topic: name, since} : {type: "subscribe", topic: name});
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
    }
  }

  heard(text) {
    this.heardAt = Date.now();
    this.pinged = false;
    const message = JSON.parse(text);
    const topic = this.topics.get(message.topic);
    switch (message.type) {
      case "authenticated":
        this.subscribeAll();
        break;
      case "subscribed":
        this.failures = 0;
        if (topic) {
          const known = topic.since !== null && message.recovered === true;
          this.place(topic, message);
          topic.owner.subscribed();
          if (!known) topic.owner.reload();
        }
        break;
      case "event":
        if (topic) {
          topic.since = message.id ?? topic.since;
          topic.owner.event(message.data, text);
        }
        break;
      case "degraded":
        if (topic) topic.state = "degraded";
        break;
      case "live":
        if (topic) {
          this.place(topic, message);
          if (message.recovered === false) topic.owner.reload();
        }
        break;
      case "error":
        if (topic) this.refused(topic, message);
        break;
      case "restart":
        this.retryAfter = message.retry_after_ms;
        break;
    }
    this.tell();
  }

  place(topic, message) {
    topic.state = "live";
    // What was recovered follows with its own ids; until then the old place is the safe one.
    if (!message.recovered) topic.since = message.id ?? null;
  }

  refused(topic, message) {
    if (Link.PASSING.has(message.code)) {
      const socket = this.socket;
      topic.state = "degraded";
      setTimeout(() => {
        const asked = this.socket === socket && this.topics.get(message.topic) === topic;
        if (asked) this.subscribe(message.topic);
      }, Link.ASK_AGAIN_MILLIS);
    } else {
      this.topics.delete(message.topic);
      topic.owner.refused(message.detail || message.code);
    }
  }

  closed(code, reason) {
    this.drop();
    if (code === 4401 && this.token) {
      this.token = null;
      this.topics.forEach((topic, name) => {
        if (topic.owner.signedOut) {
          this.topics.delete(name);
          topic.owner.signedOut(reason);
        }
      });
    }
    const pause = this.retryAfter ?? backOff(this.failures++);
    this.retryAt = Date.now() + pause;
    this.timer = setTimeout(() => this.connect(), pause);
    this.tell();
  }

  /** A dead network closes nothing, so silence is asked about and then taken for the end. */
  watch() {
    if (this.retryAt) {
      this.tell();
    } else if (this.socket && Date.now() - this.heardAt > 2 * Link.SILENCE_MILLIS) {
      this.closed(1006, "");
    } else if (!this.pinged && Date.now() - this.heardAt > Link.SILENCE_MILLIS) {
      this.pinged = true;
      this.send({type: "ping"});
    }
  }

  tell() {
    const states = [...this.topics.values()].map(topic => topic.state);
    if (this.retryAt) {
      this.show("offline", "Offline", `trying again in ${seconds(this.retryAt - Date.now())} s`);
    } else if (states.includes("degraded")) {
      this.show("degraded", "Degraded", "changes may be late");
    } else if (states.includes("live")) {
      this.show("live", "Live", "");
    } else {
      this.show("connecting", "Connecting", "");
    }
  }
}

/** Every product with its stock: the list by HTTP, what changes by the topic. */
class Stock {
  static PAGE_SIZE = 100;
  static MOST_PAGES = 20;
  static LATEST = 8;

  constructor(followProduct) {
    this.followProduct = followProduct;
    this.rows = new Map(); // product id -> {product, row, cell, delta}
    this.waiting = null; // events that arrive while the list is read
    this.failures = 0;
    byId("find").addEventListener("input", () => this.filter());
  }

  subscribed() {}

  refused(detail) {
    this.count(`The stock cannot be followed: ${detail}`);
  }

  /** Reads the truth; what is told meanwhile is applied to it afterwards. */
  async reload() {
    clearTimeout(this.timer);
    this.waiting ??= [];
    const turn = this.turn = Symbol("reload");
    try {
      const [products, names] = await Promise.all([this.products(), this.categories()]);
      if (turn !== this.turn) return;
      this.failures = 0;
      this.fill(products, names);
    } catch (fault) {
      if (turn !== this.turn) return;
      const pause = Math.max(backOff(++this.failures), fault.retryAfterMillis ?? 0);
      this.count(`The products cannot be read; trying again in ${seconds(pause)} s`);
      this.timer = setTimeout(() => this.reload(), pause);
    }
  }

  async products() {
    const found = [];
    for (let page = 1; page <= Stock.MOST_PAGES; page++) {
      const answer = await this.get(`/products?page=${page}&page_size=${Stock.PAGE_SIZE}`);
      found.push(...answer.products);
      this.total = answer.total;
      if (answer.products.length === 0 || found.length >= answer.total) break;
    }
    return found;
  }

  async categories() {
    const answer = await this.get("/categories");
    return new Map(answer.categories.map(category => [category.slug, category.name]));
  }

  async get(path) {
    const answer = await fetch(path, {headers: {Accept: "application/json"}});
    if (!answer.ok) {
      const fault = new Error(`${path}: ${answer.status}`);
      fault.retryAfterMillis = 1000 * Number(answer.headers.get("Retry-After"));
      throw fault;
    }
    return answer.json();
  }

  fill(products, names) {
    const before = this.rows;
    this.rows = new Map();
    for (const product of products) {
      const known = before.get(product.id);
      if (known && this.isNewer(known, product)) {
        Object.assign(product, {stock: known.product.stock, version: known.product.version});
      }
      const made = this.row(product, names.get(product.category) ?? product.category);
      if (known && known.product.stock !== product.stock) {
        this.changed(made, known.product.stock);
      }
    }
    byId("products").replaceChildren(...[...this.rows.values()].map(each => each.row));
    const waiting = this.waiting;
    this.waiting = null;
    waiting.forEach(data => this.event(data));
    this.filter();
  }

  /** Told a moment ago, so that the list may come from a cache that is about to be dropped. */
  isNewer(known, product) {
    return known.product.version > product.version && Date.now() - known.toldAt < 10_000;
  }

  row(product, category) {
    const row = element("tr");
    const name = element("button", "name", product.name);
    name.type = "button";
    name.title = `Follow stock:${product.id}`;
    name.addEventListener("click", () => this.followProduct(`stock:${product.id}`));
    const head = element("th");
    head.scope = "row";
    head.append(name);
    const price = inCurrency(product.price_cents, product.currency);
    const cell = element("td", "number stock");
    const words = element("span");
    const delta = element("span", "delta");
    cell.append(delta, words);
    row.append(head, element("td", "wide", category), element("td", "number", price), cell);
    row.dataset.product = product.id;
    const text = `${product.name} ${category}`.toLocaleLowerCase();
    const made = {product, row, words, delta, text, toldAt: 0};
    this.write(made);
    this.rows.set(product.id, made);
    return made;
  }

  write(known) {
    known.row.dataset.stock = known.product.stock;
    known.words.textContent = known.product.stock === 0 ? "sold out" : known.product.stock;
  }

  /** An event that is older than what is shown says nothing new. */
  event(data) {
    if (this.waiting) {
      this.waiting.push(data);
      return;
    }
    const known = this.rows.get(data.product_id);
    if (!known) {
      this.unknown();
    } else if (data.version > known.product.version) {
      const before = known.product.stock;
      known.product.stock = data.stock;
      known.product.version = data.version;
      known.toldAt = Date.now();
      if (before !== data.stock) {
        this.write(known);
        this.changed(known, before);
      }
    }
  }

  /** A product that was made after the list was read. */
  unknown() {
    if (this.rows.size < this.total || this.newTimer) return;
    this.newTimer = setTimeout(() => {
      this.newTimer = null;
      this.reload();
    }, 1_000);
  }

  changed(known, before) {
    const by = known.product.stock - before;
    known.delta.textContent = by > 0 ? `+${by}` : `−${-by}`;
    known.row.classList.remove("fresh");
    void known.row.offsetWidth; // the animation begins anew
    known.row.classList.add("fresh");
    clearTimeout(known.timer);
    known.timer = setTimeout(() => { known.delta.textContent = ""; }, 4_000);
    this.latest(known.product, before);
  }

  latest(product, before) {
    const list = byId("changes");
    list.querySelector(".none")?.remove();
    const entry = element("li");
    entry.append(
      element("time", "", clockTime(new Date())),
      element("span", "", product.name),
      element("span", "to", `${before} → ${product.stock}`));
    list.prepend(entry);
    while (list.children.length > Stock.LATEST) list.lastElementChild.remove();
  }

  filter() {
    const words = byId("find").value.toLocaleLowerCase().split(/\s+/);
    let shown = 0;
    this.rows.forEach(known => {
      known.row.hidden = !words.every(word => known.text.includes(word));
      if (!known.row.hidden) shown++;
    });
    const all = this.rows.size;
    const rest = this.total > all ? ` (the first of ${this.total})` : "";
    this.count(all === 0 ? "No products yet" : shown === all ? `${all} products${rest}` : `${shown} of ${all} products${rest}`);
  }

  count(words) {
    byId("count").textContent = words;
  }
}

/** One topic of the user's choice, with the progress that its events tell of. */
class Followed {
  static KEPT = 50;

  constructor(topic) {
    this.topic = topic;
    byId("events").replaceChildren();
    byId("progress").hidden = true;
    byId("unfollow").disabled = false;
    this.say("asked", `Asking for ${topic}`);
  }

  subscribed() {
    this.say("followed", `Following ${this.topic}`);
  }

  /** The present value follows by itself. */
  reload() {}

  refused(detail) {
    this.say("error", `${this.topic}: ${detail}`);
    byId("unfollow").disabled = true;
  }

  signedOut(reason) {
    this.refused(reason || "the token is not or no longer valid");
  }

  event(data, text) {
    const events = byId("events");
    events.prepend(element("li", "", text));
    while (events.children.length > Followed.KEPT) events.lastElementChild.remove();
    if (typeof data.progress === "number") {
      this.progress(data);
    } else if (typeof data.stock === "number") {
      this.say("followed", `Following ${this.topic}: ${data.stock} in stock`);
    }
  }

  progress(data) {
    byId("progress").hidden = false;
    byId("bar").value = data.progress;
    const words = [`${Math.round(data.progress)} %`, data.stage, data.message, data.status];
    byId("progress-words").textContent = words.filter(Boolean).join(" · ");
  }

  say(state, words) {
    byId("followed").dataset.state = state;
    byId("followed").textContent = words;
  }
}

const link = new Link((state, words, detail) => {
  if (byId("link").dataset.state !== state) {
    byId("link").dataset.state = state;
    byId("link").textContent = words; // read aloud, unlike the seconds beside it
  }
  byId("link-detail").textContent = detail;
  byId("reconnect").hidden = state !== "offline";
});

let followed = null;

const unfollow = () => {
  if (followed) link.unfollow(followed.topic);
  followed = null;
};

const follow = topic => {
  if (topic === "stock") {
    byId("followed").textContent = "The whole stock is what the table follows";
    return;
  }
  unfollow();
  followed = new Followed(topic);
  link.authenticate(byId("token").value.trim() || null);
  link.follow(topic, followed);
};

byId("follow").addEventListener("submit", submitted => {
  submitted.preventDefault();
  follow(byId("topic").value.trim());
});

byId("unfollow").addEventListener("click", () => {
  unfollow();
  byId("unfollow").disabled = true;
  byId("progress").hidden = true;
  byId("followed").textContent = "";
});

byId("reconnect").addEventListener("click", () => link.reconnect());

const stock = new Stock(topic => {
  byId("topic").value = topic;
  follow(topic);
});
stock.reload(); // there is something to see where a WebSocket does not get through
link.follow("stock", stock);
link.connect();
