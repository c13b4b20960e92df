// One list on the page: what Python sends, what a person asks, and when to draw.

class ListLink extends Link {
  adopt(document) {
    this.document = document;
  }

  // A wish is carried out within a moment; none need outlive the page.
  remember() {}
}

class LayerList {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.ol = this.find("ol");
    this.rows = [];
    this.renaming = this.drag = this.live = null;
    this.listeners = new AbortController();
    this.link = new ListLink(() => {});
    listenToDrag(this);
    listenToMenus(this);
    listenToClicks(this);
    addEventListener("masklab:preview", (event) => this.preview(event.detail), { signal: this.listeners.signal });
  }

  close() {
    this.listeners.abort();
    this.link.close();
    clearTimeout(this.closing);
  }

  receive({ data, setStateValue }) {
    this.setState = this.link.setState = setStateValue;
    const before = this.data;
    this.data = data;
    this.link.adopt(data.document);
    const own = this.link.queue.length > 0;
    this.link.acknowledge(data.acknowledged);
    if (!before || before.chosen !== data.chosen || !this.choosing) this.chosen = data.chosen;
    if (before && before.chosen !== data.chosen) this.choosing = false;
    if (before && JSON.stringify(before.rows) !== JSON.stringify(data.rows)) {
      this.live = null;
      if (!own) this.say(""); // what was said of the last wish is over
    }
    if (data.notice) this.say(data.notice, data.refused);
    this.render();
  }

  row(layer) {
    return this.rows.find((row) => row.layer === layer);
  }

  // What a control that is being dragged would make of a layer's count.
  preview(detail) {
    this.live = detail && detail.told ? detail : null;
    this.render();
  }

  ask(operation) {
    this.say("");
    this.link.add(operation);
    this.render();
  }

  set(layer, field, value) {
    const row = this.row(layer);
    if (row.locked && field !== "locked") this.refuse(row, "changed");
    else this.ask({ action: "set", layer, field, value });
  }

  toggle(layer, field) {
    this.set(layer, field, !this.row(layer)[field]);
  }

  move(layer, to) {
    const row = this.row(layer);
    if (to < 0 || to >= this.rows.length) return;
    if (row.locked) return this.refuse(row, "moved");
    this.ask({ action: "move", layer, to });
    this.say(`“${row.label}” is now layer ${to + 1} of ${this.rows.length}.`);
  }

  remove(layer) {
    const row = this.row(layer);
    if (row.locked) return this.refuse(row, "deleted");
    const place = this.rows.indexOf(row);
    this.ask({ action: "remove", layer });
    this.say(`Deleted “${row.label}”. Ctrl+Z brings it back.`);
    this.focusRow(Math.min(place, this.rows.length - 1));
  }

  rename(layer) {
    const row = this.row(layer);
    if (row.locked) return this.refuse(row, "renamed");
    this.renaming = layer;
    this.render(true);
    const field = this.find("input.rename");
    field.focus();
    field.select();
  }

  refuse(row, done) {
    this.say(lockedWords(row, done), true);
    this.render();
  }

  history(action) {
    const possible = this.link.queue.length || (action === "undo" ? this.data.undo : this.data.redo);
    if (!possible) return this.say(`There is nothing to ${action}.`);
    this.ask({ action });
    this.say(action === "undo" ? "Undone" : "Taken back");
  }

  choose(layer) {
    this.chosen = layer;
    this.choosing = true;
    this.setState("chosen", { layer, at: Date.now() });
    this.render();
  }

  focusRow(place) {
    this.ol.children[place]?.querySelector(".name")?.focus();
  }

  say(text, warning = false) {
    const status = this.find(".status");
    status.textContent = text;
    status.classList.toggle("warning", warning);
  }

  // Not while a row is dragged or renamed: that would take it out of the hand.
  render(anyway = false) {
    this.rows = asked(this.data.rows, this.link.queue, this.data.palette);
    if ((this.drag || this.pressed || this.renaming !== null) && !anyway) return;
    const shown = JSON.stringify([this.rows, this.chosen, this.live, this.renaming]);
    if (shown === this.shown && !this.moved) return;
    this.shown = shown;
    this.moved = false;
    const focus = this.root.activeElement;
    const held = focus && focus.closest(".row") && { layer: focus.closest(".row").dataset.layer, part: focus.dataset.part };
    this.ol.replaceChildren(...this.rows.map((row, place) => rowElement(this, row, place, row.layer === this.chosen)));
    this.ol.hidden = !this.rows.length;
    if (held) this.find(`[data-layer="${held.layer}"] [data-part="${held.part}"]`)?.focus({ preventScroll: true });
  }
}

const lists = new WeakMap();

export default inOrder((component) => {
  const root = component.parentElement;
  if (!lists.has(root)) lists.set(root, new LayerList(root));
  lists.get(root).receive(component);
  return () => {
    if (root.isConnected) return; // a call that a newer one overtook is cleaned up too
    lists.get(root)?.close();
    lists.delete(root);
  };
});
