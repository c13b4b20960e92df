// The picture as it will be once the edits on their way have arrived.

// `brush`: the number of the layer that is painted on.
function withPending(picture, edits, channels, brush) {
  if (!picture || !edits.length) return picture;
  const after = { ...picture, hidden: picture.hidden.slice(), layer: picture.layer.slice() };
  for (const edit of edits) {
    const [first, stop] = edit.action === "toggle" ? pointColumn(after, edit.start) : columnsBetween(after, edit.start, edit.end);
    channels.forEach((channel, row) => {
      if (edit.channels && !edit.channels.includes(channel.name)) return;
      EFFECTS[edit.action](after, row * after.count, first, stop, brush, edit);
    });
  }
  return after;
}

const EFFECTS = {
  stroke(picture, offset, first, stop, brush, { erase }) {
    for (let at = offset + first; at < offset + stop; at++) (erase ? bare : cover)(picture, at, brush);
  },

  toggle(picture, offset, first, stop, brush) {
    const at = offset + first;
    if (stop <= first) return;
    if (isPainted(picture, at, brush)) bare(picture, at, brush);
    else if (picture.exact) cover(picture, at, brush);
    else if (picture.missing[at] < 255) {
      picture.hidden[at] = Math.max(picture.hidden[at], 1); // one row of many
      picture.layer[at] = brush;
    }
  },

  invert(picture, offset, first, stop, brush) {
    for (let at = offset + first; at < offset + stop; at++) {
      if (!isPainted(picture, at, brush)) cover(picture, at, brush);
      else if (picture.hidden[at] + picture.missing[at] >= 254) bare(picture, at, brush);
      else picture.hidden[at] = 255 - picture.hidden[at];
    }
  },

  move(picture, offset, first, stop, brush, { by }) {
    const there = [];
    for (let at = first; at < stop; at++) {
      if (!isPainted(picture, offset + at, brush)) continue;
      bare(picture, offset + at, brush);
      there.push(columnAt(picture, columnCentre(picture, at) + by));
    }
    for (const at of there) if (at >= 0) cover(picture, offset + at, brush);
  },
};

function pointColumn(picture, time) {
  const at = columnAt(picture, time);
  return at < 0 ? [0, 0] : [at, at + 1];
}

function isPainted(picture, at, brush) {
  return picture.hidden[at] > 0 && picture.layer[at] === brush;
}

function cover(picture, at, brush) {
  if (picture.missing[at] === 255) return;
  picture.hidden[at] = 255;
  picture.layer[at] = brush;
}

// The eraser takes away what is painted, not what other layers hide.
function bare(picture, at, brush) {
  if (picture.layer[at] !== brush) return;
  picture.hidden[at] = 0;
  picture.layer[at] = 0;
}
