// One function for each kind of row: it draws the row of one panel.

const EXACT = 1.2;

// A heat map as one small image, a pixel for each step and unit, kept while its numbers stand.
function heatImage(panel, name, most, around, colours) {
  const key = `${name}:${most}:${colours.paper}`;
  panel.images ??= new Map();
  if (panel.images.has(key)) return panel.images.get(key);
  const grid = panel[name], image = document.createElement("canvas");
  Object.assign(image, { width: grid.rows, height: grid.columns });
  const pen = image.getContext("2d"), pixels = pen.createImageData(grid.rows, grid.columns);
  for (let step = 0; step < grid.rows; step += 1) {
    for (let unit = 0; unit < grid.columns; unit += 1) {
      const number = grid.at(step, unit);
      if (Number.isNaN(number)) continue; // stays transparent: the hatching beneath shows
      const share = around ? Math.min(1, Math.abs(number) / (most || 1)) ** 0.6 : 0.04 + 0.82 * number;
      const full = around ? (number < 0 ? colours.negative : colours.positive) : colours.ink;
      const at = 4 * (unit * grid.rows + step);
      for (let part = 0; part < 3; part += 1) pixels.data[at + part] = colours.paper[part] + (full[part] - colours.paper[part]) * share;
      pixels.data[at + 3] = 255;
    }
  }
  pen.putImageData(pixels, 0, 0);
  panel.images.set(key, image);
  return image;
}

function dot(pen, x, y, colours) {
  pen.fillStyle = colours.quiet;
  pen.beginPath();
  pen.arc(x, y, EXACT, 0, 2 * Math.PI);
  pen.fill();
}

// A row of numbers around zero, one each step; exactly zero is a dot.
function strip(pen, scene, place, row, colours, column, value, most) {
  for (let step = 0; step < scene.window.steps; step += 1) {
    const number = value(step), x = place.x + step * column;
    pen.fillStyle = Number.isNaN(number) ? colours.blank : diverging(colours, number, most);
    pen.fillRect(x, row.y, column + 0.4, row.height - 1);
    if (number === 0) dot(pen, x + column / 2, row.y + row.height / 2 - 0.5, colours);
  }
}

function absent(pen, place, row, colours, scene, column) {
  pen.fillStyle = colours.faint;
  pen.font = `11px ${colours.font}`;
  pen.textAlign = "left";
  pen.fillText("–", place.x + 2, row.y + row.height / 2);
}

