// The clock axis: ticks from microseconds to years, in the zone of the data. Times are in µs.

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const TICK_STEPS = [
  ...[1, 10, 100, 1e3, 1e4, 1e5].flatMap((power) => [1, 2, 5].map((one) => one * power)),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY),
];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000];

class Clock {
  constructor(kind, zone) {
    this.steps = kind === "step";
    this.title = this.steps ? "Step" : zone ? `Time (${zone})` : "Time as in the file";
    this.offsets = new Map();
    this.formatter = this.steps || !zone || zone === "UTC" ? null : zoneFormatter(zone);
  }

  // Local time minus UTC in µs, by the quarter of an hour.
  offset(time) {
    if (!this.formatter) return 0;
    const quarter = Math.floor(time / (15 * MINUTE));
    if (!this.offsets.has(quarter)) {
      if (this.offsets.size > 5000) this.offsets.clear();
      this.offsets.set(quarter, zoneOffset(this.formatter, quarter * 15 * MINUTE));
    }
    return this.offsets.get(quarter);
  }

  local(time) {
    return time + this.offset(time);
  }

  fromLocal(local) {
    const guess = local - this.offset(local);
    return local - this.offset(guess);
  }

  // Ticks {time, label, context} for a window of the clock that is `width` pixels wide.
  ticks(start, end, width) {
    const least = ((end - start) * 92) / Math.max(width, 1);
    if (this.steps) return stepTicks(start, end, least);
    const step = TICK_STEPS.find((candidate) => candidate >= least);
    const locals = step
      ? evenTicks(this.local(start), this.local(end), step)
      : monthTicks(this.local(start), this.local(end), least);
    const months = step ? 0 : locals.months;
    const texts = locals.map((local) => tickTexts(local, step, months));
    return locals.map((local, at) => ({
      time: this.fromLocal(local),
      label: texts[at][0],
      context: at === 0 || texts[at][1] !== texts[at - 1][1] ? texts[at][1] : "",
    }));
  }

  // A moment in full, as exact as the interval of the data asks for.
  moment(time, interval) {
    if (this.steps) return `step ${formatNumber(Math.round(time / SECOND))}`;
    const detail = [DAY, MINUTE, SECOND, 1000].find((one) => interval >= one && interval % one === 0) || 1;
    const local = Math.round(this.local(time) / Math.min(detail, MINUTE)) * Math.min(detail, MINUTE);
    const date = new Date(local / 1000);
    const day = `${WEEKDAYS[date.getUTCDay()]} ${dateText(date)}`;
    return interval >= DAY ? day : `${day} ${timeText(local, interval)}`;
  }
}

function zoneFormatter(zone) {
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...parts });
  } catch {
    return null; // a zone that this browser does not know: UTC is shown, and the title says the zone
  }
}

function zoneOffset(formatter, time) {
  const ms = time / 1000;
  const part = Object.fromEntries(formatter.formatToParts(new Date(ms)).map((one) => [one.type, Number(one.value)]));
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return Math.round((local - ms) / 1000) * SECOND;
}

function evenTicks(start, end, step) {
  // Weeks begin on a Monday: 1970-01-05.
  const origin = step % (7 * DAY) === 0 ? 4 * DAY : 0;
  const ticks = [];
  for (let at = Math.ceil((start - origin) / step); origin + at * step <= end; at++) {
    ticks.push(origin + at * step);
  }
  return ticks;
}

function monthTicks(start, end, least) {
  const months = MONTH_STEPS.find((count) => count * 30.4 * DAY >= least) || MONTH_STEPS.at(-1);
  const first = new Date(start / 1000);
  const begin = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const ticks = [];
  for (let at = Math.floor(begin / months) * months; ; at += months) {
    const local = utcMonth(at) * 1000;
    if (local > end) break;
    if (local >= start) ticks.push(local);
  }
  ticks.months = months;
  return ticks;
}

function utcMonth(index) {
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(index / 12), ((index % 12) + 12) % 12, 1);
  return date.getTime();
}

function tickTexts(local, step, months) {
  const date = new Date(local / 1000);
  const year = String(date.getUTCFullYear());
  if (months >= 12) return [year, ""];
  if (months) return [MONTHS[date.getUTCMonth()], year];
  if (step >= DAY) return [String(date.getUTCDate()), `${MONTHS[date.getUTCMonth()]} ${year}`];
  if (step >= SECOND) return [timeText(local, step), dateText(date)];
  const within = ((local % SECOND) + SECOND) % SECOND;
  const label = step >= 1000 ? `${Math.round(within / 1000)} ms` : `${Math.round(within)} µs`;
  return [label, `${dateText(date)} ${timeText(local - within, SECOND)}`];
}

function dateText(date) {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function timeText(local, detail) {
  const date = new Date(Math.floor(local / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (detail >= MINUTE && local % MINUTE === 0) return minutes;
  const seconds = `${minutes}:${two(date.getUTCSeconds())}`;
  if (detail >= SECOND && local % SECOND === 0) return seconds;
  const within = ((local % SECOND) + SECOND) % SECOND;
  return `${seconds}.${String(Math.round(within)).padStart(6, "0").replace(/000$/, "")}`;
}

function stepTicks(start, end, least) {
  const steps = Math.max(niceStep(least / SECOND), 1);
  return evenTicks(start, end, steps * SECOND).map((time) => ({
    time,
    label: formatNumber(Math.round(time / SECOND)),
    context: "",
  }));
}

// 1, 2 or 5 times a power of ten, at least `least`.
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least * (1 - 1e-9));
}

// Ticks about 30 pixels apart, but at least two.
function valueTicks(low, high, height) {
  let step = niceStep(((high - low) * 30) / Math.max(height, 30));
  let ticks = evenly(low, high, step);
  while (ticks.length < 2) {
    step = niceStep(step / 2.5);
    ticks = evenly(low, high, step);
  }
  return { ticks, step };
}

function evenly(low, high, step) {
  const ticks = [];
  for (let at = Math.ceil(low / step); at * step <= high; at++) ticks.push(at * step);
  return ticks;
}

function formatNumber(number, step) {
  const value = step && Math.abs(number) < step / 1e6 ? 0 : number;
  const size = Math.abs(value);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return value.toExponential(step ? 1 : 3).replace("e+", "e");
  const digits = step ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : size >= 100 ? 2 : 4;
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 8), minimumFractionDigits: step ? Math.min(digits, 8) : 0 });
}
