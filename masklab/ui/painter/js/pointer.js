// Mouse, pen and touch on the canvas: paint, erase, pan, zoom.

function listenToPointer(painter) {
  const { top, listeners } = painter;
  const options = { signal: listeners.signal };
  top.addEventListener("pointerdown", (event) => pressed(painter, event), options);
  top.addEventListener("pointermove", (event) => moved(painter, event), options);
  top.addEventListener("pointerup", (event) => released(painter, event), options);
  top.addEventListener("pointercancel", () => dropStroke(painter), options);
  top.addEventListener("pointerleave", () => setHover(painter, null), options);
  top.addEventListener("dblclick", (event) => rowUnder(painter, event) < 0 && painter.fit(), options);
  top.addEventListener("wheel", (event) => wheeled(painter, event), { ...options, passive: false });
}

function placeOf(painter, event) {
  const box = painter.top.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function rowUnder(painter, event) {
  return rowAt(painter.layout, placeOf(painter, event).y);
}

function setHover(painter, hover) {
  painter.hover = hover;
  painter.refresh();
}

function inPlot(layout, { x, y }) {
  return x >= layout.left && x <= layout.right && rowAt(layout, y) >= 0;
}

function pressed(painter, event) {
  const place = placeOf(painter, event);
  const pans = event.shiftKey || event.button === 1 || !inPlot(painter.layout, place);
  if (event.button > 1) return;
  painter.top.focus({ preventScroll: true });
  painter.top.setPointerCapture(event.pointerId);
  event.preventDefault();
  painter.keyboardFrom = null;
  if (pans) {
    painter.panning = { x: place.x, view: painter.view };
    painter.top.classList.add("panning");
    return;
  }
  painter.active = rowAt(painter.layout, place.y);
  painter.pressedX = place.x;
  painter.stroke = strokeBetween(painter, place.x, place.x);
  painter.redraw();
}

function moved(painter, event) {
  const place = placeOf(painter, event);
  if (painter.stroke) painter.began.overlay = event.timeStamp;
  if (painter.panning) {
    const { x, view } = painter.panning;
    const shift = ((x - place.x) / painter.layout.plotWidth) * (view.end - view.start);
    painter.look({ start: view.start + shift, end: view.end + shift });
  } else if (painter.stroke) {
    painter.stroke = strokeBetween(painter, painter.pressedX, place.x);
  }
  const plot = inPlot(painter.layout, place);
  painter.top.classList.toggle("grab", event.shiftKey || !plot);
  const row = painter.stroke ? painter.active : rowAt(painter.layout, place.y);
  setHover(painter, plot ? { ...place, row, width: painter.tool.width, panning: Boolean(painter.panning) } : null);
}

function released(painter, event) {
  painter.panning = null;
  painter.top.classList.remove("panning");
  const { stroke } = painter;
  painter.stroke = null;
  if (stroke) {
    painter.began.stroke = event.timeStamp;
    painter.paint(stroke);
  }
  painter.refresh();
}

function dropStroke(painter) {
  painter.stroke = painter.panning = painter.keyboardFrom = null;
  painter.top.classList.remove("panning");
  painter.refresh();
}

function strokeBetween(painter, from, to) {
  const { layout, view, tool } = painter;
  const within = (x) => Math.min(Math.max(x, layout.left), layout.right);
  return {
    start: timeOf(layout, view, within(Math.min(from, to)) - tool.width / 2),
    end: timeOf(layout, view, within(Math.max(from, to)) + tool.width / 2),
    channels: painter.scope(painter.active),
    erase: tool.erase,
  };
}

// Up and down zooms around the pointer, sideways pans. At the widest view the page scrolls on.
function wheeled(painter, event) {
  const unit = event.deltaMode === 1 ? 16 : 1;
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  const { view, whole } = painter;
  const widest = view.end - view.start >= (whole.end - whole.start) * 0.999;
  if (!sideways && event.deltaY > 0 && widest) return;
  event.preventDefault();
  if (sideways) painter.pan((event.deltaX * unit) / painter.layout.plotWidth);
  else painter.zoom(Math.exp(event.deltaY * unit * 0.0016), placeOf(painter, event).x);
}
