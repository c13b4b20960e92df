// The split ribbon on top, the clock axis below, and each row's own axis.

const PART_SHADES = [0.07, 0.17, 0.3];
const PART_NAMES = ["training", "validation", "test"];

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

function drawRowFrame(pen, scene, channel, row) {
  const { layout, colours } = scene;
  pen.strokeStyle = colours.edge;
  pen.lineWidth = 1;
  pen.strokeRect(layout.left + 0.5, row.y + 0.5, layout.plotWidth - 1, row.height - 1);
  if (scene.inScope(row.at)) {
    pen.fillStyle = colours.accent;
    pen.fillRect(layout.left - 3, row.y, 3, row.height);
  }
  if (!row.collapsed) drawValueTicks(pen, scene, channel, row);
}

function drawValueTicks(pen, { layout, colours }, channel, row) {
  pen.font = `11px ${colours.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.ink;
  pen.globalAlpha = 0.85;
  const { ticks, step } = valueTicks(channel.low, channel.high, row.height);
  for (const value of ticks) {
    const y = yOf(channel, row, value);
    if (y < row.y + 5) continue; // the head of the row stands there
    pen.fillText(formatNumber(value, step), layout.left - 8, y);
  }
  pen.globalAlpha = 1;
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
