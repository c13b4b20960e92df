// Mouse, pen and touch on the canvas: which gesture a pointer makes.

const REACH = { mouse: 6, pen: 9, touch: 16 };
const PEN_ERASER = 32;

function listenToPointer(painter) {
  const { top, listeners } = painter;
  const options = { signal: listeners.signal };
  top.addEventListener("pointerdown", (event) => pressed(painter, event), options);
  top.addEventListener("pointermove", (event) => moved(painter, event), options);
  top.addEventListener("pointerup", (event) => released(painter, event), options);
  top.addEventListener("pointercancel", (event) => cancelled(painter, event), options);
  top.addEventListener("pointerleave", () => setHover(painter, null), options);
  top.addEventListener("dblclick", (event) => !plotRow(painter, placeOf(painter, event)) && painter.fit(), options);
  painter.find(".stage").addEventListener("wheel", (event) => wheeled(painter, event), { ...options, passive: false });
}

function placeOf(painter, event) {
  const box = painter.top.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function setHover(painter, hover) {
  painter.hover = hover;
  painter.refresh();
}

// The row under a place of the plot, or none.
function plotRow({ layout }, { x, y }) {
  return x >= layout.left && x <= layout.right ? rowUnder(layout, y) : null;
}

function pressed(painter, event) {
  const erases = event.pointerType === "pen" && (event.buttons & PEN_ERASER) > 0;
  if (event.button > 1 && !erases) return;
  event.preventDefault();
  painter.top.focus({ preventScroll: true });
  painter.top.setPointerCapture(event.pointerId);
  painter.keyboardFrom = null;
  if (pinchBegins(painter, event)) return;
  painter.gesture = gestureFor(painter, event, erases);
  showCursor(painter, event);
  painter.redraw();
}

function gestureFor(painter, event, erases) {
  const place = placeOf(painter, event);
  if (minimapPart(painter, place)) return minimapGesture(painter, place);
  const row = plotRow(painter, place);
  if (!row || event.shiftKey || event.button === 1) return panGesture(painter, place);
  painter.active = row.at;
  const tool = TOOLS[erases ? "erase" : painter.tool.kind];
  if (tool.paints && painter.isLocked()) return null;
  if (tool.paints && painter.selection) dropSelection(painter);
  return tool.begin(painter, place, REACH[event.pointerType] || REACH.mouse);
}

function moved(painter, event) {
  if (pinchMoves(painter, event)) return;
  const place = placeOf(painter, event);
  painter.gesture?.to(place, event);
  showCursor(painter, event);
  const row = plotRow(painter, place);
  const at = painter.gesture?.kind === "stroke" ? painter.active : row?.at;
  setHover(painter, row && (!painter.gesture || painter.gesture.kind !== "pan") ? { ...place, at } : null);
}

function released(painter, event) {
  if (pinchEnds(painter, event)) return;
  const { gesture } = painter;
  painter.gesture = null;
  gesture?.done(event);
  showCursor(painter, event);
  if (event.pointerType === "touch") painter.hover = null;
  painter.redraw();
}

function cancelled(painter, event) {
  pinchEnds(painter, event);
  dropGesture(painter);
}

function dropGesture(painter) {
  const { gesture } = painter;
  painter.gesture = painter.keyboardFrom = null;
  gesture?.drop?.();
  painter.redraw();
}

function showCursor(painter, event) {
  const place = placeOf(painter, event);
  const cursor = painter.gesture?.kind === "pan" ? "grabbing" : cursorAt(painter, place, event);
  if (painter.top.style.cursor !== cursor) painter.top.style.cursor = cursor;
}

function cursorAt(painter, place, event) {
  const { kind } = painter.tool;
  const part = minimapPart(painter, place) || (kind === "select" && selectionPart(painter, place, REACH.mouse));
  if (part === "start" || part === "end") return "ew-resize";
  if (minimapPart(painter, place)) return part === "inside" ? "grab" : "pointer";
  if (!plotRow(painter, place) || event.shiftKey) return "grab";
  return part === "inside" ? "move" : TOOLS[kind].cursor;
}

// Up and down zooms around the pointer, sideways pans; a pinch on a touchpad comes as a wheel with
// Ctrl. At the widest view the page scrolls on.
function wheeled(painter, event) {
  if (event.target.closest(".help")) return;
  const unit = event.deltaMode === 1 ? 16 : 1;
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  const { view, whole } = painter;
  const widest = view.end - view.start >= (whole.end - whole.start) * 0.999;
  if (!event.ctrlKey && !sideways && event.deltaY > 0 && widest) return;
  event.preventDefault();
  const { x } = placeOf(painter, event);
  if (event.ctrlKey) painter.zoom(Math.exp(event.deltaY * unit * 0.01), x);
  else if (sideways || event.shiftKey) painter.pan(((sideways ? event.deltaX : event.deltaY) * unit) / painter.layout.plotWidth);
  else painter.zoom(Math.exp(event.deltaY * unit * 0.0016), x);
}
