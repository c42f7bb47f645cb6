// The words that are pinned, each with a chart of its own.

import { Chart } from "./charts.js";
import { KeyedList, make, setText, wordElement } from "./elements.js";
import { beginning, growth, whole } from "./format.js";
import { Bars, summaryOf } from "./windows.js";

const ASK_MS = 2000; // the least time between two questions for the windows of a word

/** Show a chart of each pinned word: its rate, or with windows its count in each. */
export class PinnedWords {
  constructor(section) {
    this.section = section;
    this.none = section.querySelector(".none");
    this.parts = new WeakMap();
    this.list = new KeyedList(section.querySelector(".charts"), (pin) => this.create(pin), (...parts) => this.update(...parts));
  }

  /** Show words with what the server knows of each. */
  show(words, hour) {
    this.hour = hour;
    this.windows = null;
    this.showAll(words);
  }

  /** Show words in windows, of which each has its most frequent words. */
  showInWindows(words, windows, now) {
    Object.assign(this, { windows, now });
    this.showAll(words.map((word) => ({ word })));
  }

  showAll(words) {
    this.none.hidden = words.length > 0;
    const buttons = this.section.getElementsByClassName("remove");
    const at = [...buttons].indexOf(document.activeElement);
    this.list.show(words, (pin) => pin.word);
    // The focus of a button that has gone goes on to the next one.
    if (at >= 0 && document.activeElement === document.body) (buttons[Math.min(at, buttons.length - 1)] ?? this.section).focus();
  }

  create({ word }) {
    const remove = make("button", "remove", "×");
    remove.type = "button";
    remove.dataset.word = word;
    remove.ariaLabel = `Remove ${nameOf(word)}`;
    const facts = make("p", "facts");
    const sum = make("p", "sum");
    const chart = new Chart(make("h3", "", wordElement(word)), "/s");
    chart.head.append(remove);
    const bars = new Bars(3);
    const element = make("li", "pin", chart.element, bars.element, facts, sum);
    this.parts.set(element, { chart, bars, facts, sum, word, asked: 0, answers: new Map() });
    return element;
  }

  update(element, pin) {
    const parts = this.parts.get(element);
    const { chart, bars, facts, sum } = parts;
    const hasRate = !this.windows && !pin.may_be_counted;
    chart.plot.hidden = chart.axis.hidden = chart.value.hidden = !hasRate;
    bars.element.hidden = !this.windows?.length;
    sum.hidden = true;
    if (this.windows) {
      this.showWindows(parts);
      this.askFor(parts);
      return;
    }
    if (hasRate) chart.show(pin.hour, this.hour, pin.per_second, nameOf(pin.word));
    const known = `${whole(pin.count)} in all, +${growth(pin.last_minute)} a minute`;
    const unknown = pin.may_be_counted ? "Not among the counts in memory" : "Has not come yet";
    setText(facts, pin.is_counted ? known : unknown);
  }

  /** Show the counts of a word: of each window that has it among its words here, else as the server has answered. */
  showWindows({ bars, facts, sum, word, answers }) {
    const { windows, now } = this;
    const counts = windows.map((one) => one.words.find((row) => row.word === word)?.count ?? answers.get(one.start));
    const values = counts.map((count) => count ?? null);
    sum.hidden = !windows.length;
    if (!windows.length) setText(facts, "No windows yet");
    else bars.show(windows, values, `${nameOf(word)} in each window`, now);
    if (!windows.length || counts.includes(undefined)) return; // the answer that is on its way says the rest
    setText(facts, summaryOf(windows, values, now));
    const unknown = counts.filter((count) => count === null).length;
    const total = `${whole(values.reduce((before, value) => before + value, 0))} in ${windows.length} ${windows.length > 1 ? "windows" : "window"}`;
    setText(sum, unknown ? `${total}, unknown in ${unknown} of them: other words are more frequent there` : total);
  }

  async askFor(parts) {
    if (parts.isAsking || Date.now() - parts.asked < ASK_MS) return;
    Object.assign(parts, { isAsking: true, asked: Date.now() });
    try {
      const answer = await fetch(`api/windows?${new URLSearchParams({ n: 1, word: parts.word })}`, { cache: "no-store" });
      if (!answer.ok) return;
      const { windows } = await answer.json();
      parts.answers = new Map(windows.map((one) => [one.start, one.count]));
      if (this.windows) this.showWindows(parts);
    } catch {
      // The connection is lost, and the page says so; the next update asks again.
    } finally {
      parts.isAsking = false;
    }
  }
}

function nameOf(word) {
  return beginning(word.slice(0, 100));
}
