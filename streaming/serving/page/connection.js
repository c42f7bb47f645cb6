// Follows the events of the server. A connection that is lost is found again, however long that takes.

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;
const SILENT_MS = 30_000; // without an update: nothing has changed, or the network is gone
const ANSWER_MS = 5000;

/** Calls `onUpdate` with each update, and `onLost` when the connection is lost, with the reason if the server gave one. */
export class Connection {
  constructor(onUpdate, onLost) {
    Object.assign(this, { onUpdate, onLost, query: "", heard: Date.now(), retryMs: FIRST_RETRY_MS });
    setInterval(() => this.check(SILENT_MS), ANSWER_MS);
    addEventListener("online", () => this.check(0));
    document.addEventListener("visibilitychange", () => document.hidden || this.check(ANSWER_MS));
  }

  /** Follow the events of another query. */
  follow(query) {
    this.query = query;
    this.open();
  }

  open() {
    this.close();
    const source = new EventSource(`api/events?${this.query}`);
    this.source = source;
    this.heard = Date.now();
    source.addEventListener("update", (event) => {
      if (source !== this.source) return;
      this.heard = Date.now();
      this.retryMs = FIRST_RETRY_MS;
      this.onUpdate(JSON.parse(event.data));
    });
    source.addEventListener("error", () => source === this.source && this.lose());
  }

  close() {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  // EventSource gives up when an answer is refused, for example while a proxy has no server: so this tries again itself.
  async lose() {
    const isRefused = this.source?.readyState === EventSource.CLOSED;
    this.close();
    const reason = isRefused ? await this.askWhy() : "";
    if (this.source) return; // opened again meanwhile
    this.onLost(reason);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 1.5, LAST_RETRY_MS);
  }

  /** Return why the server refuses the events, which EventSource does not tell; empty if it does not say, or refuses no longer. */
  async askWhy() {
    try {
      const answer = await fetch(`api/events?${this.query}`, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) return String((await answer.json()).error ?? "");
      await answer.body.cancel();
    } catch {
      // No answer, or that of a proxy.
    }
    return "";
  }

  /** Try again at once if the connection is lost; ask whether the server is there if it has been silent for so long. */
  async check(silentMs) {
    if (!this.source) {
      if (silentMs < SILENT_MS) this.open();
      return;
    }
    const { source } = this;
    if (Date.now() - this.heard < silentMs || this.isAsking) return;
    this.isAsking = true;
    try {
      const answer = await fetch("api/summary", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(answer.statusText);
      this.heard = Date.now();
    } catch {
      if (source === this.source) this.lose();
    } finally {
      this.isAsking = false;
    }
  }
}
