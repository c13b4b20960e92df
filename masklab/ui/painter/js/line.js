// A channel's line: from the lowest to the highest value of each column, broken at gaps.

function drawLine(pen, scene, row) {
  const { picture, view, layout, colours } = scene;
  pen.strokeStyle = pen.fillStyle = colours.line;
  pen.lineWidth = 1.3;
  pen.lineJoin = "round";
  const y = (share) => row.y + row.height * (1 - Math.min(Math.max(share, -1), 2));
  const offset = row.at * picture.count;
  const margin = picture.exact ? Infinity : picture.step;
  const begin = Math.max(firstAtOrAfter(picture.times, view.start - (picture.exact ? 0 : margin)) - 1, 0);
  const stop = Math.min(firstAtOrAfter(picture.times, view.end) + 1, picture.count);
  pen.beginPath();
  let drawing = false;
  let last = 0;
  let alone = null;
  for (let column = begin; column < stop; column++) {
    if (picture.breaks[column]) endStretch();
    const low = picture.low[offset + column];
    if (Number.isNaN(low)) {
      if (picture.missing[offset + column] === 255) endStretch();
      continue;
    }
    const x = xOf(layout, view, columnCentre(picture, column));
    const [bottom, top] = [y(low), y(picture.high[offset + column])];
    const [near, far] = Math.abs(bottom - last) < Math.abs(top - last) ? [bottom, top] : [top, bottom];
    if (drawing) pen.lineTo(x, near);
    else pen.moveTo(x, near);
    alone = drawing || near !== far ? null : [x, near];
    if (near !== far) pen.lineTo(x, far);
    drawing = true;
    last = far;
  }
  endStretch();
  pen.stroke();
  drawSamples(pen, scene, row, y, begin, stop);

  // A single value between two gaps has no line: it is a dot.
  function endStretch() {
    if (alone) pen.rect(alone[0] - 0.5, alone[1] - 0.5, 1, 1);
    alone = null;
    drawing = false;
  }
}

// Where rows stand far apart: a dot for each value, a hollow one where it is hidden.
function drawSamples(pen, scene, row, y, begin, stop) {
  const { picture, view, layout, colours } = scene;
  if (!picture.exact || layout.plotWidth / Math.max(stop - begin, 1) < 7) return;
  const offset = row.at * picture.count;
  for (let column = begin; column < stop; column++) {
    const value = picture.low[offset + column];
    if (Number.isNaN(value)) continue;
    pen.beginPath();
    pen.arc(xOf(layout, view, picture.times[column]), y(value), 2.6, 0, 2 * Math.PI);
    pen.fillStyle = picture.hidden[offset + column] ? colours.paper : colours.line;
    pen.fill();
    pen.stroke();
  }
}

// Small arrows at the border where values lie beyond the axis.
function drawCutOff(pen, scene, row) {
  const { picture, view, layout, colours } = scene;
  const offset = row.at * picture.count;
  pen.fillStyle = colours.ink;
  const last = [-Infinity, -Infinity];
  for (let column = 0; column < picture.count; column++) {
    const beyond = [picture.high[offset + column] > 1, picture.low[offset + column] < 0];
    if (!beyond[0] && !beyond[1]) continue;
    const x = xOf(layout, view, columnCentre(picture, column));
    if (beyond[0] && x - last[0] > 9) drawArrow(pen, x, row.y + 1, 1, (last[0] = x));
    if (beyond[1] && x - last[1] > 9) drawArrow(pen, x, row.y + row.height - 6, -1, (last[1] = x));
  }
}

function drawArrow(pen, x, y, up) {
  pen.beginPath();
  pen.moveTo(x - 4, y + 3 + 3 * up);
  pen.lineTo(x + 4, y + 3 + 3 * up);
  pen.lineTo(x, y + 3 - 3 * up);
  pen.fill();
}
