// The inspector: what is on screen, and what the reader does with it.
//
// Step, unit and toggled steps are one message with a number; Python answers with that number. Marks
// are drawn at once, everything else when the answer is there.

const PLAY_MS = 420;
const RESEND_AFTER = 3000;

class Inspector {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.client = `${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    this.seq = 0;
    this.answered = 0;
    this.unsent = false;
    this.view = {
      scene: null, step: 0, unit: 0, flips: new Set(),
      observed: (step) => this.observed(step),
      anyObserved: (step) => this.observed(step).some(Boolean),
    };
    this.clicks = new Map();
    this.turn = 0;
    this.listeners = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".picture"));
    this.timer = setInterval(() => this.resend(), 1000);
  }

  close() {
    this.listeners.abort();
    this.sizes.disconnect();
    clearInterval(this.timer);
    clearTimeout(this.filling);
    this.pause();
  }

  listen() {
    const options = { signal: this.listeners.signal };
    const inspector = this.find(".inspector");
    document.fonts.addEventListener("loadingdone", () => this.draw(), options); // words drawn before theirs was there
    inspector.addEventListener("click", (event) => this.pressed(event.target.closest("button")?.dataset.do), options);
    inspector.addEventListener("keydown", (event) => this.key(event), options);
    for (const kind of ["keyup", "keypress"]) inspector.addEventListener(kind, (event) => event.stopPropagation(), options);
    this.canvas.addEventListener("pointerdown", (event) => this.down(event), options);
    this.canvas.addEventListener("pointermove", (event) => this.move(event), options);
    this.canvas.addEventListener("pointerup", () => (this.scrubs = false), options);
    this.canvas.addEventListener("pointerleave", () => this.hover(null), options);
  }

  receive({ data, setStateValue }) {
    const began = performance.now();
    this.setState = setStateValue;
    this.data = data;
    this.base = data.window.base;
    const known = data.answered.client === this.client;
    if (known) this.answered = Math.max(this.answered, data.answered.seq);
    this.view.scene = unpacked(data);
    // What was done here and is not answered yet stands.
    if (!known ? this.seq === 0 : this.answered >= this.seq && !this.unsent) {
      Object.assign(this.view, { step: data.view.step, unit: data.view.unit, flips: new Set(data.view.flips) });
    }
    this.view.step = Math.min(this.view.step, data.window.steps - 1);
    this.find(".inspector").hidden = false;
    this.draw();
    this.measured(began);
    if (this.unsent && this.answered >= this.seq) this.send();
  }

  observed(step) {
    const { native } = this.data.window, was = this.base[step];
    if (!this.view.flips.has(step)) return was;
    return was.some(Boolean) ? was.map(() => false) : native[step];
  }

  draw() {
    if (!this.view.scene) return;
    this.layout = draw(this.canvas, this.view, this.root) ?? this.layout;
    const { layout } = this;
    if (!layout) return;
    this.canvas.dataset.places = JSON.stringify(layout.places.map(({ x }) => ({ x, column: layout.column, y: layout.rows[1].y + 20 })));
    const { window } = this.view.scene, { step, unit, flips } = this.view;
    const where = this.find(".where");
    where.replaceChildren(Object.assign(document.createElement("b"), { textContent: `Step ${step + 1}` }), ` of ${window.steps} · ${window.times[step]}`);
    this.find(".unit").textContent = `Unit ${unit + 1} of ${this.view.scene.panels[0].h.columns}`;
    this.find(".toggle").textContent = this.view.anyObserved(step) ? "Mask this step" : "Unmask this step";
    const restore = this.find(".restore");
    restore.hidden = !flips.size;
    restore.textContent = `Restore ${flips.size} ${flips.size === 1 ? "step" : "steps"}`;
    this.find(".play").textContent = this.playing ? "Pause" : "Play";
    for (const [name, off] of [["first", step === 0], ["back", step === 0], ["forward", step === window.steps - 1], ["last", step === window.steps - 1]])
      this.find(`[data-do="${name}"]`).disabled = off;
    clearTimeout(this.filling); // the picture first; many steps in a row fill them once
    this.filling = setTimeout(() => fillTables(this.root, this.view));
    this.canvas.setAttribute("aria-label", stepWords(this.view));
    if (!this.playing) this.say();
    this.mark();
  }

  say() {
    const words = said(this.view), place = this.find(".said");
    if (place.textContent !== words) place.textContent = words;
  }

  pressed(name) {
    const last = this.view.scene.window.steps - 1, { step, unit } = this.view;
    const done = {
      first: () => this.go(0), last: () => this.go(last), back: () => this.go(step - 1), forward: () => this.go(step + 1),
      play: () => (this.playing ? this.pause() : this.play()),
      toggle: () => this.toggle(step), restore: () => this.restore(),
      lower: () => this.go(step, unit - 1), higher: () => this.go(step, unit + 1),
    }[name];
    if (done && !["play"].includes(name)) this.pause();
    done?.();
  }

  key(event) {
    event.stopPropagation(); // or Streamlit takes r and c for itself
    const onButton = event.target.closest?.("button");
    const name = {
      ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", ArrowUp: "lower", ArrowDown: "higher",
      m: "toggle", M: "toggle", ...(onButton ? {} : { Enter: "toggle", " ": "play" }),
    }[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.pressed(name);
  }

  go(step, unit = this.view.unit, { send = true } = {}) {
    const { window, panels } = this.view.scene;
    const to = Math.min(window.steps - 1, Math.max(0, step));
    const chosen = Math.min(panels[0].h.columns - 1, Math.max(0, unit));
    if (to === this.view.step && chosen === this.view.unit) return;
    Object.assign(this.view, { step: to, unit: chosen });
    this.draw();
    if (send) this.ask();
  }

  toggle(step) {
    const { flips } = this.view;
    if (flips.has(step)) flips.delete(step);
    else flips.add(step);
    this.view.step = step;
    const clicked = performance.now();
    this.turn += 1;
    if (this.data.direct) this.askDirectly(this.turn, clicked);
    else {
      this.clicks.set(this.seq + 1, clicked);
      this.send();
    }
    setTimeout(() => this.draw()); // what is sent leaves first
  }

  // The numbers come by themselves, the page's run with formulas and address after them.
  async askDirectly(turn, clicked) {
    this.unsent = true;
    this.find(".inspector").dataset.waiting = "true";
    let data = null;
    try {
      const body = JSON.stringify({ token: this.data.direct, flips: [...this.view.flips] });
      const response = await fetch(new URL("_masklab/inspect", location.href), { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (response.ok) data = await response.json();
    } catch {} // no door, or none any more: the page's run brings the numbers
    if (this.turn !== turn || !this.root.isConnected) return;
    if (data) {
      const began = performance.now();
      this.data = { ...this.data, ...data };
      this.view.scene = unpacked(this.data);
      this.draw();
      if (performance.getEntriesByName("inspector:measure").length) {
        performance.measure("inspector:drawn", { start: began });
        performance.measure("inspector:toggle", { start: clicked });
      }
    } else this.clicks.set(this.seq + 1, clicked);
    this.send();
  }

  restore() {
    this.turn += 1; // an answer that is still under way is of other steps
    this.view.flips = new Set();
    this.send();
    this.draw();
  }

  play() {
    if (this.view.step === this.view.scene.window.steps - 1) this.go(0);
    this.playing = setInterval(() => {
      this.go(this.view.step + 1);
      if (this.view.step === this.view.scene.window.steps - 1) this.pause();
    }, PLAY_MS);
    this.draw();
  }

  pause() {
    clearInterval(this.playing);
    if (!this.playing) return;
    this.playing = null;
    if (this.root.isConnected) this.draw();
  }

  down(event) {
    const found = this.under(event);
    if (!found || event.button) return;
    this.pause();
    if (found.step >= this.view.scene.window.steps) return;
    if (found.row.toggles) return this.toggle(found.step);
    this.scrubs = true;
    this.canvas.setPointerCapture(event.pointerId);
    this.go(found.step, found.unit ?? this.view.unit);
  }

  move(event) {
    const found = this.under(event);
    if (this.scrubs && found && found.step < this.view.scene.window.steps) this.go(found.step);
    this.hover(found, event);
  }

  hover(found, event) {
    const tip = this.find(".tip"), words = found ? tipOf(this.view, found) : "";
    tip.hidden = !words;
    if (!words) return;
    tip.textContent = words;
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left;
    tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth - 4))}px`;
    if (x + 14 > box.width - tip.offsetWidth - 4) tip.style.left = `${Math.max(0, x - tip.offsetWidth - 14)}px`;
    tip.style.top = `${event.clientY - box.top + 14}px`;
  }

  under(event) {
    if (!this.layout || !this.view.scene) return null;
    const box = this.canvas.getBoundingClientRect();
    return under(this.layout, this.view.scene, event.clientX - box.left, event.clientY - box.top);
  }

  // A step or unit waits until Python has answered the one before; toggles don't.
  ask() {
    if (this.answered < this.seq) {
      this.unsent = true;
      this.mark();
    } else this.send();
  }

  send() {
    this.unsent = false;
    this.seq += 1;
    this.find(".inspector").dataset.waiting = "true";
    this.sentAt = Date.now();
    const { step, unit, flips } = this.view;
    this.setState("asked", { client: this.client, seq: this.seq, step, unit, flips: [...flips].sort((a, b) => a - b) });
  }

  resend() {
    if (this.answered < this.seq && Date.now() - this.sentAt > RESEND_AFTER) this.send();
  }

  // How long a click took to the updated picture, and drawing it; benchmarks/learn.py reads them.
  measured(began) {
    const end = performance.now(), measures = performance.getEntriesByName("inspector:measure").length;
    if (measures) performance.measure("inspector:drawn", { start: began, end });
    for (const [seq, start] of this.clicks) {
      if (seq > this.answered) continue;
      this.clicks.delete(seq);
      if (measures) performance.measure("inspector:toggle", { start, end });
    }
  }

  // What tests and benchmarks wait for.
  mark() {
    const { dataset } = this.find(".inspector");
    dataset.revision = this.data.revision;
    dataset.trained = String(this.view.scene.panels.every((one) => one.trained));
    dataset.waiting = String(this.answered < this.seq || this.unsent || Boolean(this.playing));
  }
}

const inspectors = new WeakMap();

export default inOrder((component) => {
  const root = component.parentElement;
  if (!inspectors.has(root)) inspectors.set(root, new Inspector(root));
  inspectors.get(root).receive(component);
  return () => {
    if (root.isConnected) return; // a call that a newer one overtook is cleaned up too
    inspectors.get(root)?.close();
    inspectors.delete(root);
  };
});