const DRAWN = {
  mask(pen, view, place, panel, row, colours, column) {
    const { window } = view.scene;
    for (let step = 0; step < window.steps; step += 1) {
      const x = place.x + step * column, flags = view.observed(step), gone = flags.filter((one) => !one).length;
      pen.fillStyle = colours.edge;
      pen.fillRect(x + 0.5, row.y + row.height - 3, column - 1, 1);
      if (gone) {
        const tall = gone === flags.length ? row.height - 4 : (row.height - 4) * 0.45;
        pen.fillStyle = colours.warmInk;
        pen.fillRect(x + 0.5, row.y + row.height - 3 - tall, column - 1, tall);
      }
      if (view.flips.has(step)) {
        pen.fillStyle = colours.accent;
        pen.beginPath();
        pen.moveTo(x + column / 2, row.y + 5);
        pen.lineTo(x + column / 2 - 4, row.y - 2);
        pen.lineTo(x + column / 2 + 4, row.y - 2);
        pen.fill();
      }
    }
  },

  series(pen, view, place, panel, row, colours, column) {
    const { window, output } = view.scene, { channel } = row;
    const { low, high } = reachOf(view.scene, channel);
    const middle = (step) => place.x + (step + 0.5) * column;
    const height = (value) => row.y + 4 + (row.height - 8) * (1 - Math.min(1.03, Math.max(-0.03, (value - low) / (high - low || 1))));
    for (let step = 0; step < window.steps; step += 1) {
      if (view.observed(step)[channel]) continue;
      for (const style of [colours.warm, colours.hatch]) {
        pen.fillStyle = style;
        pen.fillRect(place.x + step * column, row.y, column + 0.3, row.height);
      }
    }
    pen.fillStyle = colours.edge;
    pen.fillRect(place.x + window.steps * column, row.y, 1, row.height);
    const all = window.steps + window.horizon;
    for (let step = 1; step < all; step += 1) {
      const [before, now] = [window.values.at(step - 1, channel), window.values.at(step, channel)];
      if (Number.isNaN(before) || Number.isNaN(now)) continue;
      const seen = (one) => one < window.steps && view.observed(one)[channel];
      const clear = seen(step - 1) && seen(step);
      pen.strokeStyle = clear ? colours.inkText : colours.faintLine;
      pen.lineWidth = clear ? 1.5 : 1.1;
      pen.setLineDash(clear ? [] : [2, 2]);
      pen.beginPath();
      pen.moveTo(middle(step - 1), height(before));
      pen.lineTo(middle(step), height(now));
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.fillStyle = panel.colour;
    for (let step = 0; step < window.steps; step += 1) {
      const value = panel.read.at(step, channel);
      if (view.observed(step)[channel] || Number.isNaN(value)) continue;
      const y = height(value), out = value < low ? 1 : value > high ? -1 : 0;
      pen.beginPath();
      if (out) {
        pen.moveTo(middle(step), y + 3 * out);
        pen.lineTo(middle(step) - 3, y - 2 * out);
        pen.lineTo(middle(step) + 3, y - 2 * out);
      } else pen.arc(middle(step), y, 2.2, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.strokeStyle = panel.colour;
    pen.lineWidth = 2;
    pen.beginPath();
    for (let ahead = 0; ahead < window.horizon; ahead += 1) {
      const x = middle(window.steps + ahead), y = height(panel.prediction.at(ahead, channel));
      if (ahead) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
    pen.stroke();
    if (output.channel === channel) {
      pen.beginPath();
      pen.arc(middle(window.steps + output.step), height(panel.prediction.at(output.step, channel)), 4.5, 0, 2 * Math.PI);
      pen.stroke();
    }
  },

  feature(pen, view, place, panel, row, colours, column) {
    const at = panel.names.indexOf(row.name);
    if (at < 0) return absent(pen, place, row, colours);
    strip(pen, view.scene, place, row, colours, column, (step) => panel.features.at(step, at), 3);
  },

  heat(pen, view, place, panel, row, colours, column) {
    const grid = panel[row.name], around = !["i", "f", "o"].includes(row.name);
    const most = row.name === "c" ? (view.scene.largest ??= Math.max(...view.scene.panels.map((one) => one.c.most))) : 1;
    const wide = view.scene.window.steps * column;
    pen.fillStyle = colours.blank;
    pen.fillRect(place.x, row.y, wide, row.height);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(heatImage(panel, row.name, most, around, colours), place.x, row.y, wide, row.height);
    if (row.name === "c" || row.name === "h") {
      const tall = row.height / grid.columns;
      pen.strokeStyle = colours.inkText;
      pen.lineWidth = 1;
      pen.strokeRect(place.x + 0.5, row.y + view.unit * tall - 0.5, view.scene.window.steps * column, tall + 1);
    }
  },

  fade(pen, view, place, panel, row, colours, column) {
    const grid = panel.fades[row.name];
    if (!grid) return absent(pen, place, row, colours);
    pen.strokeStyle = panel.colour;
    const lines = grid.columns === panel.h.columns ? [view.unit] : [...Array(grid.columns).keys()];
    lines.forEach((line, nth) => {
      pen.lineWidth = 1.6;
      pen.setLineDash([[], [5, 3], [2, 2], [6, 2, 2, 2]][nth % 4]);
      pen.beginPath();
      for (let step = 0; step < grid.rows; step += 1) {
        const x = place.x + (step + 0.5) * column, y = row.y + 2 + (row.height - 4) * (1 - grid.at(step, line));
        if (step) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
      pen.stroke();
    });
    pen.setLineDash([]);
  },

  weights(pen, view, place, panel, row, colours, column) {
    const most = panel.weights.reduce((most, one) => Math.max(most, one), 0) || 1;
    panel.weights.forEach((weight, step) => {
      const tall = Math.max(weight > 0 ? 1.5 : 0, (weight / most) * (row.height - 3)), x = place.x + step * column;
      pen.fillStyle = panel.colour;
      pen.fillRect(x + 0.5, row.y + row.height - 1 - tall, column - 1, tall);
      if (weight === 0) dot(pen, x + column / 2, row.y + row.height - 2.5, colours);
    });
  },

  gradient(pen, view, place, panel, row, colours, column) {
    strip(pen, view.scene, place, row, colours, column, (step) => panel.gradient.at(step, row.channel), steepest(view.scene));
  },

  byFeature(pen, view, place, panel, row, colours, column) {
    const at = panel.names.indexOf(row.name);
    if (at < 0) return absent(pen, place, row, colours);
    strip(pen, view.scene, place, row, colours, column, (step) => panel.by_feature.at(step, at), steepest(view.scene));
  },

  axis(pen, view, place, panel, row, colours, column) {
    const { steps, horizon } = view.scene.window;
    const every = [1, 2, 5, 10, 20, 50].find((one) => one * column >= 30) ?? 50;
    pen.fillStyle = colours.quiet;
    pen.font = `11px ${colours.font}`;
    pen.textAlign = "center";
    for (let step = every; step <= steps + horizon - 1; step += every) {
      if (step > steps) break;
      pen.fillText(String(step), place.x + (step - 0.5) * column, row.y + 11);
    }
    pen.textAlign = "right";
    pen.fillText(`+${horizon}`, place.x + (steps + horizon) * column, row.y + 11);
  },
};

// The same scale for both panels and for series and features: colours compare.
function steepest(scene) {
  return (scene.steepest ??= Math.max(...scene.panels.flatMap((one) => [one.gradient.most, one.by_feature.most])));
}

// Lowest and highest of what is drawn of a channel; a filled-in value far away is cut off and marked.
function reachOf(scene, channel) {
  scene.reach ??= new Map();
  if (scene.reach.has(channel)) return scene.reach.get(channel);
  const seen = [];
  for (let step = 0; step < scene.window.values.rows; step += 1) seen.push(scene.window.values.at(step, channel));
  for (const panel of scene.panels)
    for (let ahead = 0; ahead < scene.window.horizon; ahead += 1) seen.push(panel.prediction.at(ahead, channel));
  const there = seen.filter((one) => !Number.isNaN(one));
  const found = { low: Math.min(...there), high: Math.max(...there) };
  scene.reach.set(channel, found);
  return found;
}
