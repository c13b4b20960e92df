// A row follows the pointer; a line shows where it will stand. Nothing is sent before it is let go.

const SLACK = 5;

function listenToDrag(list) {
  const options = { signal: list.listeners.signal };
  list.ol.addEventListener("pointerdown", (event) => grabbed(list, event), options);
  list.ol.addEventListener("pointermove", (event) => dragged(list, event), options);
  list.ol.addEventListener("pointerup", (event) => dropped(list, event), options);
  list.ol.addEventListener("pointercancel", () => endDrag(list), options);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => released(list), options);
}

// Rows stay as they are while one is pressed: a click must find what it began on.
function released(list) {
  if (!list.pressed) return;
  setTimeout(() => {
    list.pressed = false;
    list.render();
  });
}

function grabbed(list, event) {
  list.swallow = false;
  list.pressed = true;
  const from = event.target.closest(".handle, .name");
  if (!from || event.button > 0) return;
  const element = from.closest(".row");
  list.drag = { layer: Number(element.dataset.layer), y: event.clientY, element, pointer: event.pointerId, moving: false };
}

function dragged(list, event) {
  const { drag } = list;
  if (!drag || event.pointerId !== drag.pointer) return;
  const shift = event.clientY - drag.y;
  if (!drag.moving) {
    if (Math.abs(shift) < SLACK) return;
    if (list.row(drag.layer).locked) {
      list.say(lockedWords(list.row(drag.layer), "moved"), true);
      list.drag = null;
      list.swallow = true;
      return;
    }
    drag.moving = list.moved = true;
    drag.element.setPointerCapture(drag.pointer);
    drag.element.classList.add("dragging");
  }
  event.preventDefault();
  drag.element.style.transform = `translateY(${within(list, drag, shift)}px)`;
  drag.to = placeUnder(list, drag, event.clientY);
  const others = otherRows(list, drag);
  others.forEach((row, at) => {
    row.classList.toggle("before", at === drag.to);
    row.classList.toggle("after", at === others.length - 1 && drag.to === others.length);
  });
}

function within(list, drag, shift) {
  const top = drag.element.offsetTop - list.ol.offsetTop;
  return Math.min(Math.max(shift, -top), list.ol.clientHeight - top - drag.element.offsetHeight);
}

function otherRows(list, drag) {
  return [...list.ol.children].filter((row) => row !== drag.element);
}

function placeUnder(list, drag, y) {
  return otherRows(list, drag).filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top + box.height / 2 < y;
  }).length;
}

function dropped(list) {
  const { drag } = list;
  if (!drag) return;
  if (!drag.moving) {
    list.drag = null;
    return;
  }
  const from = list.rows.findIndex((row) => row.layer === drag.layer);
  list.swallow = true;
  endDrag(list);
  if (drag.to !== undefined && drag.to !== from) list.move(drag.layer, drag.to);
}

function endDrag(list) {
  if (!list.drag) return;
  list.drag = null;
  list.render(true);
}

function lockedWords(row, done) {
  return `“${row.label}” is locked, so it can't be ${done}. Unlock it first, with the lock in its row.`;
}
