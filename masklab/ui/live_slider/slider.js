// A slider that says where it is while it is dragged, and once more when it is let go.
//
// While it moves, at most one value is on its way: the next one leaves when Python has answered.
// So the answers keep up with the hand on any machine. What counts is the value on release.

const ANSWER_WITHIN = 2000;
const RESEND_AFTER = 2500;
const KEYS_REST = 600;
const POSITIONS = 1000;

class LiveSlider {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.range = this.find('input[type="range"]');
    this.typed = this.find(".typed");
    this.name = `${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    this.count = 0;
    this.onItsWay = 0; // the number of the live value that Python has not answered
    this.waiting = false; // a newer value waits for that answer
    this.final = null; // the value let go that Python has not taken
    this.listeners = new AbortController();
    this.listen();
    this.timer = setInterval(() => this.resend(), 500);
  }

  close() {
    this.listeners.abort();
    clearInterval(this.timer);
    clearTimeout(this.rest);
    if (this.moving) this.tell(null);
  }

  listen() {
    const options = { signal: this.listeners.signal };
    this.range.addEventListener("input", () => this.follow(this.valueAt(Number(this.range.value))), options);
    this.range.addEventListener("change", () => this.letGo(), options);
    this.typed.addEventListener("change", () => this.wasTyped(), options);
    for (const kind of ["keyup", "keypress"]) this.find(".live").addEventListener(kind, (event) => event.stopPropagation(), options);
    this.find(".live").addEventListener("keydown", (event) => this.key(event), options);
  }

  // A key is one step, however the way is bent; what counts is where the keys rest.
  key(event) {
    event.stopPropagation(); // or Streamlit takes r and c for itself
    if (event.key === "Escape" && this.moving) return this.drop();
    if (event.target !== this.range) return;
    const { low, high, step } = this.data;
    const now = this.value ?? this.valueAt(this.data.rest * POSITIONS);
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    const to = { Home: low, End: high }[event.key] ?? (steps && now + steps * step);
    if (to === undefined) return;
    event.preventDefault();
    this.follow(Number(Math.min(Math.max(to, low), high).toPrecision(12)));
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.letGo(), KEYS_REST);
  }

  receive({ data, setStateValue }) {
    this.setState = setStateValue;
    this.data = data;
    if (this.final && data.taken === this.final.name) {
      this.final = null;
      setTimeout(() => this.moving || this.tell(null), 1500);
    }
    if (data.preview && data.preview.seq >= this.onItsWay) this.answered(data.preview);
    this.dress();
    if (!this.moving && !this.final) this.show(data.value);
  }

  dress() {
    const { label, help, low, high, step, typed, disabled } = this.data;
    this.find(".head").hidden = !typed;
    this.find(".label").textContent = label;
    this.find(".help").hidden = !help;
    this.find(".help").title = help;
    this.find(".help").setAttribute("aria-label", help);
    this.range.setAttribute("aria-label", label);
    Object.assign(this.range, { min: 0, max: POSITIONS, step: "any", disabled });
    this.typed.hidden = !typed;
    this.typed.setAttribute("aria-label", `${label}, typed`);
    Object.assign(this.typed, { min: low, max: high, step, disabled });
  }

  // Long reaches are finer at their low end: `curve` is the power of the way.
  valueAt(position) {
    const { low, high, step, curve } = this.data;
    const value = low + (high - low) * (position / POSITIONS) ** curve;
    const rounded = low + Math.round((value - low) / step) * step;
    return Number(Math.min(Math.max(rounded, low), high).toPrecision(12));
  }

  positionOf(value) {
    const { low, high, curve } = this.data;
    const share = (Math.min(Math.max(value, low), high) - low) / (high - low || 1);
    return POSITIONS * share ** (1 / curve);
  }

  show(value) {
    const unset = value === null || value === undefined;
    const position = unset ? this.data.rest * POSITIONS : this.positionOf(value);
    this.find(".live").classList.toggle("unset", unset);
    this.range.value = String(position);
    this.range.style.setProperty("--at", `${(100 * position) / POSITIONS}%`);
    this.range.setAttribute("aria-valuetext", unset ? "none" : `${value}${this.data.unit}`);
    if (this.root.activeElement !== this.typed) this.typed.value = unset ? "" : String(value);
    this.value = value;
  }

  follow(value) {
    this.moving = true;
    this.show(value);
    if (this.onItsWay) this.waiting = true;
    else this.send();
  }

  send() {
    this.waiting = false;
    this.onItsWay = ++this.count;
    this.sent = Date.now();
    this.setState("live", { name: this.name, seq: this.onItsWay, value: this.value });
  }

  answered(preview) {
    this.onItsWay = 0;
    if (!this.moving && !this.final) return;
    const told = this.find(".told");
    told.hidden = !preview.told;
    told.textContent = preview.told;
    this.tell({ layer: this.data.layer, told: preview.told, picture: preview.picture });
    if (this.moving && this.waiting) this.send();
  }

  wasTyped() {
    const { low, high } = this.data;
    const value = Number(this.typed.value);
    if (this.typed.value === "" || !Number.isFinite(value)) return this.show(this.data.value);
    this.show(Math.min(Math.max(value, low), high));
    this.moving = true;
    this.letGo();
  }

  letGo() {
    clearTimeout(this.rest);
    if (!this.moving) return;
    this.moving = this.waiting = false;
    if (this.value === this.data.value) return this.drop();
    this.final = { name: `${this.name}-${++this.count}`, value: this.value };
    this.onItsWay = 0;
    this.sendFinal();
  }

  sendFinal() {
    this.sent = Date.now();
    this.setState("final", { ...this.final, at: this.sent });
  }

  resend() {
    const late = Date.now() - this.sent;
    if (this.final && late > RESEND_AFTER) this.sendFinal();
    else if (this.onItsWay && late > ANSWER_WITHIN && this.moving) this.send();
  }

  drop() {
    const held = this.moving;
    this.moving = this.waiting = false;
    if (held) {
      this.range.disabled = true; // takes the thumb out of the pointer's hand, with a last `change`
      setTimeout(() => { this.range.disabled = this.data.disabled; });
    }
    this.onItsWay = 0;
    this.show(this.data.value);
    this.tell(null);
  }

  // The list of layers and the painter show what would be.
  tell(detail) {
    if (!detail) this.find(".told").hidden = true;
    dispatchEvent(new CustomEvent("masklab:preview", { detail }));
  }
}

const sliders = new WeakMap();

export default inOrder((component) => {
  const root = component.parentElement;
  if (!sliders.has(root)) sliders.set(root, new LiveSlider(root));
  sliders.get(root).receive(component);
  return () => {
    if (root.isConnected) return; // a call that a newer one overtook is cleaned up too
    sliders.get(root)?.close();
    sliders.delete(root);
  };
});
