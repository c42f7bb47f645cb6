// The page: takes each update of the server and shows it, at most four times a second.

import { Chart, Hour } from "./charts.js";
import { Choices } from "./choices.js";
import { Connection } from "./connection.js";
import { KeyedList, make, setAttribute, setText } from "./elements.js";
import { clock, moment, rate, visible } from "./format.js";
import { PinnedWords } from "./pins.js";
import { Chips, WordTable } from "./table.js";
import { Totals } from "./totals.js";
import { WindowsSection } from "./windows.js";

const FRAME_MS = 250;
const TYPING_MS = 150;
const NOTICE_MS = 5000;
const NEW_WORDS = 30;
const OF_TABLE = "#rising, #new, [role=search], #sort"; // with windows words have counts in each alone

const find = (selector) => document.querySelector(selector);
const choices = new Choices(location.search);
const connection = new Connection(receive, (reason) => setStatus(reason ? "refused" : "lost", reason));
const table = new WordTable(find("tbody"), choices);
const rising = new Chips(find("#rising"), choices);
const fresh = new Chips(find("#new"), choices);
const pinned = new PinnedWords(find("#pinned"));
const windows = new WindowsSection(find("#windows"), choices);
const wordsChart = new Chart(make("h3", "", "Words"), "/s");
const linesChart = new Chart(make("h3", "", "Lines"), "/s");
const totals = new Totals(find("#totals dl"));
const warnings = new KeyedList(find("#warnings ol"), createWarning, () => {});

let latest = null; // the last update
let shownAt = 0;
let frame = 0; // the timer of the next frame, if one is due
let isWanted = true; // what the viewer has just chosen is shown even while the page is paused
let status = { name: "connecting", reason: "", since: new Date() };
let newestWarning = null;

function receive(update) {
  latest = update;
  setStatus(update.summary.state);
  if (choices.isPaused && !isWanted) return;
  if (!frame) frame = setTimeout(() => requestAnimationFrame(show), Math.max(0, shownAt + FRAME_MS - performance.now()));
}

function show() {
  frame = 0;
  isWanted = false;
  shownAt = performance.now();
  const { summary, top } = latest;
  const hour = new Hour(summary);
  const now = new Date(summary.now);
  setText(find("#source"), visible(summary.source));
  document.title = `wordcount: ${visible(summary.source).slice(0, 100)}`;
  totals.show(summary, now);
  showCharts(summary, hour);
  find("#windows").hidden = !summary.is_windowed;
  hide(OF_TABLE, summary.is_windowed);
  find("#words").hidden = summary.is_windowed;
  if (summary.is_windowed) windows.show(windowsNow(), now);
  else showWords(top, hour);
  showPins(hour, now);
  showWarnings(summary.warnings, now);
}

function hide(selector, isHidden) {
  for (const element of document.querySelectorAll(selector)) element.hidden = isHidden;
}

function showWords(top, hour) {
  table.show(top.words, hour);
  const none = find("#no-words");
  none.hidden = top.words.length > 0;
  setText(none, top.match ? `No word contains “${visible(top.match)}”` : "No words yet");
  fresh.show(top.new.slice(0, NEW_WORDS).map((word) => ({ word, text: "" })));
  rising.show(top.rising.map(({ word, times }) => ({ word, text: `×${rate(times)}` })));
  setAttribute(find("th.count"), "aria-sort", top.by === "count" ? "descending" : "none");
  setAttribute(find("th.rate"), "aria-sort", top.by === "rate" ? "descending" : "none");
  setText(find("#hour-title"), hour.minutes === 60 ? hour.title : `${hour.minutes} minutes`);
}

function windowsNow() {
  return latest.windows?.windows ?? [];
}

/** Show the pinned words; one that was pinned just now as its row has it, until the server sends more of it. */
function showPins(hour, now) {
  if (latest.summary.is_windowed) {
    pinned.showInWindows(choices.pins, windowsNow(), now);
    return;
  }
  const known = new Map(latest.top.words.map((row) => [row.word, { ...row, is_counted: true }]));
  for (const word of latest.pinned) known.set(word.word, word);
  const words = choices.pins.filter((word) => known.has(word)).map((word) => known.get(word));
  pinned.show(words, hour);
}

function showCharts(summary, hour) {
  setText(find("#charts-title"), hour.title);
  wordsChart.show(summary.hour.words, hour, summary.words_per_second, "Words");
  linesChart.element.hidden = summary.lines === null; // in real time
  if (summary.lines !== null) linesChart.show(summary.hour.lines, hour, summary.lines_per_second, "Lines");
}

