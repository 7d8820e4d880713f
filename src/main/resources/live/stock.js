"use strict";

const byId = id => document.getElementById(id);

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const clockTime = date => date.toLocaleTimeString([], {hourCycle: "h23"});

/** An amount in the smallest unit of a currency, of which some have no cents. */
const inCurrency = (amount, currency) => {
  try {
    const format = new Intl.NumberFormat([], {style: "currency", currency});
    return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${amount} ${currency}`; // no currency that is known here
  }
};

/**
 * Every product with its stock: the list by HTTP, what changes by the topic. What is told counts at
 * once, also while the list is read or cannot be; of the list and what was told, the newer counts.
 */
class Stock {
  static PAGE_SIZE = 100;
  static MOST_PAGES = 20;
  static LATEST = 8;

  /** How long the topic may take to begin before the list is read without it. */
  static PATIENCE_MILLIS = 2_000;

  /** What all pages hear of at once they ask for within this time. */
  static SPREAD_MILLIS = 2_000;

  /** New products that are asked for one by one; when there are more, the list is read. */
  static MOST_STRANGERS = 10;

  /** How long the list may come from a cache that is about to be dropped. */
  static OLD_LIST_MILLIS = 10_000;

  constructor({followProduct, changed}) {
    this.followProduct = followProduct;
    this.changed = changed;
    this.rows = new Map(); // product id -> {product, row, words, delta, text, toldAt}
    this.gone = new Map(); // id of a deleted product -> when it was told
    this.strangers = new Map(); // id of a product that is not in the list -> the newest event
    this.told = null; // id -> the newest event since a reading of the list was due
    this.names = new Map(); // slug of a category -> its name
    this.failures = 0;
    this.notBefore = 0;
    byId("find").addEventListener("input", () => this.filter());
    this.timer = setTimeout(() => this.read(), Stock.PATIENCE_MILLIS);
  }

  static someTime() {
    return Math.random() * Stock.SPREAD_MILLIS;
  }

  subscribed() {}

  refused(detail) {
    this.count(`The stock cannot be followed: ${detail}`);
  }

  /** Why the table may differ from the truth, or null when it does not. */
  behind() {
    if (!this.told) return null;
    if (this.failures === 0) return "reading the products";
    return `the products cannot be read; trying again in ${seconds(this.readAt - Date.now())} s`;
  }

  /** Something may have been missed: the list is read, after a while where many pages read it. */
  reload(first) {
    this.readAfter(first ? 0 : Stock.someTime());
  }

  readAfter(millis) {
    clearTimeout(this.timer);
    this.told ??= new Map();
    this.turn = null; // what is being read now began too early
    const pause = Math.max(millis, this.notBefore - Date.now());
    this.readAt = Date.now() + pause;
    this.timer = setTimeout(() => this.read(), pause);
    this.changed();
  }

  async read() {
    this.told ??= new Map();
    const turn = this.turn = Symbol("reading");
    try {
      const [products, names] = await Promise.all([this.products(), this.categories()]);
      if (turn !== this.turn) return;
      this.failures = 0;
      this.names = names;
      this.fill(products);
      this.changed();
    } catch (fault) {
      if (turn !== this.turn) return;
      this.later(fault);
    }
  }

  later(fault) {
    const asked = fault.retryAfterMillis ? fault.retryAfterMillis + Stock.someTime() : 0;
    this.notBefore = Date.now() + asked;
    this.readAfter(backOff(++this.failures));
    if (this.rows.size === 0) this.count("The products cannot be read");
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
      fault.status = answer.status;
      fault.retryAfterMillis = 1000 * Number(answer.headers.get("Retry-After")) || 0;
      throw fault;
    }
    return answer.json();
  }

  fill(products) {
    const before = this.rows;
    this.rows = new Map();
    this.gone.forEach((toldAt, id) => { if (!Stock.isFresh(toldAt)) this.gone.delete(id); });
    const living = products.filter(product => !this.gone.has(product.id));
    this.total -= products.length - living.length;
    for (const product of living) {
      const known = before.get(product.id);
      if (known?.product.version > product.version && Stock.isFresh(known.toldAt)) {
        Object.assign(product, {stock: known.product.stock, version: known.product.version});
      }
      const made = this.row(product);
      if (known && known.product.stock !== product.stock) {
        this.mark(made, known.product.stock);
      }
    }
    byId("products").replaceChildren(...[...this.rows.values()].map(each => each.row));
    const told = this.told;
    this.told = null;
    told.forEach(data => this.event(data));
    this.filter();
  }

  static isFresh(toldAt) {
    return Date.now() - toldAt < Stock.OLD_LIST_MILLIS;
  }

  row(product) {
    const category = this.names.get(product.category) ?? product.category;
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

  event(data) {
    const id = data.product_id;
    const known = this.rows.get(id);
    this.keep(this.told, data);
    if (data.deleted) this.gone.set(id, Date.now());
    if (!known) {
      if (!this.told && !data.deleted) this.meet(data);
    } else if (data.version > known.product.version) {
      this.apply(data, known);
    }
  }

  /** Of what waits, the newest of each product. */
  keep(waiting, data) {
    const kept = waiting?.get(data.product_id);
    if (waiting && !(kept?.version > data.version)) waiting.set(data.product_id, data);
  }

  apply(data, known) {
    const before = known.product.stock;
    known.product.stock = data.stock;
    known.product.version = data.version;
    known.toldAt = Date.now();
    if (data.deleted) {
      this.remove(known, before);
    } else if (before !== data.stock) {
      this.write(known);
      this.mark(known, before);
    }
  }

  remove(known, before) {
    this.rows.delete(known.product.id);
    known.row.remove();
    this.total--;
    this.latest(known.product, before, "deleted");
    this.filter();
  }

  /** A product that was made after the list was read; of a list that is too long, none is added. */
  meet(data) {
    const isNew = !this.strangers.has(data.product_id);
    if (isNew && this.rows.size < this.total) return;
    this.keep(this.strangers, data);
    if (this.strangers.size > Stock.MOST_STRANGERS) {
      this.strangers.clear();
      this.readAfter(Stock.someTime());
    } else if (isNew) {
      setTimeout(() => this.ask(data.product_id), Stock.someTime());
    }
  }

  async ask(id) {
    if (!this.strangers.has(id)) return;
    try {
      const {product} = await this.get(`/products/${id}`);
      if (this.strangers.has(id) && !this.rows.has(id) && !this.gone.has(id)) {
        this.total++;
        byId("products").append(this.row(product).row);
        this.event(this.strangers.get(id));
        this.filter();
      }
    } catch (fault) {
      if (fault.status !== 404) this.later(fault);
    } finally {
      this.strangers.delete(id);
    }
  }

  mark(known, before) {
    const by = known.product.stock - before;
    known.delta.textContent = by > 0 ? `+${by}` : `−${-by}`;
    known.row.classList.remove("fresh");
    void known.row.offsetWidth; // the animation begins anew
    known.row.classList.add("fresh");
    clearTimeout(known.timer);
    known.timer = setTimeout(() => { known.delta.textContent = ""; }, 4_000);
    this.latest(known.product, before, known.product.stock);
  }

  latest(product, before, after) {
    const list = byId("changes");
    list.querySelector(".none")?.remove();
    const entry = element("li");
    entry.append(
      element("time", "", clockTime(new Date())),
      element("span", "", product.name),
      element("span", "to", `${before} → ${after}`));
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
