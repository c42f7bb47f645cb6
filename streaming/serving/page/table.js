// The table of words, and the lists of new and rising ones.

import { Course } from "./charts.js";
import { KeyedList, make, setAttribute, setText, wordButton } from "./elements.js";
import { growth, percent, rate, whole } from "./format.js";

/** Show the top words. A row is kept as long as its word is there. */
export class WordTable {
  constructor(body, choices) {
    this.choices = choices;
    this.list = new KeyedList(body, (row) => this.create(row), (...parts) => this.update(...parts));
    this.parts = new WeakMap();
    this.body = body;
    // Rows that change places under the pointer would be missed: they wait until it is up.
    body.addEventListener("pointerdown", () => (this.isHeld = true));
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (this.isHeld = false));
    body.addEventListener("focusin", (event) => this.letTab(event.target.closest("tr")));
    body.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Let the tab key reach the word of this row alone; the arrow keys reach the others. */
  letTab(row) {
    if (this.reached) this.parts.get(this.reached).button.tabIndex = -1;
    this.reached = row;
    if (row) this.parts.get(row).button.tabIndex = 0;
  }

  onKey(event) {
    const row = event.target.closest("tr");
    const { firstElementChild: first, lastElementChild: last } = this.body;
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: first, End: last }[event.key];
    if (!next || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.parts.get(next).button.focus();
  }

  show(rows, hour) {
    if (this.isHeld) return;
    this.hour = hour;
    // The column of counts is as wide as the longest: it grows with a digit, which is rare, and never cuts one.
    const longest = Math.max(0, ...rows.map((row) => whole(row.count).length));
    this.body.parentElement.style.setProperty("--digits", longest);
    this.highest = Math.max(...rows.map((row) => row.share), 0);
    this.list.show(rows, (row) => row.word);
    if (!this.reached?.isConnected) this.letTab(this.body.firstElementChild);
  }

  create({ word }) {
    const course = new Course();
    const parts = { course, button: wordButton(word), bar: make("span", "bar") };
    const name = make("th", "word", parts.button);
    name.scope = "row";
    const cells = Object.fromEntries(["rank", "count", "share", "rate", "minute", "hour"].map((key) => [key, make("td", key)]));
    parts.percent = make("span");
    parts.button.tabIndex = -1;
    cells.share.append(parts.bar, parts.percent);
    cells.hour.append(course.element);
    const row = make("tr", "", cells.rank, name, cells.count, cells.share, cells.rate, cells.minute, cells.hour);
    this.parts.set(row, { ...parts, ...cells });
    return row;
  }

  update(element, row, index) {
    const parts = this.parts.get(element);
    setText(parts.rank, String(index + 1));
    setText(parts.count, whole(row.count));
    setText(parts.percent, percent(row.share));
    setText(parts.rate, rate(row.per_second));
    setText(parts.minute, row.last_minute ? `+${growth(row.last_minute)}` : "0");
    element.style.setProperty("--share", this.highest ? (row.share / this.highest).toFixed(3) : "0");
    setAttribute(parts.button, "aria-pressed", this.choices.isPinned(row.word));
    const values = this.hour.rates(row.hour);
    parts.course.show(values, Math.max(...values));
  }
}

/** Show words as a row of buttons, each with a text after it. */
export class Chips {
  constructor(section, choices) {
    this.none = section.querySelector(".none");
    const update = (element, { word, text }) => {
      setAttribute(element.firstElementChild, "aria-pressed", choices.isPinned(word));
      setText(element.lastElementChild, text);
    };
    const create = ({ word }) => make("li", "", wordButton(word), make("span"));
    this.list = new KeyedList(section.querySelector(".chips"), create, update);
  }

  show(items) {
    this.none.hidden = items.length > 0;
    this.list.show(items, (item) => item.word);
  }
}
