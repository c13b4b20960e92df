// The numbers that Python sent, unpacked, and the rows that the picture is made of.

function floats(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

// (row, column) in an array that Python packed row by row.
class Grid {
  constructor({ data, columns }) {
    this.numbers = floats(data);
    this.columns = columns;
    this.rows = columns ? this.numbers.length / columns : 0;
  }

  at(row, column) {
    return this.numbers[row * this.columns + column];
  }

  get most() {
    return this.numbers.reduce((most, one) => (Number.isNaN(one) ? most : Math.max(most, Math.abs(one))), 0);
  }
}

const ARRAYS = ["features", "i", "f", "g", "o", "c", "h", "gradient", "by_feature", "prediction", "read"];

function unpacked(data) {
  const window = { ...data.window, values: new Grid(data.window.values) };
  const panels = data.panels.map((one) => {
    const grids = Object.fromEntries(ARRAYS.map((name) => [name, new Grid(one[name])]));
    const fades = Object.fromEntries(Object.entries(one.fades).map(([name, grid]) => [name, new Grid(grid)]));
    return { ...one, ...grids, fades, weights: floats(one.weights) };
  });
  return { window, panels, output: data.output, rows: rowsOf(window, panels) };
}

const GATES = [
  ["i", "input gate i"],
  ["f", "forget gate f"],
  ["o", "output gate o"],
  ["g", "candidate g"],
];

function rowsOf(window, panels) {
  const hidden = panels[0].h.columns;
  const thick = (height) => Math.max(1, Math.round(height / hidden)) * hidden;
  const every = (name) => [...new Set(panels.flatMap((one) => (name === "fades" ? Object.keys(one.fades) : one.names)))];
  const names = every("names");
  return [
    { kind: "mask", label: "mask", height: 18, toggles: true, gap: 2 },
    ...window.channels.map((one, channel) => ({
      kind: "series", channel, label: one.unit ? `${one.name} (${one.unit})` : one.name, height: 54, toggles: true, gap: 4,
    })),
    ...names.map((name, at) => ({ kind: "feature", name, label: name, height: 12, gap: 0, head: at ? "" : "What the LSTM reads (scaled)" })),
    ...GATES.map(([name, label], at) => ({
      kind: "heat", name, label, height: thick(32), gap: 2, units: true, head: at ? "" : `Gates of ${hidden} units`,
    })),
    { kind: "heat", name: "c", label: "cell c", height: thick(64), gap: 2, units: true, head: `State of ${hidden} units` },
    { kind: "heat", name: "h", label: "hidden h", height: thick(64), gap: 2, units: true },
    ...every("fades").map((name, at) => ({ kind: "fade", name, label: FADES[name] ?? name, height: 28, gap: 2, head: at ? "" : "What fades (1 = stays)" })),
    { kind: "weights", label: "weight of the step", height: 26, gap: 2, head: "What the head reads" },
    ...window.channels.map((one, channel) => ({
      kind: "gradient", channel, label: one.name, height: 13, gap: 0, head: channel ? "" : "Gradient of the marked output: by the series",
    })),
    ...names.map((name, at) => ({ kind: "byFeature", name, label: name, height: 13, gap: 0, head: at ? "" : "by what the LSTM reads" })),
    { kind: "axis", label: "step", height: 20, gap: 0 },
  ];
}

const FADES = { "γ_x": "γx, value", "γ_h": "γh, state", "g(Δ)": "g(Δ), short-term c" };

const HEAD_LINE = 18;
const TOP = 26;

// Where rows and panels lie, in CSS pixels.
function layoutOf(scene, width) {
  const gutter = width < 620 ? 92 : 150, between = 18;
  const { panels, window } = scene;
  const room = (width - gutter - between * (panels.length - 1)) / panels.length - 4;
  const column = room / (window.steps + window.horizon);
  const places = panels.map((_, at) => ({ x: gutter + at * (room + between), width: room }));
  let y = TOP;
  const rows = scene.rows.map((row) => {
    if (row.head) y += HEAD_LINE + 4;
    const placed = { ...row, y };
    y += row.height + row.gap;
    return placed;
  });
  return { gutter, column, places, rows, width, height: y + 4 };
}

// What lies under a point: panel, step (beyond the window in the horizon), row and hidden unit.
function under(layout, scene, x, y) {
  const panel = layout.places.findIndex((one) => x >= one.x && x <= one.x + one.width);
  const row = layout.rows.find((one) => y >= one.y && y < one.y + one.height + one.gap);
  if (panel < 0 || !row) return null;
  const step = Math.floor((x - layout.places[panel].x) / layout.column);
  const most = scene.window.steps + scene.window.horizon - 1;
  const unit = row.units ? unitAt(row, scene.panels[panel].h.columns, y) : null;
  return { panel, row, step: Math.min(most, Math.max(0, step)), unit };
}

function unitAt(row, hidden, y) {
  return Math.min(hidden - 1, Math.max(0, Math.floor(((y - row.y) / row.height) * hidden)));
}
