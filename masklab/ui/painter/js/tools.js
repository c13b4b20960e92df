// What each tool does with a pointer: a gesture is made when it goes down, fed while it moves, and
// done when it goes up. Its `drafts` are drawn meanwhile.

const TOOLS = {
  brush: { cursor: "crosshair", paints: true, begin: (painter, place) => strokeGesture(painter, place, false) },
  erase: { cursor: "crosshair", paints: true, begin: (painter, place) => strokeGesture(painter, place, true) },
  select: { cursor: "default", begin: (painter, place, reach) => selectGesture(painter, place, reach) },
  point: { cursor: "cell", paints: true, begin: (painter, place) => pointGesture(painter, place) },
  hand: { cursor: "grab", begin: (painter, place) => panGesture(painter, place) },
};

function strokeGesture(painter, place, erase) {
  const between = ({ x }) => strokeBetween(painter, place.x, x, erase);
  const gesture = {
    kind: "stroke",
    drafts: [between(place)],
    to: (now, event) => {
      painter.began.overlay = event.timeStamp;
      gesture.drafts = [between(now)];
    },
    done: (event) => {
      painter.began.stroke = event.timeStamp;
      paintStroke(painter, gesture.drafts[0]);
    },
  };
  return gesture;
}

function strokeBetween(painter, from, to, erase) {
  const { layout, view, tool } = painter;
  const within = (x) => Math.min(Math.max(x, layout.left), layout.right);
  return {
    start: timeOf(layout, view, within(Math.min(from, to)) - tool.width / 2),
    end: timeOf(layout, view, within(Math.max(from, to)) + tool.width / 2),
    channels: painter.scope(),
    erase,
  };
}

// One cell (or one row of the scope's channels): the sample nearest to the pointer.
function pointGesture(painter, place) {
  const at = ({ x }) => {
    const time = timeOf(painter.layout, painter.view, x);
    return { start: time, end: time, channels: painter.scope(), erase: false };
  };
  const gesture = {
    kind: "point",
    drafts: [at(place)],
    to: (now) => {
      gesture.drafts = [at(now)];
    },
    done: (event) => {
      painter.began.stroke = event.timeStamp;
      togglePoint(painter, gesture.drafts[0]);
    },
  };
  return gesture;
}

function panGesture(painter, place) {
  const { view } = painter;
  const to = ({ x }) => {
    const shift = ((place.x - x) / painter.layout.plotWidth) * (view.end - view.start);
    painter.look({ start: view.start + shift, end: view.end + shift });
  };
  return { kind: "pan", to, done: () => {}, drop: () => painter.look(view) };
}

// Send a stroke as far as it lies on the series; between two rows it takes the nearer one.
function paintStroke(painter, stroke) {
  const known = snapped(painter.picture, stroke);
  const { start, end } = known || stroke;
  const range = withinSeries(painter, start, end);
  if (!range) return;
  const { channels, erase } = stroke;
  if (!painter.edit({ action: "stroke", ...range, channels, erase })) return;
  const told = known ? range : onClock(painter.series, range);
  painter.say(sentence(painter, erase ? "Erased" : "Hidden", { ...told, channels }));
}

function togglePoint(painter, point) {
  const known = snapped(painter.picture, point);
  const { start } = known || point;
  const range = withinSeries(painter, start, start);
  if (!range) return;
  const at = { ...range, end: range.start, channels: point.channels };
  const told = known ? at : { ...at, ...onClock(painter.series, at) };
  if (painter.edit({ action: "toggle", ...at })) painter.say(sentence(painter, "Switched", told));
}

// Swap painted and not: in the selection, else in the view of the scope's channels.
function invert(painter) {
  const turn = (range, channels) => {
    if (!painter.edit({ action: "invert", ...range, channels })) return;
    painter.say(sentence(painter, "Inverted", { ...range, channels }));
  };
  if (painter.selection) {
    whenExact(painter, (selection) => {
      turn({ start: selection.start, end: selection.end }, selection.channels);
      if (selection.painted) dropSelection(painter);
    });
    return;
  }
  const range = withinSeries(painter, painter.view.start, painter.view.end);
  if (range) turn(range, painter.scope());
}

function withinSeries({ series, view }, start, end) {
  if (view.unknown) return null;
  const first = Math.floor(Math.max(start, series.start));
  const last = Math.ceil(Math.min(end, series.end));
  return last < first ? null : { start: first, end: last };
}

// The steps of a regular clock within a range, or the one nearest to it: what to tell of a range
// whose rows are not on screen.
function onClock({ start, interval }, range) {
  const step = (time, round) => start + round((time - start) / interval) * interval;
  const [first, last] = [step(range.start, Math.ceil), step(range.end, Math.floor)];
  if (first <= last) return { start: first, end: last };
  const nearest = step((range.start + range.end) / 2, Math.round);
  return { start: nearest, end: nearest };
}

function sentence(painter, verb, { start, end, channels }) {
  const moment = (time) => painter.clock.moment(time, painter.series.interval);
  const where = !channels ? "all channels" : channels.length > 3 ? `${channels.length} channels` : channels.join(", ");
  return start === end ? `${verb}: ${where}, ${moment(start)}` : `${verb}: ${where}, ${moment(start)} to ${moment(end)}`;
}
