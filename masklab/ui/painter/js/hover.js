// What follows the pointer: the brush, the stroke being drawn, the hair line and the tooltip.

function drawHover(pen, scene, hover, gesture) {
  const { layout, selection } = scene;
  pen.clearRect(0, 0, layout.width, layout.height);
  for (const draft of gesture?.drafts || []) drawDraft(pen, scene, draft);
  if (selection) drawSelection(pen, scene, { ...selection, ...gesture?.preview });
  if (hover && (!gesture || gesture.kind === "stroke" || gesture.kind === "point")) drawPointer(pen, scene, hover);
}

// A stroke as it will be, on the rows of its channels: from the first sample under it to the last.
function drawDraft(pen, scene, draft) {
  const { layout, view, colours } = scene;
  const { from, to } = snapped(scene.picture, draft) || { from: draft.start, to: draft.end };
  const x = Math.max(xOf(layout, view, from), layout.left);
  const end = Math.min(xOf(layout, view, to), layout.right);
  const width = Math.max(end - x, 1.5);
  if (end < layout.left || x > layout.right) return;
  for (const row of layout.rows) {
    if (!isIn(draft, scene.channels[row.at])) continue;
    if (!draft.erase) {
      paintHidden(pen, shadeOf(scene, scene.brush.number), x, row, width, 4);
      continue;
    }
    pen.fillStyle = colours.paper;
    pen.globalAlpha = 0.7;
    pen.fillRect(x, row.y + 1, width, row.height - 2);
    pen.globalAlpha = 1;
    outline(pen, colours, x, row, width);
  }
}

function outline(pen, colours, x, row, width) {
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1;
  pen.setLineDash([3, 3]);
  pen.strokeRect(x + 0.5, row.y + 0.5, Math.max(width - 1, 1), row.height - 1);
  pen.setLineDash([]);
}

// The hair line through all rows, and the brush on those that it would paint.
function drawPointer(pen, scene, hover) {
  const { layout, colours, tool } = scene;
  pen.strokeStyle = colours.ink;
  pen.globalAlpha = 0.35;
  pen.beginPath();
  pen.moveTo(Math.round(hover.x) + 0.5, layout.top);
  pen.lineTo(Math.round(hover.x) + 0.5, layout.bottom);
  pen.stroke();
  pen.globalAlpha = 0.9;
  const width = { brush: tool.width, erase: tool.width, point: 5 }[tool.kind];
  for (const row of width ? layout.rows : []) {
    if (row.at === hover.at || scene.inScope(row.at)) outline(pen, colours, hover.x - width / 2, row, width);
  }
  pen.globalAlpha = 1;
}

// Lines of the tooltip as [text, class] pairs.
function describe(scene, hover) {
  const { picture, channels, view, layout, clock, interval } = scene;
  const time = timeOf(layout, view, hover.x);
  if (!picture) return [[clock.moment(time, interval), ""]];
  const at = columnAt(picture, time);
  const channel = channels[hover.at];
  const shownTime = at >= 0 && picture.exact ? picture.times[at] : time;
  const lines = [[clock.moment(shownTime, interval), "quiet"]];
  if (at < 0 || inGap(picture, time)) return [...lines, [`${channel.name}: no row in the file`, ""]];
  lines.push([`${channel.name}: ${valueText(picture, channel, hover.at, at)}`, "strong"]);
  const cell = hover.at * picture.count + at;
  const share = picture.hidden[cell];
  if (share) {
    const much = share === 255 ? "hidden" : `hidden: ${Math.max(1, Math.round(share / 2.55))} % of these rows`;
    const { name } = shadeOf(scene, picture.layer[cell]);
    lines.push([scene.layers > 1 ? `${much}, ${name}` : much, ""]);
  }
  const part = scene.parts.find(([start, end]) => shownTime >= start && shownTime < end);
  if (part) lines.push([PART_NAMES[part[2]], "quiet"]);
  return lines;
}

function inGap(picture, time) {
  for (let gap = 0; gap < picture.gaps.length; gap += 2) {
    if (time > picture.gaps[gap] + picture.half && time < picture.gaps[gap + 1] - picture.half) return true;
  }
  return false;
}

function valueText(picture, channel, row, at) {
  const low = picture.low[row * picture.count + at];
  const high = picture.high[row * picture.count + at];
  if (Number.isNaN(low)) return picture.missing[row * picture.count + at] ? "missing in the file" : "no row here";
  const width = channel.high - channel.low;
  const value = (share) => formatNumber(channel.low + share * width, niceStep(width / 5000));
  const unit = channel.unit ? ` ${channel.unit}` : "";
  return low === high ? value(low) + unit : `${value(low)} to ${value(high)}${unit}`;
}

function showTip(tip, scene, hover) {
  tip.hidden = !hover;
  if (tip.hidden) return;
  tip.replaceChildren(
    ...describe(scene, hover).map(([text, kind]) => {
      const line = document.createElement("div");
      line.className = kind;
      line.append(kind === "strong" ? Object.assign(document.createElement("b"), { textContent: text }) : text);
      return line;
    }),
  );
  const { width, height } = scene.layout;
  const left = hover.x + 16 + tip.offsetWidth > width ? hover.x - 16 - tip.offsetWidth : hover.x + 16;
  const top = Math.min(Math.max(hover.y + 14, 4), height - tip.offsetHeight - 4);
  tip.style.transform = `translate(${Math.max(left, 2)}px, ${top}px)`;
}
