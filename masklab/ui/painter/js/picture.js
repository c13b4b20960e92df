// The columns that Python sends: decoded, and looked up by time.

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

// What the data looks like in a window; no mask changes it.
function decodeLines(sent) {
  const floats = (text) => new Float32Array(bytesOf(text).buffer);
  const doubles = (text) => new Float64Array(bytesOf(text).buffer);
  const times = doubles(sent.times);
  return {
    name: sent.name,
    series: sent.series,
    start: sent.start,
    end: sent.end,
    exact: sent.exact,
    count: times.length,
    step: (sent.end - sent.start) / Math.max(1, times.length),
    times: times.map((time) => time + sent.start),
    low: floats(sent.low),
    high: floats(sent.high),
    missing: bytesOf(sent.missing),
    breaks: bytesOf(sent.breaks),
    gaps: doubles(sent.gaps).map((time) => time + sent.start),
    half: sent.half,
    small: { columns: sent.small.columns, low: bytesOf(sent.small.low), high: bytesOf(sent.small.high) },
  };
}

// Lines with what the mask hides of them.
function covered(lines, cover) {
  return {
    ...lines,
    hidden: bytesOf(cover.hidden),
    layer: bytesOf(cover.layer),
    small: { ...lines.small, hidden: bytesOf(cover.small.hidden), layer: bytesOf(cover.small.layer) },
  };
}

// Where column `at` begins and ends on the clock. A row reaches half-way to its neighbours, but
// not further than half the usual interval: a gap stays bare.
function columnSpan(picture, at) {
  const { times, exact, step, half, count } = picture;
  if (!exact) return [times[at], times[at] + step];
  const time = times[at];
  const before = at > 0 ? Math.min(half, (time - times[at - 1]) / 2) : half;
  const after = at + 1 < count ? Math.min(half, (times[at + 1] - time) / 2) : half;
  return [time - before, time + after];
}

function columnCentre(picture, at) {
  return picture.exact ? picture.times[at] : picture.times[at] + picture.step / 2;
}

// The first column whose time is not before `time`.
function firstAtOrAfter(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columnAt(picture, time) {
  if (!picture.count) return -1;
  if (!picture.exact) {
    const at = Math.floor((time - picture.start) / picture.step);
    return at >= 0 && at < picture.count ? at : -1;
  }
  const after = Math.min(firstAtOrAfter(picture.times, time), picture.count - 1);
  const before = Math.max(after - 1, 0);
  const nearer = time - picture.times[before] < picture.times[after] - time ? before : after;
  return nearer;
}

// First and last column with a row between two times, stop excluded.
function columnsBetween(picture, start, end) {
  const { times, step, exact } = picture;
  return [firstAtOrAfter(times, exact ? start : start - step + 1), firstAtOrAfter(times, end + 1)];
}

// Where a stroke snaps: the rows under it, or the one nearest to it; null where rows are not known.
function snapped(picture, { start, end }) {
  if (!picture || !picture.exact || !picture.count) return null;
  // After a zoom the picture on screen may still be a narrower one: it knows nothing outside.
  if (start < picture.start - picture.half || end > picture.end + picture.half) return null;
  let [first, stop] = columnsBetween(picture, start, end);
  if (first >= stop) {
    first = columnAt(picture, (start + end) / 2);
    stop = first + 1;
  }
  return {
    start: picture.times[first],
    end: picture.times[stop - 1],
    from: columnSpan(picture, first)[0],
    to: columnSpan(picture, stop - 1)[1],
  };
}
