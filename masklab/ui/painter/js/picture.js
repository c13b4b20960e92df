// The columns that Python sends: decoded, looked up by time, and marked with strokes on their way.

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

function decodePicture(sent) {
  const floats = (text) => new Float32Array(bytesOf(text).buffer);
  const doubles = (text) => new Float64Array(bytesOf(text).buffer);
  const times = doubles(sent.times);
  return {
    series: sent.series,
    start: sent.start,
    end: sent.end,
    exact: sent.exact,
    count: times.length,
    step: (sent.end - sent.start) / Math.max(1, times.length),
    times: times.map((time) => time + sent.start),
    low: floats(sent.low),
    high: floats(sent.high),
    hidden: bytesOf(sent.hidden),
    missing: bytesOf(sent.missing),
    breaks: bytesOf(sent.breaks),
    gaps: doubles(sent.gaps).map((time) => time + sent.start),
    half: sent.half,
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

// Hidden shares as they will be once the strokes on their way have arrived.
function hiddenWith(picture, strokes, channels) {
  if (!strokes.length) return picture.hidden;
  const hidden = picture.hidden.slice();
  for (const stroke of strokes) {
    const [first, stop] = columnsTouched(picture, stroke);
    channels.forEach((channel, row) => {
      if (stroke.channels && !stroke.channels.includes(channel.name)) return;
      for (let at = row * picture.count + first; at < row * picture.count + stop; at++) {
        hidden[at] = stroke.erase || picture.missing[at] === 255 ? 0 : 255;
      }
    });
  }
  return hidden;
}

function columnsTouched(picture, stroke) {
  const { times, step, exact } = picture;
  const first = firstAtOrAfter(times, exact ? stroke.start : stroke.start - step);
  return [first, firstAtOrAfter(times, stroke.end + 1)];
}
