// Colours of the picture, from Streamlit's theme; hidden and line colours after Okabe and Ito.

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
    wash: "230, 159, 0",
    hatch: dark ? "#f2b544" : "#b86e00",
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

function hatching(context, colour, ratio) {
  const size = Math.round(7 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.15 * ratio;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, "repeat");
  // The canvas is scaled by the ratio already; the tile is in device pixels.
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
