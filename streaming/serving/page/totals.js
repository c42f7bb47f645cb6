// The numbers at the top of the page.

import { KeyedList, make, setText } from "./elements.js";
import { duration, minute, moment, rate, whole } from "./format.js";

/** Show the totals of a stream; what it does not have is left out. */
export class Totals {
  constructor(element) {
    this.list = new KeyedList(element, createTotal, updateTotal);
  }

  show(summary, now) {
    this.list.show(totalsOf(summary, now), (total) => total.label);
  }
}

function totalsOf(summary, now) {
  const since = new Date(summary.since);
  const before = summary.words_before;
  const all = [
    ["Words", whole(summary.words), `${rate(summary.words_per_second)} /s`],
    [before ? "New lines" : "Lines", summary.lines === null ? null : whole(summary.lines), `${rate(summary.lines_per_second)} /s`],
    ["Distinct words", whole(summary.distinct), distinctNote(summary)],
    ["Lag", summary.lag_seconds === null ? null : duration(summary.lag_seconds), recordsBehind(summary.lag_records)],
    ["Batch", summary.batch_seconds === null ? null : duration(summary.batch_seconds), ""],
    ["Files", summary.files === null ? null : whole(summary.files), "followed"],
    ["Partitions", summary.partitions === null ? null : whole(summary.partitions), "read"],
    ["Since", moment(since, now, minute), duration(Math.max(0, Math.floor((now - since) / 1000)))],
  ];
  if (summary.lag_seconds === null && summary.lag_records !== null) {
    all[3] = ["Lag", whole(summary.lag_records), "records"];
  }
  return all.filter(([, value]) => value !== null).map(([label, value, note]) => ({ label, value, note }));
}

function recordsBehind(records) {
  return records === null ? "" : `${whole(records)} records`;
}

function distinctNote({ is_windowed: isWindowed, words_before: before }) {
  if (isWindowed) return "in open windows";
  return before ? `${whole(before)} words before` : "";
}

function createTotal({ label }) {
  return make("div", "", make("dt", "", label), make("dd", "value"), make("dd", "note"));
}

function updateTotal(element, { value, note }) {
  setText(element.children[1], value);
  setText(element.children[2], note);
}
