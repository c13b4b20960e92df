// Colours of the picture: from Streamlit's theme, and each layer's own with its hatching.

function readColours(element) {
  const style = getComputedStyle(element);
  const value = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const paper = value("--st-background-color", "#ffffff");
  const dark = luminance(paper) < 0.4;
  return {
    paper,
    ink: value("--st-text-color", "#222222"),
    edge: value("--st-border-color", "#d5d9e0"),
    accent: value("--st-primary-color", "#0b63b0"),
    font: value("--st-font", "system-ui, sans-serif"),
    line: dark ? "#6cc0f0" : "#0067a3",
    dark,
  };
}

function luminance(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

// How each layer is drawn, by its number: {wash, ink, pattern, opacity}. Neighbours differ in the
// direction of their hatching too, so that no one has to tell their colours apart.
function readShades(pen, { layers, brush }, dark, ratio) {
  const shades = new Map();
  for (const one of [...layers, brush]) {
    const ink = towards(one.colour, dark ? 255 : 0, dark ? 0.3 : 0.25);
    const pattern = hatching(pen, ink, one.number, ratio);
    shades.set(one.number, { name: one.name, wash: one.colour, ink, pattern, opacity: one.opacity });
  }
  return shades;
}

function shadeOf(scene, number) {
  return scene.shades.get(number) || scene.shades.get(scene.brush.number);
}

function towards(colour, end, share) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${parts.map((part) => Math.round(part + (end - part) * share)).join(", ")})`;
}

const HATCHINGS = [
  [[0, 1, 1, 0]],
  [[0, 0, 1, 1]],
  [[0, 0.5, 1, 0.5]],
  [[0, 1, 1, 0], [0, 0, 1, 1]],
];
// Lines across a tile, as shares of its side: rising, falling, level, crossed.

function hatching(context, colour, number, ratio) {
  const size = Math.round(7 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.15 * ratio;
  for (const [x, y, right, bottom] of HATCHINGS[(number - 1) % HATCHINGS.length]) {
    for (const shift of y === bottom ? [0] : [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift + x * size - (right - x), y * size - (bottom - y));
      pen.lineTo(shift + right * size + (right - x), bottom * size + (bottom - y));
      pen.stroke();
    }
  }
  const pattern = context.createPattern(tile, "repeat");
  // The canvas is scaled by the ratio already; the tile is in device pixels.
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
