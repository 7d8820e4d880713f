"use strict";

const seconds = millis => Math.max(1, Math.ceil(millis / 1000));

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

  /**
   * The owner hears subscribed(), event(data, text), refused(detail) and, when something may have
   * been missed, reload(first); it may tell by behind() why it shows less than it was told.
   */
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
          const first = topic.since === null;
          this.place(topic, message);
          topic.owner.subscribed();
          if (first || !message.recovered) topic.owner.reload(first);
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
          if (!message.recovered) topic.owner.reload(false);
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
    if (this.socket && Date.now() - this.heardAt > 2 * Link.SILENCE_MILLIS) {
      this.closed(1006, "");
    } else if (!this.pinged && Date.now() - this.heardAt > Link.SILENCE_MILLIS) {
      this.pinged = true;
      this.send({type: "ping"});
    }
    this.tell(); // the seconds go by
  }

  tell() {
    const topics = [...this.topics.values()];
    const states = topics.map(topic => topic.state);
    const behind = topics.map(topic => topic.owner.behind?.()).find(Boolean);
    if (this.retryAt) {
      this.show("offline", "Offline", `trying again in ${seconds(this.retryAt - Date.now())} s`);
    } else if (states.includes("degraded")) {
      this.show("degraded", "Degraded", "changes may be late");
    } else if (states.includes("live") && behind) {
      this.show("behind", "Behind", behind);
    } else if (states.includes("live")) {
      this.show("live", "Live", "");
    } else {
      this.show("connecting", "Connecting", "");
    }
  }
}
