// Where things stand on the canvas, in CSS pixels, and the way between time and x.

const LEFT = 62;
const RIGHT = 14;
const RIBBON = 22;
const AXIS = 44;
const ROW_GAP = 21; // the name of the channel below stands in it

function rowHeight(channels) {
  if (channels === 1) return 330;
  if (channels === 2) return 185;
  if (channels === 3) return 132;
  if (channels === 4) return 102;
  return channels <= 6 ? 78 : 62;
}

function layOut(width, channels) {
  const height = rowHeight(channels);
  const top = RIBBON + ROW_GAP;
  const rows = Array.from({ length: channels }, (_, at) => ({ y: top + at * (height + ROW_GAP), height }));
  const bottom = top + channels * (height + ROW_GAP) - ROW_GAP;
  return {
    width,
    height: bottom + AXIS,
    left: LEFT,
    right: Math.max(width - RIGHT, LEFT + 40),
    plotWidth: Math.max(width - RIGHT - LEFT, 40),
    top,
    bottom,
    rows,
  };
}

function xOf(layout, view, time) {
  return layout.left + ((time - view.start) / (view.end - view.start)) * layout.plotWidth;
}

function timeOf(layout, view, x) {
  return view.start + ((x - layout.left) / layout.plotWidth) * (view.end - view.start);
}

// The row under a height, or the nearest one inside the plot; -1 outside.
function rowAt(layout, y) {
  if (y < layout.top - ROW_GAP / 2 || y > layout.bottom) return -1;
  return layout.rows.findIndex((row) => y <= row.y + row.height);
}

// A view that lies on the series with a small margin, and is neither too narrow nor too wide.
function clampView(view, whole, least) {
  const widest = whole.end - whole.start;
  const span = Math.min(Math.max(view.end - view.start, Math.min(least, widest)), widest);
  const centre = (view.start + view.end) / 2;
  const start = Math.min(Math.max(centre - span / 2, whole.start), whole.end - span);
  return { ...view, start, end: start + span };
}

function wholeView(series) {
  const span = series.end - series.start;
  const margin = Math.max(span * 0.008, series.interval / 2, 1);
  return { start: series.start - margin, end: series.end + margin };
}
