// Keys while the painter has the focus, and its buttons.

const BUTTONS = {
  brush: (painter) => setTool(painter, { erase: false }),
  erase: (painter) => setTool(painter, { erase: true }),
  one: (painter) => setTool(painter, { all: false }),
  all: (painter) => setTool(painter, { all: true }),
  undo: (painter) => painter.undo(),
  redo: (painter) => painter.redo(),
  in: (painter) => painter.zoom(0.5),
  out: (painter) => painter.zoom(2),
  fit: (painter) => painter.fit(),
  help: (painter) => showHelp(painter),
};

const KEYS = {
  b: BUTTONS.brush,
  e: BUTTONS.erase,
  a: (painter) => setTool(painter, { all: !painter.tool.all }),
  "[": (painter) => setWidth(painter, painter.tool.width - 2),
  "]": (painter) => setWidth(painter, painter.tool.width + 2),
  "+": BUTTONS.in,
  "=": BUTTONS.in,
  "-": BUTTONS.out,
  0: BUTTONS.fit,
  "?": BUTTONS.help,
  ",": (painter) => painter.chooseSeries(painter.view.series - 1),
  ".": (painter) => painter.chooseSeries(painter.view.series + 1),
  arrowleft: (painter) => painter.pan(-0.15),
  arrowright: (painter) => painter.pan(0.15),
  arrowup: (painter) => setChannel(painter, painter.active - 1),
  arrowdown: (painter) => setChannel(painter, painter.active + 1),
  " ": (painter) => paintByKey(painter),
  escape: (painter) => escape(painter),
};

function listenToKeys(painter) {
  const options = { signal: painter.listeners.signal };
  const box = painter.find(".painter");
  for (const kind of ["keyup", "keypress"]) box.addEventListener(kind, (event) => event.stopPropagation(), options);
  box.addEventListener("keydown", (event) => keyPressed(painter, event), options);
}

function keyPressed(painter, event) {
  event.stopPropagation(); // or Streamlit takes r and c for itself
  const key = event.key.toLowerCase();
  const target = event.target.localName;
  const command = event.ctrlKey || event.metaKey;
  if (command && (key === "z" || key === "y")) {
    event.preventDefault();
    if (key === "y" || event.shiftKey) painter.redo();
    else painter.undo();
    return;
  }
  const own = target === "input" || target === "select" || (target === "button" && key === " ");
  if (command || event.altKey || own || !Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  KEYS[key](painter);
}

function listenToBar(painter) {
  const options = { signal: painter.listeners.signal };
  painter.root.querySelectorAll("[data-do]").forEach((button) => {
    button.addEventListener("click", () => BUTTONS[button.dataset.do](painter), options);
  });
  painter.find("[data-width]").addEventListener("input", (event) => setWidth(painter, Number(event.target.value)), options);
  painter.find("select").addEventListener("change", (event) => painter.chooseSeries(Number(event.target.value)), options);
}

function setTool(painter, change) {
  Object.assign(painter.tool, change);
  painter.showTools();
  painter.redraw();
}

function setWidth(painter, width) {
  if (painter.hover) painter.hover.width = Math.min(Math.max(width, 2), 80);
  setTool(painter, { width: Math.min(Math.max(width, 2), 80) });
}

function setChannel(painter, row) {
  painter.active = Math.min(Math.max(row, 0), painter.channels.length - 1);
  painter.say(`Channel ${painter.channels[painter.active].name}`);
  painter.redraw();
}

// Space begins a stretch at the middle of the view; the arrows move the middle; Space ends it.
function paintByKey(painter) {
  const middle = (painter.view.start + painter.view.end) / 2;
  if (painter.keyboardFrom == null) {
    painter.keyboardFrom = middle;
    painter.say(`A stretch begins at ${painter.clock.moment(middle, painter.series.interval)}; move, then press Space`);
    return;
  }
  const [start, end] = [Math.min(painter.keyboardFrom, middle), Math.max(painter.keyboardFrom, middle)];
  painter.keyboardFrom = null;
  painter.paint({ start, end, channels: painter.scope(painter.active), erase: painter.tool.erase });
}

function showHelp(painter, shown = painter.find(".help").hidden) {
  painter.find(".help").hidden = !shown;
  painter.find('[data-do="help"]').setAttribute("aria-expanded", String(shown));
}

function escape(painter) {
  showHelp(painter, false);
  dropStroke(painter);
}
