// The still picture: split ribbon, rows with lines, gaps, hidden stretches, and axes.

const LEVELS = [
  { wash: 0.0, hatch: 0.0, bar: 0.0 },
  { wash: 0.1, hatch: 0.3, bar: 0.55 },
  { wash: 0.14, hatch: 0.45, bar: 0.7 },
  { wash: 0.2, hatch: 0.65, bar: 0.85 },
  { wash: 0.26, hatch: 0.9, bar: 1.0 },
];
const PART_SHADES = [0.07, 0.17, 0.3];
const PART_NAMES = ["training", "validation", "test"];

function drawPicture(pen, scene) {
  const { layout, colours } = scene;
  pen.clearRect(0, 0, layout.width, layout.height);
  const hidden = scene.picture ? hiddenWith(scene.picture, scene.strokes, scene.channels) : null;
  drawTimeGrid(pen, scene);
  scene.channels.forEach((channel, at) => {
    const row = layout.rows[at];
    pen.save();
    pen.beginPath();
    pen.rect(layout.left, row.y, layout.plotWidth, row.height);
    pen.clip();
    drawValueGrid(pen, scene, channel, row);
    if (scene.picture) {
      drawMissing(pen, scene, at, row);
      drawLine(pen, scene, at, row);
      drawHidden(pen, scene, at, row, hidden);
      drawCutOff(pen, scene, at, row);
    }
    pen.restore();
    drawRowFrame(pen, scene, channel, row, at);
  });
  drawRibbon(pen, scene);
  drawTimeAxis(pen, scene);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.ink;
}

