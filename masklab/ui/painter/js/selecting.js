// The select tool: gestures that make a selection, move it or drag an end of it, and its drawing.

const CLICK = 4;

function selectGesture(painter, place, reach) {
  const part = selectionPart(painter, place, reach);
  if (!part) return rangeGesture(painter, place);
  return part === "inside" ? moveGesture(painter, place) : edgeGesture(painter, part);
}

// The part of the selection under a place: "start", "end", "inside" or null.
function selectionPart(painter, place, reach) {
  const { selection, layout } = painter;
  const row = rowUnder(layout, place.y);
  if (!selection || !row || !isIn(selection, painter.channels[row.at])) return null;
  const [from, to] = selectionEdges(painter, selection);
  if (Math.abs(place.x - from) <= reach && (place.x <= from || to - from > 3 * reach)) return "start";
  if (Math.abs(place.x - to) <= reach && (place.x >= to || to - from > 3 * reach)) return "end";
  return place.x > from && place.x < to ? "inside" : null;
}

function isIn({ channels }, { name }) {
  return !channels || channels.includes(name);
}

function selectionEdges({ layout, view, picture }, selection) {
  const known = snapped(picture, selection);
  const [from, to] = known ? [known.from, known.to] : [selection.start, selection.end];
  return [xOf(layout, view, from), xOf(layout, view, to)];
}

function rangeGesture(painter, place) {
  const channels = painter.scope();
  let dragged = false;
  return {
    kind: "select",
    to: (now) => {
      dragged ||= Math.abs(now.x - place.x) > CLICK;
      if (!dragged) return;
      const times = [place.x, now.x].map((x) => timeOf(painter.layout, painter.view, x)).sort((one, other) => one - other);
      const range = withinSeries(painter, ...times);
      if (range) chooseRange(painter, { ...(snapped(painter.picture, range) || range), channels });
    },
    done: () => {
      if (dragged && painter.selection) painter.say(sentence(painter, "Selected", painter.selection));
      else pick(painter, painter.active, timeOf(painter.layout, painter.view, place.x));
    },
  };
}

function edgeGesture(painter, part) {
  const begin = painter.selection;
  const gesture = {
    kind: "edge",
    to: ({ x }) => {
      const time = edgeTime(painter, x);
      gesture.preview = part === "start" ? { start: Math.min(time, begin.end) } : { end: Math.max(time, begin.start) };
      if (!begin.painted) return;
      gesture.drafts = changedParts(begin, { ...begin, ...gesture.preview }).map((one) => ({ ...one, channels: begin.channels }));
    },
    done: () => {
      if (!gesture.preview) return;
      if (begin.painted) resizeSelection(painter, gesture.preview);
      else chooseRange(painter, { ...begin, ...gesture.preview });
    },
  };
  return gesture;
}

function edgeTime(painter, x) {
  const time = timeOf(painter.layout, painter.view, x);
  const at = snapped(painter.picture, { start: time, end: time })?.start ?? time;
  return Math.round(Math.min(Math.max(at, painter.series.start), painter.series.end));
}

// While an end or the middle is dragged, `preview` says where it would be; the selection itself waits
// for the end of the gesture, as Python may yet answer where it lies.
//
// Move a painted stretch, or a range; a click inside it selects what is masked there.
function moveGesture(painter, place) {
  const begin = painter.selection;
  let by = 0;
  let dragged = false;
  const gesture = {
    kind: "move",
    to: ({ x }) => {
      dragged ||= Math.abs(x - place.x) > CLICK;
      if (!dragged) return;
      by = shiftBy(painter, begin, ((x - place.x) / painter.layout.plotWidth) * (painter.view.end - painter.view.start));
      const there = { start: begin.start + by, end: begin.end + by };
      gesture.preview = there;
      if (begin.painted) gesture.drafts = [{ ...begin, erase: true }, { ...begin, ...there, erase: false }];
    },
    done: () => {
      if (!dragged) pick(painter, painter.active, timeOf(painter.layout, painter.view, place.x));
      else if (begin.painted) moveSelection(painter, by);
      else chooseRange(painter, { ...begin, ...gesture.preview });
    },
  };
  return gesture;
}

// A shift by whole intervals of the data that keeps the selection on the series.
function shiftBy({ series }, { start, end }, by) {
  const bounded = Math.min(Math.max(by, series.start - start), series.end - end);
  const grid = Math.max(series.interval, 1);
  return Math.trunc(bounded / grid) * grid || 0;
}

function drawSelection(pen, scene, selection) {
  const { layout, colours } = scene;
  const [from, to] = selectionEdges(scene, selection);
  const x = Math.max(from, layout.left);
  const end = Math.min(Math.max(to, from + 2), layout.right);
  if (end < layout.left || x > layout.right) return;
  for (const row of layout.rows) {
    if (!isIn(selection, scene.channels[row.at])) continue;
    pen.fillStyle = colours.accent;
    pen.globalAlpha = selection.painted ? 0.06 : 0.14;
    pen.fillRect(x, row.y, end - x, row.height);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(x + 0.5, row.y + 0.5, Math.max(end - x - 1, 1), row.height - 1);
    for (const edge of [from, to]) drawHandle(pen, colours, edge, row, layout);
  }
}

function drawHandle(pen, colours, x, row, layout) {
  if (x < layout.left - 1 || x > layout.right + 1) return;
  const tall = Math.min(26, row.height);
  pen.fillStyle = colours.accent;
  pen.fillRect(x - 3, row.y + (row.height - tall) / 2, 6, tall);
  pen.fillStyle = colours.paper;
  pen.fillRect(x - 0.5, row.y + row.height / 2 - tall / 4, 1, tall / 2);
}
