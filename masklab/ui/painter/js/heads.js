// The heads of the rows: name and unit, collapse, order, hide, choose; and a grip below to resize.

const ICONS = {
  open: "M4.5 6.5 8 10l3.5-3.5",
  collapsed: "M6.5 4.5 10 8l-3.5 3.5",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  hide: "M2 2l12 12M6.5 4.2A7 7 0 0 1 8 4c4 0 6 4 6 4a11 11 0 0 1-1.8 2.3M4 5.5A10 10 0 0 0 2 8s2 4 6 4a6 6 0 0 0 2.4-.5",
};

function drawHeads(painter) {
  const { heads, channels, layout } = painter;
  const known = new Map([...heads.children].map((head) => [head.dataset.channel, head]));
  const wanted = layout.rows.map((row) => {
    const channel = channels[row.at];
    const head = known.get(channel.name) || makeHead(painter, channel.name);
    known.delete(channel.name);
    showHead(painter, head, channel, row);
    return head;
  });
  for (const left of known.values()) left.remove();
  const inOrder = wanted.every((head, at) => heads.children[at] === head);
  if (!inOrder || wanted.length !== heads.children.length) {
    const focused = painter.root.activeElement;
    heads.replaceChildren(...wanted);
    if (focused && heads.contains(focused)) focused.focus({ preventScroll: true });
  }
}

function makeHead(painter, name) {
  const head = document.createElement("div");
  head.className = "head";
  head.dataset.channel = name;
  const check = Object.assign(document.createElement("input"), { type: "checkbox", className: "choose" });
  check.setAttribute("aria-label", `Choose ${name}`);
  check.title = "One of the selected channels";
  check.addEventListener("change", () => chooseRow(painter, name, "toggle"));
  const title = headButton("name", "", (event) => nameClicked(painter, name, event));
  title.addEventListener("pointerdown", (event) => dragHead(painter, name, event));
  const grip = Object.assign(document.createElement("div"), { className: "grip", tabIndex: 0 });
  grip.setAttribute("role", "separator");
  grip.setAttribute("aria-orientation", "horizontal");
  grip.setAttribute("aria-label", `Height of ${name}`);
  grip.title = "Drag to make the row taller or lower; double-click for its usual height";
  listenToGrip(painter, name, grip);
  head.append(
    check,
    headButton("fold", "open", () => fold(painter, name)),
    title,
    headButton("up", "up", () => stepRow(painter, name, -1), "Move up (Alt+↑)"),
    headButton("down", "down", () => stepRow(painter, name, 1), "Move down (Alt+↓)"),
    headButton("hide", "hide", () => hideRow(painter, name), "Take this row off the screen; “Show all” brings it back"),
    grip,
  );
  return head;
}

function headButton(kind, icon, act, title = "") {
  const button = Object.assign(document.createElement("button"), { type: "button", className: kind, title });
  button.setAttribute("aria-label", title);
  if (icon) button.append(drawIcon(icon));
  button.addEventListener("click", act);
  return button;
}

function drawIcon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function showHead(painter, head, channel, row) {
  const { name, unit } = channel;
  const { tool, layout } = painter;
  const part = (kind) => head.querySelector(`.${kind}`);
  head.style.top = `${row.y - ROW_GAP}px`;
  head.style.width = `${layout.width}px`;
  head.classList.toggle("active", row.at === painter.active);
  head.classList.toggle("choosing", tool.scope === "chosen");
  const title = unit ? `${name} (${unit})` : name;
  if (part("name").textContent !== title) part("name").textContent = title;
  part("name").title = "Click: the channel to paint on. Ctrl- or Shift-click: several. Drag: its place.";
  part("name").setAttribute("aria-pressed", String(painter.inScope(row.at)));
  part("choose").checked = painter.chosen.has(name);
  const verb = `${row.collapsed ? "Open" : "Collapse"} ${name}`;
  part("fold").title = `${verb} (C)`;
  part("fold").setAttribute("aria-label", verb);
  part("fold").setAttribute("aria-expanded", String(!row.collapsed));
  part("fold").querySelector("path").setAttribute("d", ICONS[row.collapsed ? "collapsed" : "open"]);
  const shown = layout.rows;
  part("up").disabled = shown[0] === row;
  part("down").disabled = shown.at(-1) === row;
  part("hide").disabled = shown.length === 1;
  part("grip").hidden = row.collapsed;
  part("grip").style.top = `${ROW_GAP + row.height - 2}px`;
  part("grip").style.left = `${layout.left}px`;
  part("grip").style.width = `${layout.plotWidth}px`;
  part("grip").setAttribute("aria-valuenow", String(row.height));
}

