// Two fingers: they zoom by their distance and pan by their middle. What one finger began is dropped.

function pinchBegins(painter, event) {
  if (event.pointerType !== "touch") return false;
  painter.fingers.set(event.pointerId, placeOf(painter, event));
  if (painter.fingers.size < 2) return false;
  dropGesture(painter);
  painter.hover = null;
  const { middle, distance } = fingersOf(painter);
  painter.pinch = { view: painter.view, time: timeOf(painter.layout, painter.view, middle), distance };
  return true;
}

function pinchMoves(painter, event) {
  if (!painter.fingers.has(event.pointerId)) return false;
  painter.fingers.set(event.pointerId, placeOf(painter, event));
  const { pinch } = painter;
  if (!pinch) return false;
  if (painter.fingers.size < 2) return true;
  const { middle, distance } = fingersOf(painter);
  const span = (pinch.view.end - pinch.view.start) * (pinch.distance / distance);
  const start = pinch.time - ((middle - painter.layout.left) / painter.layout.plotWidth) * span;
  painter.look({ start, end: start + span });
  return true;
}

// The finger that is left begins nothing: it is on its way up.
function pinchEnds(painter, event) {
  painter.fingers.delete(event.pointerId);
  const pinching = Boolean(painter.pinch);
  if (!painter.fingers.size) painter.pinch = null;
  return pinching;
}

function fingersOf({ fingers }) {
  const [one, other] = [...fingers.values()];
  return { middle: (one.x + other.x) / 2, distance: Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y), 10) };
}
