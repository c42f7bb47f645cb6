// Windows of time: an axis with a bar for each, and the top words of the latest ones.

import { draw, make, KeyedList, setAttribute, setText, wordButton } from "./elements.js";
import { roundUp, showTicks } from "./charts.js";
import { clock, day, minute, moment, short, whole } from "./format.js";

const DAY_MS = 86_400_000;

/** How the times of windows of this length are written: with seconds only where they need them. */
const timeOf = (ms) => (ms % 60_000 ? clock : minute);

/** "23:10–23:15", with the day unless it is today's; a day and longer without the time. */
export function nameOf({ start, end }, now) {
  const [from, to] = [new Date(start), new Date(end)];
  if (to - from >= DAY_MS) return to - from === DAY_MS ? day(from) : `${day(from)}–${day(to)}`;
  const time = timeOf(to - from);
  return `${moment(from, now, time)}–${time(to)}`;
}

/** Bars over time, one a window. That of an open window is pale, as it still grows. */
export class Bars {
  constructor(mostLabels) {
    this.mostLabels = mostLabels;
    this.drawing = draw("svg", { class: "bars-of-windows", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.top = make("span", "level top");
    this.plot = make("div", "plot", this.top, this.drawing);
    this.plot.role = "img";
    this.axis = make("div", "axis");
    this.axis.setAttribute("aria-hidden", "true");
    this.element = make("div", "chart", this.plot, this.axis);
  }

  /** Show a value for each window, of which one that is not known leaves a shaded gap, and say what they are. */
  show(windows, values, name, now) {
    const shown = JSON.stringify([windows.map((one) => [one.start, one.is_open]), values]);
    if (shown === this.shown) return;
    this.shown = shown;
    const starts = windows.map((one) => Date.parse(one.start));
    const steps = starts.slice(1).map((start, index) => start - starts[index]).filter((step) => step > 0);
    const width = Math.min(...steps, Date.parse(windows[0].end) - starts[0]);
    const from = starts[0];
    const span = Math.max(starts.at(-1) + width - from, 12 * width);
    const most = roundUp(Math.max(...values));
    setText(this.top, short(most));
    setAttribute(this.plot, "aria-label", `${name}: ${summaryOf(windows, values, now)}`);
    setAttribute(this.drawing, "viewBox", `0 0 ${(span / width).toFixed(3)} 100`);
    this.drawing.replaceChildren(
      ...windows.map((one, index) => {
        const value = values[index];
        const height = value === null ? 100 : Math.max((100 * value) / most, value ? 1 : 0);
        const x = (starts[index] - from) / width + 0.1;
        const name = value === null ? "unknown" : one.is_open ? "open" : "closed";
        return draw("rect", { x, y: 100 - height, width: 0.8, height, class: name });
      }),
    );
    const time = timeOf(width);
    const every = Math.ceil((span / width / this.mostLabels) * (time === clock ? 2 : 1)) * width;
    const ticks = [];
    for (let at = from; at < from + span; at += every) {
      ticks.push([(at + width / 2 - from) / span, width >= DAY_MS ? day(at) : time(at)]);
    }
    showTicks(this.axis, ticks);
  }
}

/** "7 in 23:10–23:15, still open": the value of the last window. */
export function summaryOf(windows, values, now) {
  const last = windows.at(-1);
  const value = values.at(-1);
  return `${value === null ? "Unknown" : whole(value)} in ${nameOf(last, now)}${last.is_open ? ", still open" : ""}`;
}

/** The section of a stream that counts in windows: bars in the order of time, and the words of each, the latest first. */
export class WindowsSection {
  constructor(section, choices) {
    this.section = section;
    this.choices = choices;
    this.bars = new Bars(8);
    this.strip = section.querySelector(".strip");
    section.querySelector(".bars").append(this.bars.element);
    this.list = new KeyedList(this.strip.firstElementChild, () => this.create(), (...parts) => this.update(...parts));
    this.words = new WeakMap();
  }

  show(windows, now) {
    this.section.querySelector(".none").hidden = windows.length > 0;
    this.bars.element.hidden = this.strip.hidden = windows.length === 0;
    if (windows.length === 0) return;
    this.now = now;
    const sums = windows.map((one) => one.words.reduce((sum, { count }) => sum + count, 0));
    this.bars.show(windows, sums, "Occurrences of the top words in each window", now);
    this.list.show(windows.toReversed(), (one) => `${one.start} ${one.end}`);
  }

  create() {
    const element = make("li", "window", make("h3", "", make("span"), make("span", "state")), make("ol"));
    const create = ({ word }) => make("li", "", wordButton(word), make("span", "count"));
    const update = (item, { word, count }) => {
      setAttribute(item.firstElementChild, "aria-pressed", this.choices.isPinned(word));
      setText(item.lastElementChild, whole(count));
    };
    this.words.set(element, new KeyedList(element.lastElementChild, create, update));
    return element;
  }

  update(element, one) {
    const [name, state] = element.firstElementChild.children;
    setText(name, nameOf(one, this.now));
    setText(state, one.is_open ? "open" : "");
    setAttribute(element, "data-open", one.is_open);
    this.words.get(element).show(one.words, ({ word }) => word);
  }
}
