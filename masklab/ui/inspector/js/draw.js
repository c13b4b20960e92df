// The picture: labels, rows of each panel, the step under the cursor.

function draw(canvas, view, root) {
  const { scene } = view, width = root.querySelector(".picture").clientWidth;
  if (!width) return null;
  const layout = layoutOf(scene, width), ratio = globalThis.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(layout.height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(layout.height * ratio);
    canvas.style.height = `${layout.height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const colours = readColours(root.querySelector(".inspector"));
  colours.inkText = mixed(colours.paper, colours.ink, 1);
  colours.faintLine = mixed(colours.paper, colours.ink, 0.5);
  colours.blank = hatched(pen, colours.faint, ratio);
  colours.hatch = hatched(pen, colours.warmLine, ratio, 7);
  pen.fillStyle = mixed(colours.paper, colours.paper, 0);
  pen.fillRect(0, 0, width, layout.height);
  pen.textBaseline = "middle";
  for (const row of layout.rows) {
    labels(pen, row, layout, colours);
    scene.panels.forEach((panel, at) => DRAWN[row.kind](pen, view, layout.places[at], panel, row, colours, layout.column));
    if (row.kind === "series") scaleOf(pen, scene, row, layout, colours);
  }
  scene.panels.forEach((panel, at) => title(pen, panel, scene, layout.places[at], colours));
  cursor(pen, view, layout, colours);
  return layout;
}

function labels(pen, row, layout, colours) {
  pen.textAlign = "right";
  if (row.head) {
    pen.font = `600 11.5px ${colours.font}`;
    pen.fillStyle = colours.inkText;
    pen.textAlign = "left";
    pen.fillText(row.head, 0, row.y - 10);
    pen.textAlign = "right";
  }
  pen.font = `${row.height < 14 ? 11 : 12}px ${colours.font}`;
  pen.fillStyle = colours.quiet;
  if (row.kind === "series") return; // beside its scale, below
  pen.fillText(shortened(pen, row.label, layout.gutter - 10), layout.gutter - 8, row.y + row.height / 2);
}

function scaleOf(pen, scene, row, layout, colours) {
  const { low, high } = reachOf(scene, row.channel);
  pen.font = `12px ${colours.font}`;
  pen.fillStyle = colours.inkText;
  pen.textAlign = "right";
  pen.fillText(shortened(pen, row.label, layout.gutter - 10), layout.gutter - 8, row.y + row.height / 2);
  pen.font = `10.5px ${colours.font}`;
  pen.fillStyle = colours.quiet;
  pen.fillText(plainNumber(high), layout.gutter - 8, row.y + 7);
  pen.fillText(plainNumber(low), layout.gutter - 8, row.y + row.height - 7);
}

function title(pen, panel, scene, place, colours) {
  pen.fillStyle = panel.colour;
  pen.fillRect(place.x, 5, 11, 11);
  pen.textAlign = "left";
  pen.fillStyle = colours.inkText;
  pen.font = `600 13px ${colours.font}`;
  pen.fillText(panel.kind, place.x + 17, 11);
  const after = place.x + 17 + pen.measureText(panel.kind).width + 8;
  pen.font = `12px ${colours.font}`;
  pen.fillStyle = colours.quiet;
  const words = panel.trained ? panel.title : `${panel.title}, before training`;
  pen.fillText(shortened(pen, words, place.x + place.width - after), after, 11);
}

function cursor(pen, view, layout, colours) {
  const top = layout.rows[0].y - 2, bottom = layout.rows.at(-1).y;
  layout.places.forEach((place) => {
    const x = place.x + view.step * layout.column;
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 2;
    pen.strokeRect(x - 1, top, layout.column + 2, bottom - top + 18);
  });
}

function shortened(pen, words, room) {
  if (pen.measureText(words).width <= room) return words;
  let kept = words;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

function plainNumber(value) {
  if (value === null || Number.isNaN(value)) return "none";
  const size = Math.abs(value);
  const text = size >= 1000 ? value.toFixed(0) : size >= 100 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toPrecision(3);
  return (size && size < 1e-3 ? value.toExponential(1) : Number(text) === 0 ? "0" : text).replace("-", "−");
}