function fold(painter, name) {
  painter.rows.toggle(painter.rows.collapsed, name);
  painter.resize();
}

function stepRow(painter, name, by) {
  if (!painter.rows.step(painter.channels, name, by)) return;
  painter.resize();
  painter.say(`${name} moved ${by < 0 ? "up" : "down"}`);
}

function hideRow(painter, name) {
  if (painter.layout.rows.length < 2) return;
  painter.rows.toggle(painter.rows.hidden, name);
  painter.resize();
  keepActive(painter);
  painter.say(`${name} is off the screen; it is masked as before`);
  painter.top.focus({ preventScroll: true });
}

function showAllRows(painter) {
  painter.rows.hidden.clear();
  painter.rows.keep();
  painter.resize();
  painter.top.focus({ preventScroll: true });
}

// The active channel is always one that is on screen.
function keepActive(painter) {
  const { rows } = painter.layout;
  if (!rows.some((row) => row.at === painter.active)) painter.active = rows[0].at;
  painter.redraw();
}

function nameClicked(painter, name, event) {
  if (painter.headDragged) return;
  if (event.shiftKey) chooseRow(painter, name, "through");
  else if (event.ctrlKey || event.metaKey) chooseRow(painter, name, "toggle");
  else chooseRow(painter, name, painter.tool.scope === "chosen" ? "only" : "active");
}

// "active": paint on it; "only": it alone is selected; "toggle": select it too, or no more;
// "through": select from the active row to it.
function chooseRow(painter, name, how) {
  const { chosen, channels, layout } = painter;
  const names = layout.rows.map((row) => channels[row.at].name);
  const from = names.indexOf(channels[painter.active].name);
  const to = names.indexOf(name);
  if (how === "only") chosen.clear();
  if (how === "through") names.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => chosen.add(one));
  else if (how === "toggle") {
    if (painter.tool.scope !== "chosen" && !chosen.size && to !== from) chosen.add(names[from]);
    if (!chosen.delete(name)) chosen.add(name);
  } else if (how === "only") chosen.add(name);
  painter.active = layout.rows[to].at;
  if (how !== "active") painter.tool.scope = "chosen";
  painter.top.focus({ preventScroll: true });
  painter.say(how === "active" ? `Channel ${name}` : `${chosen.size} of ${channels.length} channels selected`);
  painter.showTools();
  painter.redraw();
}

// Drag a name up or down to give its row another place.
function dragHead(painter, name, event) {
  painter.headDragged = false;
  if (event.button !== 0 || event.ctrlKey || event.shiftKey || event.metaKey) return;
  const begin = event.clientY;
  const dragging = new AbortController();
  // The heads change places while one is dragged: their box and the document stay.
  const listen = (kind, act) => document.addEventListener(kind, act, { signal: dragging.signal });
  listen("pointermove", (now) => {
    if (!painter.headDragged && Math.abs(now.clientY - begin) < 6) return;
    if (!painter.headDragged) painter.heads.setPointerCapture(now.pointerId);
    painter.headDragged = true;
    dropHead(painter, name, placeOf(painter, now).y);
  });
  for (const kind of ["pointerup", "pointercancel"]) listen(kind, () => dragging.abort());
}

// Put the row of a name where the pointer is.
function dropHead(painter, name, y) {
  const { channels, layout, rows } = painter;
  const names = (list) => list.map((row) => channels[row.at].name);
  const others = layout.rows.filter((row) => channels[row.at].name !== name);
  const below = others.find((row) => y < row.y + row.height / 2);
  const order = names(others);
  order.splice(below ? others.indexOf(below) : others.length, 0, name);
  if (order.join("\n") === names(layout.rows).join("\n")) return;
  rows.move(channels, name, below ? channels[below.at].name : null);
  painter.resize();
}

function listenToGrip(painter, name, grip) {
  const height = () => painter.layout.rows.find((row) => painter.channels[row.at].name === name)?.height || 0;
  const set = (value) => {
    painter.rows.resize(name, value);
    painter.resize();
  };
  grip.addEventListener("pointerdown", (event) => {
    const [begin, tall] = [event.clientY, height()];
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
    const to = (now) => set(tall + now.clientY - begin);
    grip.addEventListener("pointermove", to);
    grip.addEventListener("lostpointercapture", () => {
      grip.removeEventListener("pointermove", to);
      painter.rows.keep();
    }, { once: true });
  });
  grip.addEventListener("dblclick", () => {
    painter.rows.heights.delete(name);
    painter.rows.keep();
    painter.resize();
  });
  grip.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -10, ArrowDown: 10 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(height() + by);
    painter.rows.keep();
  });
}
