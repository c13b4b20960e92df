// One painter on the page: its state, what Python sends, and when to draw what.

const VIEW_DELAY = 90;
const PAUSE = 400;

class Painter {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.base = this.find("canvas.base");
    this.top = this.find("canvas.top");
    this.tip = this.find(".tip");
    this.tool = { erase: false, all: false, width: 8 };
    this.active = 0;
    this.hover = null;
    this.stroke = null;
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
    this.pattern = null;
    if (!this.isStale(data)) this.take(data);
    this.link.adopt(data.document);
    this.resize();
    this.showTools();
  }

  isStale(data) {
    if (this.data && this.data.epoch === data.epoch && data.revision < this.data.revision) return true;
    return false;
  }

  take(data) {
    const changed = !this.data || this.data.content !== data.content;
    this.data = data;
    this.channels = data.channels;
    this.series = data.series;
    this.clock = changed ? new Clock(data.kind, data.zone) : this.clock;
    this.active = Math.min(this.active, this.channels.length - 1);
    if (changed) this.view = null;
    this.takeView(data);
    if (data.picture.series === this.view.series) this.picture = decodePicture(data.picture);
    this.began.detail = this.viewBegan;
    this.viewBegan = 0;
    const done = this.link.acknowledge(data.acknowledged);
    if (done.length) this.report(done);
    this.top.setAttribute("aria-label", this.label());
    clearTimeout(this.pauseTimer);
    if (data.behind) this.tellPause();
  }

  // The page around is drawn anew when painting pauses, not at every stroke.
  tellPause() {
    this.pauseTimer = setTimeout(() => {
      if (this.stroke || this.link.queue.length) this.tellPause();
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

  // Send an operation; `began` is when the gesture ended, for measuring.
  operate(operation) {
    this.link.add({ began: performance.now(), ...operation });
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

  scope(row) {
    return this.tool.all || row < 0 ? null : [this.channels[row].name];
  }

  paint(stroke) {
    if (this.view.unknown) return;
    const { start, end } = stretched(this.picture, stroke);
    const first = Math.floor(Math.max(start, this.series.start));
    const last = Math.ceil(Math.min(end, this.series.end));
    if (last < first) return;
    const { channels, erase } = stroke;
    this.say(this.sentence(first, last, channels, erase));
    this.operate({ action: "stroke", series: this.series.name, channels, start: first, end: last, erase });
  }

  sentence(start, end, channels, erase) {
    const moment = (time) => this.clock.moment(time, this.series.interval);
    const where = channels ? channels.join(", ") : "all channels";
    return `${erase ? "Erased" : "Hidden"}: ${where}, ${moment(start)} to ${moment(end)}`;
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
    this.picture = null;
    this.redraw();
    this.ask({ series: this.view.series, start: null, end: null });
  }

  askSoon() {
    clearTimeout(this.viewTimer);
    this.viewBegan ||= performance.now();
    this.viewTimer = setTimeout(() => this.ask({}), VIEW_DELAY);
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
    this.layout = layOut(width, this.channels.length);
    stage.style.height = `${this.layout.height}px`;
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.base, this.top]) fitCanvas(canvas, this.layout, ratio);
    if (!this.pattern || this.ratio !== ratio) {
      this.ratio = ratio;
      this.pattern = hatching(this.base.getContext("2d"), this.colours.hatch, ratio);
    }
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
      this.showTools();
    }
    drawHover(this.top.getContext("2d"), scene, this.hover, this.stroke);
    showTip(this.tip, scene, this.stroke ? null : this.hover);
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
      colours: this.colours,
      pattern: this.pattern,
      clock: this.clock,
      interval: this.series.interval,
      channels: this.channels,
      picture: this.picture,
      parts: this.view.series === this.series.index ? this.series.parts : [],
      strokes: this.link.strokes(this.series.name),
      ticks: this.clock.ticks(this.view.start, this.view.end, this.layout.plotWidth),
      active: this.active,
      all: this.tool.all,
    };
  }

  showTools() {
    const press = (name, on) => this.find(`[data-do="${name}"]`).setAttribute("aria-pressed", String(on));
    press("brush", !this.tool.erase);
    press("erase", this.tool.erase);
    press("one", !this.tool.all);
    press("all", this.tool.all);
    const strokes = this.link.queue.length > 0;
    this.find('[data-do="undo"]').disabled = !this.data.undo && !strokes;
    this.find('[data-do="redo"]').disabled = !this.data.redo && !strokes;
    this.find("[data-width]").value = String(this.tool.width);
    this.find("[data-width-said]").textContent = `${this.tool.width} px`;
    this.showSeries();
  }

  showSeries() {
    const { names } = this.data;
    this.find(".series").hidden = names.length < 2;
    const select = this.find("select");
    if (select.childElementCount !== names.length || select.dataset.content !== this.data.content) {
      select.replaceChildren(...names.map((name, at) => new Option(name, String(at))));
      select.dataset.content = this.data.content;
    }
    select.value = String(this.view.series);
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

// A stroke between two rows takes the nearer one: no stroke is for nothing.
function stretched(picture, stroke) {
  if (!picture || !picture.exact || !picture.count) return stroke;
  // After a zoom the picture on screen may still be a narrower one: it knows nothing outside.
  if (stroke.start < picture.start - picture.half || stroke.end > picture.end + picture.half) return stroke;
  const { times } = picture;
  const first = firstAtOrAfter(times, stroke.start);
  if (first < times.length && times[first] <= stroke.end) return stroke;
  const time = times[columnAt(picture, (stroke.start + stroke.end) / 2)];
  return { ...stroke, start: time, end: time };
}

const painters = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!painters.has(root)) painters.set(root, new Painter(root));
  painters.get(root).receive(component);
  return () => {
    // Streamlit also calls this for a call that a newer one overtook, while the canvas still stands:
    // ending the painter then would drop the stroke under the pointer, and the tool chosen.
    if (root.isConnected) return;
    painters.get(root)?.close();
    painters.delete(root);
  };
}
