// How words, numbers and times are written. Nothing here touches the page.

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const PERCENT = new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

// No row shows more of a word; the browser would lay out all of it to find out what fits.
const MOST_SHOWN = 300;

export const whole = (value) => WHOLE.format(value);
export const short = (value) => (value < 10 && value % 1 ? TENTHS.format(value) : SHORT.format(value));
export const percent = (value) => (value > 0 && value < 0.0005 ? "<0.1%" : PERCENT.format(value));

/** A rate: with a decimal where that says something, and short where it is large. */
export function rate(value) {
  if (value > 0 && value < 0.05) return "<0.1";
  return value < 99.95 ? TENTHS.format(value) : growth(value);
}

/** By how much something has grown: exact below 100,000, else in three digits. */
export const growth = (value) => (value < 99_999.5 ? WHOLE : SHORT).format(value);

/** A duration given in seconds: "0.2 s", "4 min 10 s", "3 h 5 min", "2 d 4 h". */
export function duration(seconds) {
  if (seconds < 60) return seconds < 9.95 ? `${TENTHS.format(seconds)} s` : `${Math.floor(seconds + 0.05)} s`;
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const at = units.findIndex(([size]) => seconds >= size);
  const [[size, name], [next, nextName]] = units.slice(at, at + 2);
  const rest = Math.floor((seconds % size) / next);
  return `${Math.floor(seconds / size)} ${name}${rest ? ` ${rest} ${nextName}` : ""}`;
}

export const clock = (date) => CLOCK.format(date);
export const minute = (date) => MINUTE.format(date);
export const day = (date) => DAY.format(date);

/** A time of day, with the day unless that is today's. */
export function moment(date, now, time = clock) {
  return date.toDateString() === now.toDateString() ? time(date) : `${day(date)}, ${time(date)}`;
}

// What nobody would see, or what would change the text around it. It is kept as part of an emoji, and joiners are between
// letters, where they spell the word, as in Persian.
const KEPT = /\p{RGI_Emoji}|(?<=[\p{L}\p{M}])[\u200c\u200d](?=\p{L})/v;
const UNSEEN = /^ | $| (?= )|^\p{M}|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}[\p{Zs}--[ ]]\u2800]/v;
const KEPT_OR_UNSEEN = new RegExp(`(${KEPT.source})|${UNSEEN.source}`, "gv");

/** Text in which every character is seen: others are escaped as Python writes them, such as \x1b and \u202e. */
export function visible(text) {
  return text.replace(KEPT_OR_UNSEEN, (found, kept) => kept ?? escaped(found.codePointAt(0)));
}

function escaped(code) {
  const named = { 9: "\\t", 10: "\\n", 13: "\\r" }[code];
  if (named) return named;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}

/** The beginning of a word, as much as a row can show. */
export function beginning(word) {
  return word.length > MOST_SHOWN ? `${visible(word.slice(0, MOST_SHOWN))}…` : visible(word) || "(empty word)";
}
