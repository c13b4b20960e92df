// One field for an expression: what is typed, what completes it, and what Python says of it.

const PAUSE = 350;
const SHOWN = 9;

class ExpressionField {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.text = this.find("textarea");
    this.choices = this.find(".choices");
    this.found = [];
    this.active = -1;
    this.pending = [];
    this.listeners = new AbortController();
    const options = { signal: this.listeners.signal };
    for (const kind of ["keyup", "keypress"]) this.find(".field").addEventListener(kind, (event) => event.stopPropagation(), options);
    this.find(".field").addEventListener("keydown", (event) => this.pressed(event), options);
    this.text.addEventListener("input", () => this.typed(), options);
    this.text.addEventListener("click", () => this.close(), options);
    this.text.addEventListener("blur", () => { this.close(); this.enter(); }, options);
    this.choices.addEventListener("pointerdown", (event) => this.picked(event), options);
    this.find(".where").addEventListener("click", () => this.showWhere(), options);
    this.find("[data-examples]").addEventListener("change", (event) => this.takeExample(event.target), options);
    for (const chips of root.querySelectorAll(".chips")) chips.addEventListener("click", (event) => this.chipped(event), options);
    addEventListener("scroll", () => this.close(), { ...options, capture: true, passive: true });
  }

  end() {
    this.listeners.abort();
    clearTimeout(this.waiting);
    this.close();
  }

  receive({ data, setStateValue }) {
    const before = this.data;
    this.data = data;
    this.setState = setStateValue;
    if (!before || before.text !== data.text) this.changed(data.text);
    this.find("[data-label]").textContent = data.label;
    this.text.title = data.help;
    this.text.disabled = data.disabled;
    this.find("[data-examples]").disabled = data.disabled;
    if (!before || before.data !== data.data) this.fill(data);
    this.tell();
  }

  // The layer's text is another one. What was entered here comes back in turn, while more may have
  // been typed; anything else (an undo, another tab) takes the place of what stands here.
  changed(text) {
    const turn = this.pending.indexOf(text);
    this.pending = this.pending.slice(turn + 1);
    if (turn >= 0) return;
    this.pending = [];
    this.text.value = this.entered = text;
  }

  fill(data) {
    const select = this.find("[data-examples]");
    const first = new Option("Worked examples…", "");
    select.replaceChildren(first, ...data.examples.map((one) => new Option(one.title, one.text)));
    for (const kind of ["channel", "word", "function"]) {
      const chips = data.words.filter((one) => one.kind === kind).slice(0, 60).map((one) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = one.show;
        button.title = one.means;
        button.dataset.write = one.write;
        return button;
      });
      this.find(`[data-chips="${kind}"]`).replaceChildren(...chips);
    }
  }

  tell() {
    const { told, problem, checked } = this.data;
    const old = checked !== this.text.value;
    this.find("[data-told]").textContent = told;
    this.find(".told").classList.toggle("wrong", problem && !old);
    this.find(".told").classList.toggle("old", old);
    this.text.classList.toggle("wrong", problem && !old);
    this.text.setAttribute("aria-invalid", String(problem && !old));
    this.find(".where").hidden = !(problem && !old && this.data.end > this.data.start);
  }

  typed() {
    this.complete(false);
    this.tell();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), PAUSE);
  }

  check() {
    clearTimeout(this.waiting);
    if (this.text.value === this.data.checked) return;
    this.setState("draft", { text: this.text.value.slice(0, this.data.most + 1), of: this.data.text });
  }

  // The expression is used: Python refuses what is none, and the layer stays as it was.
  enter() {
    if (this.text.disabled || this.text.value === this.entered) return;
    this.entered = this.text.value;
    this.pending = [...this.pending.slice(-9), this.entered];
    this.check();
    this.setState("text", { text: this.text.value.slice(0, this.data.most + 1), number: Date.now() });
  }

  // What stands before the cursor and can be completed: after an open backtick all of it.
  begun() {
    const before = this.text.value.slice(0, this.text.selectionEnd);
    const ticks = before.split("`");
    if (ticks.length % 2 === 0) return "`" + ticks[ticks.length - 1];
    const match = before.match(/[\p{L}\p{N}_]+$/u);
    return match && !/^\p{N}/u.test(match[0]) ? match[0] : "";
  }

  complete(all) {
    const begun = this.begun();
    const wanted = begun.replace(/^`/, "").toLowerCase();
    const known = this.data.words.filter((one) => begun[0] !== "`" || one.kind === "channel");
    const name = (one) => one.show.toLowerCase();
    const exact = known.some((one) => one.write.toLowerCase() === begun.toLowerCase());
    const starts = known.filter((one) => name(one).startsWith(wanted));
    const holds = known.filter((one) => !name(one).startsWith(wanted) && name(one).includes(wanted));
    this.found = all || begun ? [...starts, ...(wanted.length > 1 ? holds : [])] : [];
    if (exact && this.found.length === 1) this.found = [];
    this.begunWith = begun;
    this.active = -1;
    if (this.found.length && !this.text.disabled) this.open(all);
    else this.close();
  }

  open(all) {
    const rows = this.found.slice(0, all ? 80 : SHOWN).map((one, place) => {
      const row = document.createElement("div");
      row.id = `choice-${place}`;
      row.className = "choice";
      row.setAttribute("role", "option");
      row.dataset.place = place;
      const name = document.createElement("b");
      name.textContent = one.show;
      const means = document.createElement("span");
      means.textContent = one.means;
      row.append(name, means);
      return row;
    });
    this.choices.replaceChildren(...rows);
    if (!this.isOpen()) this.choices.showPopover();
    const box = this.text.getBoundingClientRect();
    this.choices.style.left = `${box.left}px`;
    this.choices.style.width = `${Math.max(box.width, 280)}px`;
    const height = this.choices.offsetHeight;
    const fits = box.bottom + height + 6 < innerHeight || box.top < height + 6;
    this.choices.style.top = `${fits ? box.bottom + 3 : box.top - height - 3}px`;
    this.mark();
  }

  isOpen() {
    return this.choices.matches(":popover-open");
  }

  close() {
    if (this.isOpen()) this.choices.hidePopover();
    this.text.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  mark() {
    this.choices.querySelectorAll(".choice").forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === this.active));
      if (place === this.active) row.scrollIntoView({ block: "nearest" });
    });
    if (this.active < 0) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", `choice-${this.active}`);
  }

  step(by) {
    const count = this.choices.children.length;
    this.active = this.active < 0 && by < 0 ? count - 1 : (this.active + by + count) % count;
    this.mark();
  }

  pressed(event) {
    event.stopPropagation(); // or Streamlit takes r and c for itself
    if (event.target !== this.text || event.isComposing) return;
    const open = this.isOpen();
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.complete(true);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.step(event.key === "ArrowDown" ? 1 : -1);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else if (open && (event.key === "Tab" || event.key === "Enter") && (this.active >= 0 || event.key === "Tab")) {
      if (event.shiftKey) return;
      event.preventDefault();
      this.take(this.found[Math.max(this.active, 0)]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.close();
      this.enter();
    }
  }

  picked(event) {
    const row = event.target.closest(".choice");
    event.preventDefault(); // the text keeps the focus
    if (row) this.take(this.found[Number(row.dataset.place)]);
  }

  take(word) {
    const end = this.text.selectionEnd;
    const start = end - this.begunWith.length;
    this.close();
    this.write(word.write, start, end);
  }

  chipped(event) {
    const chip = event.target.closest("button");
    if (!chip || this.text.disabled) return;
    const at = this.text.selectionStart;
    const before = this.text.value[at - 1] || " ";
    const word = chip.dataset.write;
    this.write(/[\p{L}\p{N}_`)]/u.test(before) ? ` ${word}` : word, at, this.text.selectionEnd);
  }

  // As if it were typed, so that the field's own undo takes it back.
  write(word, start, end) {
    this.text.focus();
    this.text.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, word)) return;
    this.text.setRangeText(word, start, end, "end");
    this.typed();
  }

  takeExample(select) {
    if (!select.value) return;
    this.text.value = select.value;
    select.selectedIndex = 0;
    this.enter();
  }

  showWhere() {
    this.text.focus();
    this.text.setSelectionRange(this.data.start, Math.min(this.data.end, this.text.value.length));
  }
}

const fields = new WeakMap();

export default inOrder((component) => {
  const { parentElement } = component;
  let field = fields.get(parentElement);
  if (!field) {
    field = new ExpressionField(parentElement);
    fields.set(parentElement, field);
  }
  field.receive(component);
  return () => {
    if (parentElement.isConnected) return; // cleaned up after an overtaken call: the field stands
    field.end();
    fields.delete(parentElement);
  };
});
