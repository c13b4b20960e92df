// Where things stand on the canvas, in CSS pixels, and the way between time and x.

const LEFT = 62;
const RIGHT = 14;
const RIBBON = 22;
const AXIS = 44;
const ROW_GAP = 21; // the head of the row below stands in it
const MINIMAP = 38;

// `arranged`: the rows on screen, from `Rows.arrange`.
function layOut(width, arranged) {
  const top = RIBBON + ROW_GAP;
  let y = top;
  const rows = arranged.map((row) => {
    const placed = { ...row, y };
    y += row.height + ROW_GAP;
    return placed;
  });
  const bottom = y - ROW_GAP;
  return {
    width,
    height: bottom + AXIS + MINIMAP + 8,
    left: LEFT,
    right: Math.max(width - RIGHT, LEFT + 40),
    plotWidth: Math.max(width - RIGHT - LEFT, 40),
    top,
    bottom,
    rows,
    minimap: { y: bottom + AXIS, height: MINIMAP },
  };
}

function xOf(layout, view, time) {
  return layout.left + ((time - view.start) / (view.end - view.start)) * layout.plotWidth;
}

function timeOf(layout, view, x) {
  return view.start + ((x - layout.left) / layout.plotWidth) * (view.end - view.start);
}

// The row under a height, or the nearest one inside the plot; none outside.
function rowUnder(layout, y) {
  if (y < layout.top - ROW_GAP / 2 || y > layout.bottom) return null;
  return layout.rows.find((row) => y <= row.y + row.height) || null;
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