function drawTimeGrid(pen, { layout, colours, view, ticks }) {
  pen.strokeStyle = colours.ink;
  pen.globalAlpha = 0.08;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const tick of ticks) {
    const x = Math.round(xOf(layout, view, tick.time)) + 0.5;
    pen.moveTo(x, layout.top);
    pen.lineTo(x, layout.bottom);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

function yOf(channel, row, value) {
  return row.y + row.height - ((value - channel.low) / (channel.high - channel.low)) * row.height;
}

function drawValueGrid(pen, { layout, colours }, channel, row) {
  pen.strokeStyle = colours.ink;
  pen.globalAlpha = 0.08;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const value of valueTicks(channel.low, channel.high, row.height).ticks) {
    const y = Math.round(yOf(channel, row, value)) + 0.5;
    pen.moveTo(layout.left, y);
    pen.lineTo(layout.right, y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

// Calls `each(first, stop, level)` for every stretch of visible columns of one level above 0.
function levelRuns(picture, shares, row, view, each) {
  const offset = row * picture.count;
  const margin = picture.exact ? picture.half : picture.step;
  const begin = firstAtOrAfter(picture.times, view.start - margin);
  const stop = firstAtOrAfter(picture.times, view.end + margin);
  let from = begin;
  for (let at = begin; at <= stop; at++) {
    const same = at < stop && levelOf(shares[offset + at]) === levelOf(shares[offset + from]);
    if (same && !(picture.exact && picture.breaks[at] && at > from)) continue;
    const level = from < stop ? levelOf(shares[offset + from]) : 0;
    if (level) each(from, at, level);
    from = at;
  }
}

function levelOf(share) {
  return share === 0 ? 0 : share === 255 ? 4 : share < 64 ? 1 : share < 140 ? 2 : 3;
}

function drawMissing(pen, scene, at, row) {
  const { picture, view, layout, colours } = scene;
  const wash = (from, to, strength) => {
    const x = xOf(layout, view, from);
    const width = Math.max(xOf(layout, view, to) - x, 1);
    pen.fillStyle = colours.ink;
    pen.globalAlpha = 0.085 * strength;
    pen.fillRect(x, row.y, width, row.height);
    pen.globalAlpha = 0.5 * strength;
    for (let dot = Math.ceil(x / 5) * 5; dot < x + width; dot += 5) {
      pen.fillRect(dot, row.y + row.height - 2, 2, 2);
    }
  };
  levelRuns(picture, picture.missing, at, view, (first, stop, level) => {
    wash(columnSpan(picture, first)[0], columnSpan(picture, stop - 1)[1], level / 4);
  });
  for (let gap = 0; gap < picture.gaps.length; gap += 2) {
    if (picture.gaps[gap + 1] < view.start || picture.gaps[gap] > view.end) continue;
    const reach = Math.min(picture.half, (picture.gaps[gap + 1] - picture.gaps[gap]) / 2);
    wash(picture.gaps[gap] + reach, picture.gaps[gap + 1] - reach, 1);
  }
  pen.globalAlpha = 1;
}

function drawLine(pen, scene, at, row) {
  const { picture, view, layout, colours } = scene;
  pen.strokeStyle = pen.fillStyle = colours.line;
  pen.lineWidth = 1.3;
  pen.lineJoin = "round";
  const y = (share) => row.y + row.height * (1 - Math.min(Math.max(share, -1), 2));
  const offset = at * picture.count;
  const margin = picture.exact ? Infinity : picture.step;
  const begin = Math.max(firstAtOrAfter(picture.times, view.start - (picture.exact ? 0 : margin)) - 1, 0);
  const stop = Math.min(firstAtOrAfter(picture.times, view.end) + 1, picture.count);
  pen.beginPath();
  let drawing = false;
  let last = 0;
  let alone = null;
  for (let column = begin; column < stop; column++) {
    if (picture.breaks[column]) endStretch();
    const low = picture.low[offset + column];
    if (Number.isNaN(low)) {
      if (picture.missing[offset + column] === 255) endStretch();
      continue;
    }
    const x = xOf(layout, view, columnCentre(picture, column));
    const [bottom, top] = [y(low), y(picture.high[offset + column])];
    const [near, far] = Math.abs(bottom - last) < Math.abs(top - last) ? [bottom, top] : [top, bottom];
    if (drawing) pen.lineTo(x, near);
    else pen.moveTo(x, near);
    alone = drawing || near !== far ? null : [x, near];
    if (near !== far) pen.lineTo(x, far);
    drawing = true;
    last = far;
  }
  endStretch();
  pen.stroke();
  drawSamples(pen, scene, at, y, begin, stop);

  // A single value between two gaps has no line: it is a dot.
  function endStretch() {
    if (alone) pen.rect(alone[0] - 0.5, alone[1] - 0.5, 1, 1);
    alone = null;
    drawing = false;
  }
}

// Where rows stand far apart: a dot for each value, a hollow one where it is hidden.
function drawSamples(pen, scene, at, y, begin, stop) {
  const { picture, view, layout, colours } = scene;
  if (!picture.exact || layout.plotWidth / Math.max(stop - begin, 1) < 7) return;
  const offset = at * picture.count;
  const hidden = hiddenWith(picture, scene.strokes, scene.channels);
  for (let column = begin; column < stop; column++) {
    const value = picture.low[offset + column];
    if (Number.isNaN(value)) continue;
    pen.beginPath();
    pen.arc(xOf(layout, view, picture.times[column]), y(value), 2.6, 0, 2 * Math.PI);
    pen.fillStyle = hidden[offset + column] ? colours.paper : colours.line;
    pen.fill();
    pen.stroke();
  }
}

function drawHidden(pen, scene, at, row, hidden) {
  const { picture, view, layout } = scene;
  levelRuns(picture, hidden, at, view, (first, stop, level) => {
    const x = xOf(layout, view, columnSpan(picture, first)[0]);
    const end = xOf(layout, view, columnSpan(picture, stop - 1)[1]);
    paintHidden(pen, scene, x, row, Math.max(end - x, 1.5), level);
  });
}

function paintHidden(pen, { colours, pattern }, x, row, width, level) {
  const { wash, hatch, bar } = LEVELS[level];
  pen.globalAlpha = 1;
  pen.fillStyle = `rgba(${colours.wash}, ${wash})`;
  pen.fillRect(x, row.y, width, row.height);
  pen.globalAlpha = hatch;
  pen.fillStyle = pattern;
  pen.fillRect(x, row.y, width, row.height);
  pen.globalAlpha = bar;
  pen.fillStyle = colours.hatch;
  pen.fillRect(x, row.y + row.height - 4, width, 4);
  pen.globalAlpha = 1;
}

// Small arrows at the border where values lie beyond the axis.
function drawCutOff(pen, scene, at, row) {
  const { picture, view, layout, colours } = scene;
  const offset = at * picture.count;
  pen.fillStyle = colours.ink;
  const last = [-Infinity, -Infinity];
  for (let column = 0; column < picture.count; column++) {
    const beyond = [picture.high[offset + column] > 1, picture.low[offset + column] < 0];
    if (!beyond[0] && !beyond[1]) continue;
    const x = xOf(layout, view, columnCentre(picture, column));
    if (beyond[0] && x - last[0] > 9) arrow(pen, x, row.y + 1, 1, (last[0] = x));
    if (beyond[1] && x - last[1] > 9) arrow(pen, x, row.y + row.height - 6, -1, (last[1] = x));
  }
}

function arrow(pen, x, y, up) {
  pen.beginPath();
  pen.moveTo(x - 4, y + 3 + 3 * up);
  pen.lineTo(x + 4, y + 3 + 3 * up);
  pen.lineTo(x, y + 3 - 3 * up);
  pen.fill();
}

function drawRowFrame(pen, scene, channel, row, at) {
  const { layout, colours, active, all } = scene;
  pen.strokeStyle = colours.edge;
  pen.lineWidth = 1;
  pen.strokeRect(layout.left + 0.5, row.y + 0.5, layout.plotWidth - 1, row.height - 1);
  if (all || at === active) {
    pen.fillStyle = colours.accent;
    pen.fillRect(layout.left - 3, row.y, 3, row.height);
  }
  drawValueTicks(pen, scene, channel, row);
  drawChannelName(pen, scene, channel, row);
}

function drawValueTicks(pen, { layout, colours }, channel, row) {
  pen.font = `11px ${colours.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.ink;
  pen.globalAlpha = 0.85;
  const { ticks, step } = valueTicks(channel.low, channel.high, row.height);
  for (const value of ticks) {
    pen.fillText(formatNumber(value, step), layout.left - 8, yOf(channel, row, value));
  }
  pen.globalAlpha = 1;
}

function drawChannelName(pen, { layout, colours }, channel, row) {
  const text = channel.unit ? `${channel.name} (${channel.unit})` : channel.name;
  pen.font = `600 12px ${colours.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = colours.ink;
  pen.fillText(shortened(pen, text, layout.plotWidth - 20), layout.left, row.y - 5);
}

function shortened(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}

function drawRibbon(pen, { layout, colours, view, parts }) {
  pen.font = `11px ${colours.font}`;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  for (const [start, end, part] of parts) {
    const x = Math.max(xOf(layout, view, start), layout.left);
    const stop = Math.min(xOf(layout, view, end), layout.right);
    if (stop <= x) continue;
    pen.fillStyle = colours.ink;
    pen.globalAlpha = PART_SHADES[part];
    pen.fillRect(x, 3, stop - x, RIBBON - 4);
    pen.globalAlpha = 1;
    if (pen.measureText(PART_NAMES[part]).width + 8 < stop - x) {
      pen.fillText(PART_NAMES[part], (x + stop) / 2, 3 + (RIBBON - 4) / 2);
    }
    if (x > layout.left && start > parts[0][0]) drawPartBorder(pen, layout, colours, x);
  }
}

function drawPartBorder(pen, layout, colours, x) {
  pen.strokeStyle = colours.ink;
  pen.globalAlpha = 0.55;
  pen.setLineDash([4, 4]);
  pen.beginPath();
  pen.moveTo(Math.round(x) + 0.5, 3);
  pen.lineTo(Math.round(x) + 0.5, layout.bottom);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

function drawTimeAxis(pen, { layout, colours, view, ticks, clock }) {
  pen.font = `11px ${colours.font}`;
  pen.fillStyle = colours.ink;
  pen.textBaseline = "top";
  pen.textAlign = "center";
  const title = pen.measureText(clock.title).width;
  for (const tick of ticks) {
    const x = xOf(layout, view, tick.time);
    pen.globalAlpha = 0.9;
    pen.fillText(tick.label, Math.min(x, layout.width - pen.measureText(tick.label).width / 2 - 2), layout.bottom + 7);
    if (!tick.context || x > layout.right - title - 60) continue;
    pen.globalAlpha = 0.75;
    pen.textAlign = "left";
    pen.fillText(tick.context, Math.max(x - pen.measureText(tick.label).width / 2, layout.left), layout.bottom + 24);
    pen.textAlign = "center";
  }
  pen.globalAlpha = 0.75;
  pen.textAlign = "right";
  pen.fillText(clock.title, layout.right, layout.bottom + 24);
  pen.globalAlpha = 1;
}
