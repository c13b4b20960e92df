// The whole series below the picture: how much is hidden where, and a window to move and stretch.

const MINIMAP_GRIP = 7;

function drawMinimap(pen, scene) {
  const { layout, colours, minimap } = scene;
  const { y, height } = layout.minimap;
  pen.fillStyle = colours.ink;
  pen.globalAlpha = 0.05;
  pen.fillRect(layout.left, y, layout.plotWidth, height);
  pen.globalAlpha = 1;
  if (minimap) {
    drawMinimapLine(pen, scene);
    drawDensity(pen, scene);
  }
  drawWindow(pen, scene);
}

function minimapX(layout, whole, time) {
  return layout.left + ((time - whole.start) / (whole.end - whole.start)) * layout.plotWidth;
}

function minimapTime(layout, whole, x) {
  return whole.start + ((x - layout.left) / layout.plotWidth) * (whole.end - whole.start);
}

// Calls `each(column, x, width)` for every column of the minimap.
function minimapColumns({ layout, whole, series, minimap }, each) {
  const from = minimapX(layout, whole, series.start);
  const width = (minimapX(layout, whole, series.end) - from) / minimap.columns;
  for (let at = 0; at < minimap.columns; at++) each(at, from + at * width, width);
}

function drawMinimapLine(pen, scene) {
  const { layout, colours, minimap, active } = scene;
  const { y, height } = layout.minimap;
  const offset = active * minimap.columns;
  const place = (share) => y + 2 + (height - 4) * (1 - share / 254);
  pen.fillStyle = colours.ink;
  pen.globalAlpha = 0.34;
  minimapColumns(scene, (at, x, width) => {
    const low = minimap.low[offset + at];
    if (low === 255) return;
    const top = place(minimap.high[offset + at]);
    pen.fillRect(x, top, Math.max(width, 1), Math.max(place(low) - top, 1.2));
  });
  pen.globalAlpha = 1;
}

// A bar from below: the share of the shown channels' cells that is hidden, in the last layer's colour.
function drawDensity(pen, scene) {
  const { layout, minimap } = scene;
  const { y, height } = layout.minimap;
  pen.globalAlpha = 0.5;
  minimapColumns(scene, (at, x, width) => {
    const cells = layout.rows.map((row) => row.at * minimap.columns + at);
    const share = cells.reduce((sum, cell) => sum + minimap.hidden[cell], 0) / (255 * cells.length);
    if (!share) return;
    pen.fillStyle = shadeOf(scene, Math.max(...cells.map((cell) => minimap.layer[cell]))).ink;
    const tall = Math.max(height * share, 3);
    const from = Math.round(x);
    pen.fillRect(from, y + height - tall, Math.max(Math.round(x + width) - from, 1), tall);
  });
  pen.globalAlpha = 1;
}

function drawWindow(pen, scene) {
  const { layout, colours, view, whole } = scene;
  const { y, height } = layout.minimap;
  const from = Math.round(minimapX(layout, whole, view.start));
  const to = Math.max(Math.round(minimapX(layout, whole, view.end)), from + 3);
  pen.fillStyle = colours.paper;
  pen.globalAlpha = 0.6;
  pen.fillRect(layout.left, y, from - layout.left, height);
  pen.fillRect(to, y, layout.right - to, height);
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 1.5;
  pen.strokeRect(from + 0.5, y + 0.5, to - from - 1, height - 1);
  pen.fillStyle = colours.accent;
  for (const x of [from, to]) pen.fillRect(x - 1.5, y + height / 2 - 7, 4, 14);
}

// What of the window lies under a place: "start", "end", "inside" or "outside"; null off the minimap.
function minimapPart({ layout, view, whole }, { x, y }) {
  const { minimap } = layout;
  if (y < minimap.y - 3 || y > minimap.y + minimap.height + 4) return null;
  const from = minimapX(layout, whole, view.start);
  const to = minimapX(layout, whole, view.end);
  if (Math.abs(x - from) <= MINIMAP_GRIP && (x <= from || to - from > 3 * MINIMAP_GRIP)) return "start";
  if (Math.abs(x - to) <= MINIMAP_GRIP && (x >= to || to - from > 3 * MINIMAP_GRIP)) return "end";
  return x > from && x < to ? "inside" : "outside";
}

// Drag the window, one of its ends, or jump to where the pointer went down.
function minimapGesture(painter, place) {
  const part = minimapPart(painter, place);
  const begin = painter.view;
  const time = ({ x }) => minimapTime(painter.layout, painter.whole, x);
  const span = begin.end - begin.start;
  const grabbed = part === "outside" ? (begin.start + begin.end) / 2 : time(place);
  const to = (now) => {
    const at = time(now);
    if (part === "start") painter.look({ start: Math.min(at, begin.end - 1), end: begin.end });
    else if (part === "end") painter.look({ start: begin.start, end: Math.max(at, begin.start + 1) });
    else painter.look({ start: begin.start + at - grabbed, end: begin.start + at - grabbed + span });
  };
  if (part === "outside") to(place);
  return { kind: "view", to, done: () => {}, drop: () => painter.look(begin) };
}
