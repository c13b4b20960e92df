// Clicks and keys on a row.

function listenToClicks(list) {
  const options = { signal: list.listeners.signal };
  list.ol.addEventListener("click", (event) => clicked(list, event), options);
  list.ol.addEventListener("change", (event) => {
    const row = event.target.closest(".row");
    if (event.target.matches(".on")) list.set(Number(row.dataset.layer), "enabled", event.target.checked);
  }, options);
  for (const kind of ["keyup", "keypress"]) list.ol.addEventListener(kind, (event) => event.stopPropagation(), options);
  list.ol.addEventListener("keydown", (event) => keyed(list, event), options);
}

function clicked(list, event) {
  const target = event.target.closest("button");
  if (list.swallow || !target) {
    list.swallow = false; // the end of a drag is no click
    return;
  }
  const layer = Number(target.closest(".row").dataset.layer);
  if (target.matches(".lock")) list.toggle(layer, "locked");
  if (target.matches(".more")) openMenu(list, "actions", layer, target);
  if (target.matches(".swatch")) openColours(list, layer, target);
  if (target.matches(".name")) nameClicked(list, layer, event.detail);
}

function openColours(list, layer, target) {
  const row = list.row(layer);
  if (row.locked) list.say(lockedWords(row, "changed"), true);
  else openMenu(list, "palette", layer, target);
}

// A click opens the settings at once; closing them waits for what may be a double click.
function nameClicked(list, layer, clicks) {
  clearTimeout(list.closing);
  if (clicks >= 2) list.rename(layer);
  else if (list.chosen !== layer) list.choose(layer);
  else list.closing = setTimeout(() => list.choose(null), clicks ? 280 : 0);
}

function keyed(list, event) {
  event.stopPropagation(); // or Streamlit takes r and c for itself
  const element = event.target.closest(".row");
  if (!element) return;
  const layer = Number(element.dataset.layer);
  const place = list.rows.findIndex((row) => row.layer === layer);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = (done) => {
    event.preventDefault();
    done();
  };
  if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
    return act(() => list.history(key === "y" || event.shiftKey ? "redo" : "undo"));
  }
  if (event.ctrlKey || event.metaKey) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (step && event.altKey) return act(() => list.move(layer, place + step));
  if (step) return act(() => list.focusRow(place + step));
  if (key === "Escape" && list.drag) return act(() => endDrag(list));
  if (key === "F2") return act(() => list.rename(layer));
  if (key === "Delete" || (key === "Backspace" && event.metaKey)) return act(() => list.remove(layer));
  if (key === "d") return act(() => list.ask({ action: "duplicate", layer }));
  if (key === "l") return act(() => list.toggle(layer, "locked"));
}
