"use strict";

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
    } else if (data.deleted) {
      this.say("followed", `Following ${this.topic}: deleted`);
    } else if (typeof data.stock === "number") {
      this.say("followed", `Following ${this.topic}: ${data.stock} in stock`);
    }
  }

  progress(data) {
    byId("progress").hidden = false;
    byId("progress").dataset.status = data.status ?? "";
    byId("bar").value = data.progress;
    const words = [`${Math.round(data.progress)} %`, data.stage, data.message, data.status];
    if (data.attempt > 1) words.push(`attempt ${data.attempt}`);
    byId("progress-words").textContent = words.filter(Boolean).join(" · ");
    this.end(data);
  }

  /** What became of a job that has ended: why it did not succeed, or what it gave. */
  end(data) {
    byId("progress-error").textContent = data.error ? `${data.error.type}: ${data.error.message}` : "";
    byId("progress-result").hidden = true;
    if (data.status === "succeeded" && data.job_id) this.result(data.job_id);
  }

  async result(job) {
    const token = byId("token").value.trim();
    const answer = await fetch(`/status/${job}`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok || this !== followed) return;
    const { result } = await answer.json();
    byId("progress-result").textContent = JSON.stringify(result ?? {}, null, 2);
    byId("progress-result").hidden = false;
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

const stock = new Stock({
  followProduct: topic => {
    byId("topic").value = topic;
    follow(topic);
  },
  changed: () => link.tell(),
});
link.follow("stock", stock);
link.connect();
