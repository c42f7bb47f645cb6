// Charts of the last hour, drawn as SVG: a small one in each row, and larger ones with axes.

import { draw, make, setAttribute, setText } from "./elements.js";
import { minute, rate, short } from "./format.js";

const SPANS = [10, 20, 30, 60]; // minutes; a stream that began just now would be a dot at the edge of an hour
const LEAST_SECONDS = 10; // of a part of which the rate says something

/**
 * When the parts of the last hour are.
 *
 * `rates(sums)` gives the rate of each part that is shown, or null before the stream began. The part that is not over yet
 * counts for as long as it has lasted.
 */
export class Hour {
  constructor(summary) {
    this.seconds = summary.hour.seconds;
    this.until = Date.parse(summary.hour.until) / 1000;
    this.now = Date.parse(summary.now) / 1000;
    this.since = Date.parse(summary.since) / 1000;
    const age = (this.until - this.since) / 60;
    this.minutes = SPANS.find((span) => age <= span) ?? 60;
    this.parts = Math.min(Math.round((this.minutes * 60) / this.seconds), summary.hour.words.length);
    this.from = this.until - this.parts * this.seconds;
  }

  get title() {
    return this.minutes === 60 ? "Last hour" : `Last ${this.minutes} minutes`;
  }

  rates(sums) {
    return sums.slice(-this.parts).map((sum, index) => {
      const start = this.from + index * this.seconds;
      const lasted = Math.min(this.now, start + this.seconds) - Math.max(this.since, start);
      const isFirst = this.since >= start;
      if (lasted <= 0 || (lasted < LEAST_SECONDS && !isFirst)) return null;
      return sum / Math.max(lasted, 1);
    });
  }

  /** Where a time in seconds is, from 0 to 1. */
  place(seconds) {
    return (seconds - this.from) / (this.until - this.from);
  }
}

/** The least round number that is not less: of one digit, so that its half is round too. */
export function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value * 0.999) * power;
}

/** A drawing of a course: the line and the area below it. It is as wide as its place. */
export class Course {
  constructor() {
    this.line = draw("path", { class: "line" });
    this.area = draw("path", { class: "area" });
    this.element = draw("svg", { class: "course", preserveAspectRatio: "none", "aria-hidden": "true" }, this.area, this.line);
  }

  /** Show values, of which null is a gap; `most` is at the top. */
  show(values, most) {
    setAttribute(this.element, "viewBox", `0 0 ${Math.max(values.length, 1)} 100`);
    const points = values.map((value, x) => (value === null ? null : [x + 0.5, 100 - (100 * value) / (most || 1)]));
    const seen = points.filter((point) => point !== null).map(([x, y]) => `${x} ${y.toFixed(1)}`);
    const line = seen.length === 1 ? `M${seen[0]}h.01` : seen.length ? `M${seen.join("L")}` : "";
    if (line === this.shown) return;
    this.shown = line;
    this.line.setAttribute("d", line);
    const [first, last] = [seen[0], seen.at(-1)].map((point) => point?.split(" ")[0]);
    this.area.setAttribute("d", seen.length > 1 ? `${line}L${last} 100L${first} 100Z` : "");
  }
}

/** A chart of a rate over the last hour, with its axes and its value now. */
export class Chart {
  constructor(title, unit) {
    this.unit = unit;
    this.course = new Course();
    this.value = make("span", "value");
    this.top = make("span", "level top");
    this.half = make("span", "level half");
    this.plot = make("div", "plot", this.top, this.half, this.course.element);
    this.plot.role = "img";
    this.axis = make("div", "axis");
    this.axis.setAttribute("aria-hidden", "true");
    this.head = make("div", "chart-head", title, this.value);
    this.element = make("div", "chart", this.head, this.plot, this.axis);
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.point(null));
  }

  /** Show the sums of the parts of an hour; `now` is the value that stands above, `name` what a reader is told. */
  show(sums, hour, now, name) {
    this.values = hour.rates(sums);
    this.hour = hour;
    this.now = now;
    const highest = Math.max(0, ...this.values);
    const most = roundUp(highest);
    this.course.show(this.values, most);
    setText(this.top, short(most));
    setText(this.half, short(most / 2));
    setAttribute(this.plot, "aria-label", `${name}: ${rate(now)} a second now, at most ${rate(highest)} in a minute`);
    this.showTimes();
    this.showValue();
  }

  point(event) {
    const { left, width } = this.plot.getBoundingClientRect();
    this.at = event && this.values ? Math.floor((this.values.length * (event.clientX - left)) / width) : undefined;
    this.showValue();
  }

  showValue() {
    const value = this.values?.[this.at];
    if (value === undefined || value === null) setText(this.value, `${rate(this.now)} ${this.unit}`);
    else {
      const start = new Date((this.hour.from + this.at * this.hour.seconds) * 1000);
      setText(this.value, `${minute(start)}: ${rate(value)} ${this.unit}`);
    }
  }

  showTimes() {
    const { from, until, minutes } = this.hour;
    const step = { 10: 2, 20: 5, 30: 10, 60: 15 }[minutes] * 60;
    const times = [];
    for (let time = Math.ceil(from / step) * step; time <= until; time += step) times.push(time);
    showTicks(this.axis, times.map((time) => [this.hour.place(time), minute(new Date(time * 1000))]));
  }
}

/** Show the labels of an axis, each at its place from 0 to 1. Those that would leave the edge are left out. */
export function showTicks(axis, ticks) {
  const inside = ticks.filter(([place]) => place > 0.03 && place < 0.97);
  while (axis.children.length < inside.length) axis.append(make("span"));
  while (axis.children.length > inside.length) axis.lastElementChild.remove();
  inside.forEach(([place, text], index) => {
    const label = axis.children[index];
    setText(label, text);
    label.style.setProperty("left", `${(place * 100).toFixed(1)}%`);
  });
}
