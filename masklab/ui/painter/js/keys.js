// Keys while the painter has the focus, and what its buttons do.

const BUTTONS = {
  ...Object.fromEntries(Object.keys(TOOLS).map((kind) => [kind, (painter) => setTool(painter, { kind })])),
  one: (painter) => setTool(painter, { scope: "one" }),
  chosen: (painter) => chooseScope(painter),
  all: (painter) => setTool(painter, { scope: "all" }),
  undo: (painter) => painter.undo(),
  redo: (painter) => painter.redo(),
  in: (painter) => painter.zoom(0.5),
  out: (painter) => painter.zoom(2),
  fit: (painter) => painter.fit(),
  previous: (painter) => step(painter, -1),
  next: (painter) => step(painter, 1),
  delete: (painter) => eraseSelection(painter),
  invert: (painter) => invert(painter),
  drop: (painter) => dropSelection(painter),
  rows: (painter) => showAllRows(painter),
  help: (painter) => showHelp(painter),
};

const KEYS = {
  b: BUTTONS.brush,
  e: BUTTONS.erase,
  v: BUTTONS.select,
  p: BUTTONS.point,
  h: BUTTONS.hand,
  a: (painter) => setTool(painter, { scope: painter.tool.scope === "all" ? "one" : "all" }),
  s: BUTTONS.chosen,
  "[": (painter) => setWidth(painter, painter.tool.width - 2),
  "]": (painter) => setWidth(painter, painter.tool.width + 2),
  n: (painter, event) => step(painter, event.shiftKey ? -1 : 1),
  delete: BUTTONS.delete,
  backspace: BUTTONS.delete,
  i: BUTTONS.invert,
  c: (painter) => fold(painter, painter.channels[painter.active].name),
  "+": BUTTONS.in,
  "=": BUTTONS.in,
  "-": BUTTONS.out,
  0: BUTTONS.fit,
  "?": BUTTONS.help,
  ",": (painter) => painter.chooseSeries(painter.view.series - 1),
  ".": (painter) => painter.chooseSeries(painter.view.series + 1),
  arrowleft: (painter) => painter.pan(-0.15),
  arrowright: (painter) => painter.pan(0.15),
  arrowup: (painter, event) => arrow(painter, event, -1),
  arrowdown: (painter, event) => arrow(painter, event, 1),
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
  const types = target === "select" || (target === "input" && event.target.type !== "checkbox");
  const own = types || ((target === "button" || target === "input") && key === " ");
  const rowKey = key === "arrowup" || key === "arrowdown";
  if (command || (event.altKey && !rowKey) || own || !Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  KEYS[key](painter, event);
}

function setTool(painter, change) {
  if (painter.gesture) dropGesture(painter);
  Object.assign(painter.tool, change);
  if (painter.selection && TOOLS[painter.tool.kind].paints) painter.selection = null;
  painter.top.style.cursor = TOOLS[painter.tool.kind].cursor;
  painter.showTools();
  painter.redraw();
}

// The channels whose names were clicked; at first the active one.
function chooseScope(painter) {
  const { chosen, channels, active } = painter;
  if (!chosen.size) chosen.add(channels[active].name);
  setTool(painter, { scope: "chosen" });
  painter.say("Tick the channels to paint on, or click their names with Ctrl or Shift");
}

function setWidth(painter, width) {
  Object.assign(painter.tool, { width: Math.min(Math.max(width, 2), 80) });
  painter.showTools();
  painter.redraw();
}

// The channel above or below; with Alt its row changes place, with Shift it is selected too.
function arrow(painter, event, by) {
  const { rows } = painter.layout;
  const { channels } = painter;
  if (event.altKey) {
    stepRow(painter, channels[painter.active].name, by);
    return;
  }
  const place = rows.findIndex((row) => row.at === painter.active);
  const next = rows[Math.min(Math.max(place + by, 0), rows.length - 1)];
  if (event.shiftKey) {
    chooseRow(painter, channels[next.at].name, "through");
    return;
  }
  painter.active = next.at;
  painter.say(`Channel ${channels[next.at].name}`);
  painter.redraw();
}

// Space begins a stretch at the middle of the view; the arrows move the middle; Space ends it.
function paintByKey(painter) {
  if (painter.isLocked()) return;
  const middle = (painter.view.start + painter.view.end) / 2;
  if (painter.tool.kind === "point") {
    togglePoint(painter, { start: middle, end: middle, channels: painter.scope() });
    return;
  }
  if (painter.keyboardFrom == null) {
    painter.keyboardFrom = middle;
    painter.say(`A stretch begins at ${painter.clock.moment(middle, painter.series.interval)}; move, then press Space`);
    return;
  }
  const [start, end] = [Math.min(painter.keyboardFrom, middle), Math.max(painter.keyboardFrom, middle)];
  painter.keyboardFrom = null;
  paintStroke(painter, { start, end, channels: painter.scope(), erase: painter.tool.kind === "erase" });
}

function showHelp(painter, shown = painter.find(".help").hidden) {
  painter.find(".help").hidden = !shown;
  painter.find('[data-do="help"]').setAttribute("aria-expanded", String(shown));
}

// One thing at a time: the help, the stroke under the pointer, the selection.
function escape(painter) {
  const help = !painter.find(".help").hidden;
  showHelp(painter, false);
  if (help) return;
  if (painter.gesture || painter.keyboardFrom != null) dropGesture(painter);
  else if (painter.selection) dropSelection(painter);
}
