// What is hidden, in the colour and hatching of its layer, and what the file lacks.

const LEVELS = [
  { wash: 0.0, hatch: 0.0, bar: 0.0 },
  { wash: 0.1, hatch: 0.3, bar: 0.55 },
  { wash: 0.14, hatch: 0.45, bar: 0.7 },
  { wash: 0.2, hatch: 0.65, bar: 0.85 },
  { wash: 0.26, hatch: 0.9, bar: 1.0 },
];

// Calls `each(first, stop, level)` for every stretch of visible columns of one level above 0;
// with `layers`, of one layer too.
function levelRuns(picture, shares, row, view, each, layers = null) {
  const offset = row * picture.count;
  const margin = picture.exact ? picture.half : picture.step;
  const begin = firstAtOrAfter(picture.times, view.start - margin);
  const stop = firstAtOrAfter(picture.times, view.end + margin);
  const alike = (one, other) =>
    levelOf(shares[offset + one]) === levelOf(shares[offset + other]) &&
    (!layers || layers[offset + one] === layers[offset + other]);
  let from = begin;
  for (let at = begin; at <= stop; at++) {
    if (at < stop && alike(at, from) && !(picture.exact && picture.breaks[at] && at > from)) continue;
    const level = from < stop ? levelOf(shares[offset + from]) : 0;
    if (level) each(from, at, level);
    from = at;
  }
}

function levelOf(share) {
  return share === 0 ? 0 : share === 255 ? 4 : share < 64 ? 1 : share < 140 ? 2 : 3;
}

function drawMissing(pen, scene, row) {
  const { picture, view, layout, colours } = scene;
  const wash = (from, to, strength) => {
    const x = xOf(layout, view, from);
    const width = Math.max(xOf(layout, view, to) - x, 1);
    pen.fillStyle = colours.ink;
    pen.globalAlpha = 0.085 * strength;
    pen.fillRect(x, row.y, width, row.height);
    pen.globalAlpha = 0.5 * strength;
    for (let dot = Math.ceil(x / 5) * 5; dot < x + width; dot += 5) {
      pen.fillRect(dot, row.y + row.height - 2, 2, 2);
    }
  };
  levelRuns(picture, picture.missing, row.at, view, (first, stop, level) => {
    wash(columnSpan(picture, first)[0], columnSpan(picture, stop - 1)[1], level / 4);
  });
  for (let gap = 0; gap < picture.gaps.length; gap += 2) {
    if (picture.gaps[gap + 1] < view.start || picture.gaps[gap] > view.end) continue;
    const reach = Math.min(picture.half, (picture.gaps[gap + 1] - picture.gaps[gap]) / 2);
    wash(picture.gaps[gap] + reach, picture.gaps[gap + 1] - reach, 1);
  }
  pen.globalAlpha = 1;
}

function drawHidden(pen, scene, row) {
  const { picture, view, layout } = scene;
  const each = (first, stop, level) => {
    const x = xOf(layout, view, columnSpan(picture, first)[0]);
    const end = xOf(layout, view, columnSpan(picture, stop - 1)[1]);
    const shade = shadeOf(scene, picture.layer[row.at * picture.count + first]);
    paintHidden(pen, shade, x, row, Math.max(end - x, 1.5), level);
  };
  levelRuns(picture, picture.hidden, row.at, view, each, picture.layer);
}

function paintHidden(pen, shade, x, { y, height }, width, level) {
  const { wash, hatch, bar } = LEVELS[level];
  const layers = [
    [wash, shade.wash, y, height],
    [hatch, shade.pattern, y, height],
    [bar, shade.ink, y + height - 4, 4],
  ];
  for (const [alpha, fill, top, tall] of layers) {
    pen.globalAlpha = alpha * shade.opacity;
    pen.fillStyle = fill;
    pen.fillRect(x, top, width, tall);
  }
  pen.globalAlpha = 1;
}
