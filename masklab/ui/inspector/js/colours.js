// Colours from Streamlit's theme; blue below zero, vermilion above, the page's ground between.

const PAPER = "--st-background-color", INK = "--st-text-color", ACCENT = "--st-primary-color";

function readColours(element) {
  const style = getComputedStyle(element);
  const value = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const paper = parts(value(PAPER, "#ffffff"));
  const dark = 0.299 * paper[0] + 0.587 * paper[1] + 0.114 * paper[2] < 110;
  const ink = parts(value(INK, "#222222"));
  return {
    dark,
    paper,
    ink,
    font: value("--st-font", "system-ui, sans-serif"),
    accent: value(ACCENT, "#0b63b0"),
    quiet: mixed(paper, ink, 0.74),
    faint: mixed(paper, ink, 0.3),
    edge: mixed(paper, ink, 0.16),
    negative: parts(dark ? "#56B4E9" : "#0072B2"),
    positive: parts(dark ? "#F08A3C" : "#D55E00"),
    warm: dark ? "rgba(230, 159, 0, 0.16)" : "rgba(230, 159, 0, 0.16)",
    warmLine: dark ? "rgba(240, 185, 58, 0.42)" : "rgba(138, 95, 0, 0.38)",
    warmInk: dark ? "#F0B93A" : "#8A5F00",
  };
}

// Any CSS colour as red, green, blue.
function parts(colour) {
  const known = (parts.known ??= new Map());
  if (known.has(colour)) return known.get(colour);
  const pen = (parts.pen ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  known.set(colour, [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3));
  return known.get(colour);
}

function mixed(from, to, share) {
  return `rgb(${from.map((one, at) => Math.round(one + (to[at] - one) * share)).join(", ")})`;
}

// A number around zero; `most` has the full colour. The root makes small ones visible.
function diverging(colours, value, most) {
  const share = Math.min(1, Math.abs(value) / (most || 1)) ** 0.6;
  return mixed(colours.paper, value < 0 ? colours.negative : colours.positive, share);
}

function hatched(pen, colour, ratio, size = 6) {
  const tile = document.createElement("canvas");
  const side = Math.round(size * ratio);
  tile.width = tile.height = side;
  const brush = tile.getContext("2d");
  brush.strokeStyle = colour;
  brush.lineWidth = ratio;
  for (const shift of [-side, 0, side]) {
    brush.beginPath();
    brush.moveTo(shift - 1, side + 1);
    brush.lineTo(shift + side + 1, -1);
    brush.stroke();
  }
  const pattern = pen.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