function showWarnings(list, now) {
  find("#warnings .none").hidden = list.length > 0;
  const counts = new Map(); // the same text may come twice in a second
  const items = list.toReversed().map(({ at, text }) => {
    const key = `${at} ${text}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return { key: `${key} ${counts.get(key)}`, at, text, now };
  });
  warnings.show(items.reverse(), (item) => item.key);
  const newest = items[0]?.key ?? "";
  if (newestWarning !== null && newest && newest !== newestWarning) say(`Warning: ${visible(items[0].text)}`);
  newestWarning = newest;
}

function createWarning({ at, text, now }) {
  const time = make("time", "", moment(new Date(at), now));
  time.dateTime = at;
  const said = make("span", "", visible(text));
  said.dir = "auto";
  return make("li", "", time, said);
}

/** Say something to those who listen; it is not shown. */
function say(text) {
  setText(find("#announcement"), text);
}

/** Show whether what is shown is live; a change is also said by screen readers. */
function setStatus(name, reason = "") {
  const isOver = status.name === "ended" && name === "lost"; // the process of a stream that has ended may be gone
  if (!isOver && (name !== status.name || reason !== status.reason)) status = { name, reason, since: new Date() };
  showStatus();
}

function showStatus() {
  const element = find("#status");
  const ended = latest?.summary.ended;
  const now = new Date();
  const texts = {
    connecting: "Connecting",
    starting: "Starting",
    running: choices.isPaused ? `Paused at ${clock(choices.pausedAt)}` : "Live",
    lost: `Connection lost at ${moment(status.since, now)}; trying again`,
    refused: `Refused: ${visible(status.reason).slice(0, 300)}; trying again`,
    ended: ended ? `Ended at ${moment(new Date(ended.at), now)}: ${visible(ended.message)}` : "Ended",
  };
  setAttribute(element, "data-state", status.name === "running" && choices.isPaused ? "paused" : status.name);
  setText(element, texts[status.name]);
}

function notice(text) {
  const element = make("p", "notice", text);
  say(text);
  document.body.append(element);
  setTimeout(() => element.remove(), NOTICE_MS);
}

/** Follow what has been chosen, and let the address say it. */
function choose() {
  const { query } = choices;
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  for (const by of ["count", "rate"]) setAttribute(find(`#by-${by}`), "aria-pressed", choices.by === by);
  for (const button of document.querySelectorAll("button.word")) {
    setAttribute(button, "aria-pressed", choices.isPinned(button.dataset.word));
  }
  if (latest) showPins(new Hour(latest.summary), new Date(latest.summary.now));
  isWanted = true;
  connection.follow(query);
}

function pin(word) {
  const refusal = choices.toggle(word);
  if (refusal) notice(refusal);
  else choose();
}

function sortBy(by) {
  choices.by = by;
  choose();
}

function togglePause() {
  choices.isPaused = !choices.isPaused;
  choices.pausedAt = new Date();
  setAttribute(find("#pause"), "aria-pressed", choices.isPaused);
  showStatus();
  if (!choices.isPaused && latest) receive(latest);
}

let typing = 0;

function filter(text, waitMs = TYPING_MS) {
  clearTimeout(typing);
  typing = setTimeout(() => {
    choices.match = text;
    choose();
  }, waitMs);
}

function clearFilter() {
  const input = find("#filter");
  if (!input.value) input.blur();
  input.value = "";
  if (choices.match) filter("", 0);
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const isTyping = event.target === find("#filter");
  if (event.key === "Escape") clearFilter();
  else if (!isTyping && event.key === "p") togglePause();
  else if (find("#sort").hidden) return;
  else if (!isTyping && event.key === "/") find("#filter").select();
  else if (!isTyping && event.key === "s") sortBy(choices.by === "count" ? "rate" : "count");
  else return;
  event.preventDefault();
}

function onClick(event) {
  const button = event.target.closest("button[data-word]") ?? event.target.closest("tbody tr")?.querySelector("button");
  if (!button || getSelection()?.toString()) return;
  const { word } = button.dataset;
  if (button.className !== "remove" || choices.isPinned(word)) pin(word);
}

find("#charts .charts").append(wordsChart.element, linesChart.element);
find("#filter").value = choices.match;
find("#filter").addEventListener("input", (event) => filter(event.target.value));
find("#by-count").addEventListener("click", () => sortBy("count"));
find("#by-rate").addEventListener("click", () => sortBy("rate"));
find("#pause").addEventListener("click", togglePause);
document.addEventListener("keydown", onKey);
find("main").addEventListener("click", onClick);
choose();
