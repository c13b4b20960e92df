// One painter on the page: its state, what Python sends, and when to draw what.

const VIEW_DELAY = 90;
const PAUSE = 400;

class Painter {
  // `shelf` keeps the lines of each document, also while another page is on screen.
  constructor(root, shelf) {
    this.root = root;
    this.shelf = shelf;
    this.find = (selector) => root.querySelector(selector);
    this.base = this.find("canvas.base");
    this.top = this.find("canvas.top");
    this.tip = this.find(".tip");
    this.heads = this.find(".heads");
    this.tool = { kind: "brush", scope: "one", width: 8 };
    this.active = 0;
    this.chosen = new Set();
    this.rows = new Rows();
    this.hover = null;
    this.gesture = null;
    this.fingers = new Map();
    this.selection = null;
    this.wish = null;
    this.view = null;
    this.picture = null;
    this.link = new Link(() => this.refresh());
    this.began = {};
    this.measuring = performance.getEntriesByName("painter:measure").length > 0;
    this.listeners = new AbortController();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.find(".stage"));
    listenToPointer(this);
    listenToKeys(this);
    listenToBar(this);
    listenToPreview(this);
    // Another tab may have painted meanwhile.
    window.addEventListener("focus", () => this.glance(), { signal: this.listeners.signal });
    // Words may have been drawn before the page's font was there.
    document.fonts.addEventListener("loadingdone", () => this.refresh(), { signal: this.listeners.signal });
  }

  close() {
    this.listeners.abort();
    this.watcher.disconnect();
    this.link.close();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.viewTimer);
    clearTimeout(this.pauseTimer);
  }

  // Called at every change of the data that Python sends, and at every change of theme.
  receive({ data, setStateValue }) {
    this.setState = this.link.setState = setStateValue;
    this.colours = readColours(this.find(".painter"));
    this.shades = null;
    if (data.lines) this.shelf.set(data.document, decodeLines(data.lines));
    if (!this.isStale(data)) this.take(data);
    this.rows.open(data.document);
    this.link.adopt(data.document);
    this.resize();
    this.showTools();
  }

  isStale(data) {
    if (!this.data || this.data.epoch !== data.epoch) return false;
    // Streamlit may hand on older data after newer; what is missing of a picture comes in either.
    return data.revision < this.data.revision || isOvertaken(data.sent, this.data.sent);
  }

  take(data) {
    const changed = !this.data || this.data.content !== data.content;
    endPreview(this, data);
    this.data = data;
    this.channels = data.channels;
    this.brush = data.brush;
    this.series = data.series;
    this.clock = changed ? new Clock(data.kind, data.zone) : this.clock;
    this.active = Math.min(this.active, this.channels.length - 1);
    if (changed) this.view = this.selection = null;
    this.takeView(data);
    this.takePicture(data);
    this.began.detail = this.viewBegan;
    this.viewBegan = 0;
    const done = this.link.acknowledge(data.acknowledged);
    if (done.length) this.report(done);
    this.expect();
    takeSought(this, data.sought);
    this.top.setAttribute("aria-label", this.label());
    clearTimeout(this.pauseTimer);
    if (data.behind) this.tellPause();
  }

  // Lines come once for each window, what is hidden with every message.
  takePicture({ document, cover }) {
    const known = this.shelf.get(document);
    if (known?.name !== cover.name) this.setState("need", Date.now());
    else if (cover.series === this.view.series) this.picture = covered(known, cover);
  }

  // The page around is drawn anew when painting pauses, not at every stroke.
  tellPause() {
    this.pauseTimer = setTimeout(() => {
      if (this.gesture || this.link.queue.length) this.tellPause();
      else this.setState("paused", this.data.revision);
    }, PAUSE);
  }

  takeView(data) {
    if (this.view && this.view.series !== data.series.index) return; // a change of series is on its way
    this.whole = wholeView(data.series);
    if (!this.view) this.view = { ...this.whole, ...data.view };
    else if (this.view.unknown) this.view = this.whole;
    this.view = this.clamped({ ...this.view, series: data.series.index });
  }

  clamped(view) {
    return clampView(view, this.whole, Math.max(this.series.interval * 4, 8));
  }

  report(done) {
    for (const one of done) {
      if (one.client !== this.link.client) continue;
      this.began.acknowledged = one.began;
      this.measure("acknowledged");
    }
    const refused = this.data.refused.find((one) => done.some((own) => own.client === one.client && own.seq === one.seq));
    this.say(refused ? refused.reason : this.data.notice || this.said || "", Boolean(refused || this.data.notice));
  }

  label() {
    const names = this.channels.map((one) => one.name).join(", ");
    return `Series ${this.series.name}, channels ${names}, ${this.data.share}. Drag to hide a stretch. Press ? for keys.`;
  }

  say(text, warning = false) {
    this.said = text;
    this.warning = warning;
    this.showStatus();
  }

  showStatus() {
    const status = this.find(".status");
    const waiting = this.link.waiting();
    const text = waiting ? `${waiting} ${waiting === 1 ? "change waits" : "changes wait"} for the server` : this.said || "";
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("warning", Boolean(waiting || this.warning));
  }

  // The picture with the edits on their way.
  expect() {
    this.pending = withPending(withPreview(this.picture, this.preview), this.link.edits(this.series.name), this.channels, this.brush.number);
  }

  isLocked() {
    if (this.brush.locked) this.say(this.brush.locked, true);
    return Boolean(this.brush.locked);
  }

  // Send an edit of this series and draw it at once; false if the layer is locked.
  edit(edit) {
    if (this.isLocked()) return false;
    this.operate({ series: this.series.name, ...edit });
    return true;
  }

  // Send an operation; `began` is when the gesture ended, for measuring.
  operate(operation) {
    this.link.add({ began: performance.now(), ...operation });
    this.expect();
    this.redraw();
  }

  undo() {
    this.operate({ action: "undo" });
    this.say("Undone");
  }

  redo() {
    this.operate({ action: "redo" });
    this.say("Taken back");
  }

  // The names of the channels to paint on; null for all, those not on screen too.
  scope() {
    if (this.tool.scope === "all") return null;
    const names = this.channels.map((one) => one.name);
    const chosen = this.tool.scope === "chosen" ? names.filter((name) => this.chosen.has(name)) : [];
    return chosen.length ? chosen : [names[this.active]];
  }

  inScope(at) {
    const names = this.scope();
    return !names || names.includes(this.channels[at].name);
  }

  look(view) {
    this.view = this.clamped({ ...this.view, ...view });
    this.redraw();
    this.askSoon();
  }

  zoom(factor, x = this.layout.left + this.layout.plotWidth / 2) {
    const time = timeOf(this.layout, this.view, x);
    const { start, end } = this.view;
    this.look({ start: time - (time - start) * factor, end: time + (end - time) * factor });
  }

  pan(share) {
    const shift = (this.view.end - this.view.start) * share;
    this.look({ start: this.view.start + shift, end: this.view.end + shift });
  }

  fit() {
    this.look(this.whole);
  }

  chooseSeries(index) {
    const count = this.data.names.length;
    if (count < 2) return;
    this.view = { ...this.whole, series: (index + count) % count, unknown: true };
    this.picture = this.pending = this.selection = null;
    this.showTools();
    this.redraw();
    this.ask({ series: this.view.series, start: null, end: null });
  }

  askSoon() {
    clearTimeout(this.viewTimer);
    this.viewBegan ||= performance.now();
    this.viewTimer = setTimeout(() => this.ask({}), VIEW_DELAY);
  }

  // Have Python send what is new, as where another tab painted.
  glance() {
    if (this.data && !this.link.queue.length && !this.gesture) this.ask({ glance: Date.now() });
  }

  ask(change) {
    clearTimeout(this.viewTimer);
    const { series, start, end } = this.view;
    const columns = Math.round(this.layout.plotWidth * Math.min(devicePixelRatio, 2));
    this.setState("view", { series, start: Math.floor(start), end: Math.ceil(end), columns, ...change });
  }

  resize() {
    if (!this.data) return;
    const stage = this.find(".stage");
    const width = stage.clientWidth;
    if (!width) return;
    this.layout = layOut(width, this.rows.arrange(this.channels));
    if (!this.layout.rows.some((row) => row.at === this.active)) this.active = this.layout.rows[0].at;
    stage.style.height = `${this.layout.height}px`;
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.base, this.top]) fitCanvas(canvas, this.layout, ratio);
    if (!this.shades || this.ratio !== ratio) {
      this.ratio = ratio;
      this.shades = readShades(this.base.getContext("2d"), { ...this.data, ...this.preview?.look }, this.colours.dark, ratio);
      showLegend(this);
    }
    this.showTools();
    this.redraw();
  }

  redraw() {
    this.stale = true;
    this.refresh();
  }

  refresh() {
    if (this.frame || !this.layout) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }

  drawNow() {
    const scene = this.scene();
    if (this.stale || this.queueLength !== this.link.queue.length) {
      this.stale = false;
      this.queueLength = this.link.queue.length;
      drawPicture(this.base.getContext("2d"), scene);
      drawHeads(this);
      this.showTools();
    }
    drawHover(this.top.getContext("2d"), scene, this.hover, this.gesture);
    showTip(this.tip, scene, this.gesture ? null : this.hover);
    this.showStatus();
    this.measure("overlay");
    this.measure("stroke");
    if (this.picture) this.measure("detail");
  }

  // Time since a gesture, for benchmarks/painter.py; it asks for it by a mark of its own.
  measure(name) {
    if (this.measuring && this.began[name]) performance.measure(`painter:${name}`, { start: this.began[name] });
    this.began[name] = 0;
  }

  scene() {
    return {
      layout: this.layout,
      view: this.view,
      whole: this.whole,
      series: this.series,
      colours: this.colours,
      shades: this.shades,
      brush: this.brush,
      layers: this.data.layers.length,
      clock: this.clock,
      interval: this.series.interval,
      channels: this.channels,
      picture: this.pending,
      minimap: this.view.unknown ? null : this.picture?.small,
      parts: this.view.series === this.series.index ? this.series.parts : [],
      ticks: this.clock.ticks(this.view.start, this.view.end, this.layout.plotWidth),
      selection: this.selection,
      tool: this.tool,
      active: this.active,
      inScope: (at) => this.inScope(at),
    };
  }

  showTools() {
    showBar(this);
  }
}

function fitCanvas(canvas, layout, ratio) {
  const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}

const painters = new WeakMap();

export default function (component, shelf) {
  const root = component.parentElement;
  if (!painters.has(root)) painters.set(root, new Painter(root, shelf));
  painters.get(root).receive(component);
  return () => {
    // Streamlit also calls this for a call that a newer one overtook, while the canvas still stands:
    // ending the painter then would drop the stroke under the pointer, and the tool chosen.
    if (root.isConnected) return;
    painters.get(root)?.close();
    painters.delete(root);
  };
}
