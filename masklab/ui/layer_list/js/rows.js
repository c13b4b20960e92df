// One row for each layer; what was asked but not yet answered is shown as if it were done.

const ICONS = {
  handle: '<path d="M5 3h2v2H5zM9 3h2v2H9zM5 7h2v2H5zM9 7h2v2H9zM5 11h2v2H5zM9 11h2v2H9z"/>',
  open: '<path d="M5.5 3 10.5 8l-5 5"/>',
  locked: '<path d="M4 7.5h8v6H4zM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3"/>',
  unlocked: '<path d="M4 7.5h8v6H4zM5.5 7.5V4.6a2.5 2.5 0 0 1 4.9-.7"/>',
  more: '<path d="M8 3.2v.1M8 8v.1M8 12.8v.1" stroke-width="2.4"/>',
};

function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${ICONS[name]}</svg>`;
  return holder.content.firstChild;
}

// Rows as they will be once Python has carried out what waits.
function asked(rows, queue, palette) {
  let found = rows.map((row) => ({ ...row }));
  for (const one of queue) {
    const at = found.findIndex((row) => row.layer === one.layer);
    if (at < 0) continue;
    const row = found[at];
    if (one.action === "set" && (!row.locked || one.field === "locked")) {
      row[one.field] = one.value;
      if (one.field === "name") row.label = one.value || row.summary;
      if (one.field === "colour") row.swatch = palette[one.value] || row.swatch;
    }
    if (row.locked) continue;
    if (one.action === "remove") found.splice(at, 1);
    if (one.action === "move") found.splice(one.to, 0, ...found.splice(at, 1));
  }
  return found;
}

function part(kind, className, attributes, ...inner) {
  const element = document.createElement(kind);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...inner);
  return element;
}

function rowElement(list, row, place, chosen) {
  const which = `layer ${place + 1}, ${row.label}`;
  const button = (className, label, attributes, ...inner) =>
    part("button", className, { type: "button", "data-part": className, "aria-label": label, title: label, ...attributes }, ...inner);
  const on = part("input", "on", { type: "checkbox", "data-part": "on", "aria-label": `On: ${which}`, title: "On or off" });
  on.checked = row.enabled;
  const swatch = part("i", "", {});
  swatch.style.background = row.swatch;
  swatch.style.opacity = String(0.35 + 0.65 * row.opacity);
  const shown = part("span", "", {}, row.name ? row.label : row.label[0].toUpperCase() + row.label.slice(1));
  const about = `${row.about}. Click for its settings, double-click or F2 to rename`;
  const name = list.renaming === row.layer
    ? renameField(list, row)
    : button("name", `Settings of ${which}`, { "aria-expanded": chosen, title: about }, icon("open"), shown);
  const live = list.live && list.live.layer === row.layer ? list.live.told : null;
  return part(
    "li", `row${chosen ? " chosen" : ""}${row.enabled ? "" : " off"}${row.locked ? " locked" : ""}`, { "data-layer": row.layer },
    part(
      "div", "line", {},
      button("handle", `Move ${which}`, { title: row.locked ? "Locked" : "Drag to move, or Alt+↑ and Alt+↓" }, icon("handle")),
      on,
      button("swatch", `Colour of ${which}`, { title: "Colour", "aria-haspopup": "menu" }, swatch),
      name,
      button("lock", `${row.locked ? "Unlock" : "Lock"} ${which}`, { title: row.locked ? "Locked: click to unlock" : "Lock", "aria-pressed": row.locked }, icon(row.locked ? "locked" : "unlocked")),
      button("more", `More for ${which}`, { title: "Rename, move, duplicate, delete", "aria-haspopup": "menu" }, icon("more")),
    ),
    part("div", `told${row.problem ? " problem" : ""}${live ? " live" : ""}`, {}, (live || (row.enabled ? row.told : "Off")) + row.aim),
  );
}

function renameField(list, row) {
  const field = part("input", "rename", { type: "text", maxlength: 200, "data-part": "name", "aria-label": `Name of ${row.label}` });
  field.value = row.label;
  let over = false;
  const end = (keep) => {
    if (over) return;
    over = true;
    list.renaming = null;
    const name = field.value.trim();
    if (keep && name !== row.label) list.ask({ action: "set", layer: row.layer, field: "name", value: name });
    list.render();
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  });
  field.addEventListener("blur", () => end(true));
  return field;
}
