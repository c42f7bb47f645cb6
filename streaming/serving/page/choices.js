// What the viewer has chosen. The address has it all but the pause, so that a link shows the same.

export const MOST_PINS = 6;
const LONGEST_PIN = 2000; // of its form in an address; servers and proxies refuse long ones

/** What is pinned, by what the words are sorted, and what they must contain. */
export class Choices {
  constructor(address) {
    const query = new URLSearchParams(address);
    this.pins = [];
    for (const word of query.getAll("pin")) if (this.canPin(word)) this.pins.push(word);
    this.by = query.get("by") === "rate" ? "rate" : "count";
    this.match = (query.get("match") ?? "").slice(0, 200);
    this.isPaused = false;
  }

  isPinned(word) {
    return this.pins.includes(word);
  }

  canPin(word) {
    return !this.isPinned(word) && this.pins.length < MOST_PINS && !isTooLong(word);
  }

  /** Pin a word, or no longer; return in one sentence why that cannot be, else nothing. */
  toggle(word) {
    if (this.isPinned(word)) this.pins = this.pins.filter((pinned) => pinned !== word);
    else if (this.canPin(word)) this.pins.push(word);
    else if (isTooLong(word)) return "This word is too long to be pinned";
    else return `${MOST_PINS} words are pinned; remove one first`;
    return "";
  }

  /** The choices as a query, as the address and the API have them. */
  get query() {
    const query = new URLSearchParams();
    for (const word of this.pins) query.append("pin", word);
    if (this.by !== "count") query.set("by", this.by);
    if (this.match) query.set("match", this.match);
    return query.toString();
  }
}

function isTooLong(word) {
  return new URLSearchParams({ word }).toString().length > LONGEST_PIN;
}
