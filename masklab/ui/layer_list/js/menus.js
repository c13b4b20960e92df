// The menu of a row and the palette of its colour, above everything else on the page.

function openMenu(list, kind, layer, anchor) {
  const menu = list.find(`.menu.${kind}`);
  if (menu.matches(":popover-open")) menu.hidePopover();
  const row = list.row(layer);
  menu.replaceChildren(...(kind === "actions" ? actionItems(list, row) : colourItems(list, row)));
  menu.showPopover();
  const box = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = kind === "actions" ? box.right - width : box.left;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${box.bottom + height + 8 > innerHeight ? Math.max(8, box.top - height - 2) : box.bottom + 2}px`;
  (menu.querySelector('[aria-checked="true"]') || menu.querySelector("button:not(:disabled)"))?.focus();
}

function item(list, kind, words, keys, act, attributes = {}) {
  const made = part("button", "", { type: "button", role: "menuitem", ...attributes }, words);
  if (keys) made.append(part("kbd", "", {}, keys));
  made.addEventListener("click", () => {
    list.find(`.menu.${kind}`).hidePopover();
    act();
  });
  return made;
}

function actionItems(list, row) {
  const place = list.rows.findIndex((one) => one.layer === row.layer);
  const last = place === list.rows.length - 1;
  const make = (words, keys, act, disabled) => item(list, "actions", words, keys, act, { disabled });
  return [
    make("Rename", "F2", () => list.rename(row.layer), row.locked),
    make("Move up", "Alt+↑", () => list.move(row.layer, place - 1), row.locked || place === 0),
    make("Move down", "Alt+↓", () => list.move(row.layer, place + 1), row.locked || last),
    make("Duplicate", "D", () => list.ask({ action: "duplicate", layer: row.layer })),
    make(row.locked ? "Unlock" : "Lock", "L", () => list.toggle(row.layer, "locked")),
    make("Delete", "Del", () => list.remove(row.layer), row.locked),
  ];
}

function colourItems(list, row) {
  const make = (words, value, hex) => {
    const checked = { role: "menuitemradio", "aria-checked": String(row.colour === value) };
    const made = item(list, "palette", words, "", () => list.set(row.layer, "colour", value), checked);
    const swatch = part("i", "", {});
    swatch.style.background = hex;
    made.prepend(swatch);
    return made;
  };
  const named = Object.entries(list.data.palette).map(([name, hex]) => make(name[0].toUpperCase() + name.slice(1), name, hex));
  return [make("By place", null, "conic-gradient(#E69F00, #CC79A7, #009E73, #56B4E9, #E69F00)"), ...named];
}

function listenToMenus(list) {
  const options = { signal: list.listeners.signal };
  for (const menu of list.root.querySelectorAll(".menu")) {
    menu.addEventListener("keydown", (event) => menuKey(menu, event), options);
  }
}

function menuKey(menu, event) {
  event.stopPropagation();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("button:not(:disabled)")];
  const at = items.indexOf(event.target.closest("button"));
  items[(at + step + items.length) % items.length].focus();
}
