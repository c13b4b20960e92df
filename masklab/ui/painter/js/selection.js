// The selection: a painted stretch to resize, move or erase, or a range of time to erase or invert.
//
// {start, end, channels (null: all), painted, rough, wish}. A painted stretch is `rough` until Python,
// which knows every row, has said where it begins and ends.

const NOTHING_SELECTED = "Nothing is selected. Click a masked stretch with Select (V), or drag over a range.";

function dropSelection(painter) {
  painter.selection = null;
  painter.showTools();
  painter.redraw();
}

function chooseRange(painter, range) {
  painter.selection = { painted: false, rough: false, wish: null, ...range };
  painter.showTools();
  painter.redraw();
}

// Ask Python for a run of masked rows: at a moment (direction 0), the next (1) or the one before (-1).
function seek(painter, wish) {
  const id = Math.max(Date.now(), (painter.wish?.id || 0) + 1);
  painter.wish = { id, ...wish };
  painter.setState("seek", { id, series: painter.view.series, ...wish });
  return id;
}

// Select the masked stretch under a moment: at once as the picture shows it, exactly when Python answers.
function pick(painter, at, time) {
  const { picture, view, layout } = painter;
  const channels = painter.scope();
  const reach = Math.ceil((3 * (view.end - view.start)) / layout.plotWidth);
  const wish = seek(painter, { channels, at: Math.round(time), reach, direction: 0 });
  const run = picture && roughRun(painter, at, time, reach);
  if (run) chooseRange(painter, { ...run, channels, painted: true, rough: true, wish });
  else chooseRange(painter, { start: Math.round(time), end: Math.round(time), channels, rough: true, wish });
}

// The painted columns about a moment, as the picture has them.
function roughRun({ picture, pending, brush }, row, time, reach) {
  const shown = pending || picture;
  const offset = row * shown.count;
  const painted = (at) => at >= 0 && at < shown.count && isPainted(shown, offset + at, brush.number);
  const near = [0, -reach, reach].map((by) => columnAt(shown, time + by)).find(painted);
  if (near == null) return null;
  let [first, last] = [near, near];
  while (painted(first - 1)) first--;
  while (painted(last + 1)) last++;
  return { start: Math.round(columnCentre(shown, first)), end: Math.round(columnCentre(shown, last)) };
}

// Python's answer, which comes with every picture for as long as it is the last thing asked.
function takeSought(painter, sought) {
  const { wish, selection } = painter;
  if (!sought || !wish || sought.id !== wish.id) return;
  if (wish.direction) {
    if (!wish.answered) stepTo(painter, sought);
    wish.answered = true;
    return;
  }
  if (!selection || selection.wish !== wish.id) return;
  if (!selection.rough && painter.link.queue.length) return; // an edit of it is on its way
  if (sought.start == null) {
    if (selection.rough) painter.say("Nothing is masked here. Drag to select a range.");
    dropSelection(painter);
    return;
  }
  const { then } = selection;
  const first = selection.rough && !selection.told;
  painter.selection = { ...selection, start: sought.start, end: sought.end, painted: sought.painted, rough: false, told: true, then: null };
  if (first) painter.say(told(painter));
  if (then) then(painter.selection);
  painter.showTools();
}

function told(painter) {
  const { selection } = painter;
  if (selection.painted) return sentence(painter, "Selected", selection);
  return `${sentence(painter, "Selected", selection)}. A layer of the list hides it; it changes there.`;
}

// The next masked stretch on the scope's channels, or the one before.
function step(painter, direction) {
  const { selection, view } = painter;
  const at = selection ? selection.start : direction > 0 ? view.start - 1 : view.end + 1;
  const whole = view.end - view.start >= (painter.whole.end - painter.whole.start) * 0.999;
  const from = selection || !whole ? at : direction > 0 ? painter.whole.start - 1 : painter.whole.end + 1;
  seek(painter, { channels: painter.scope(), at: Math.round(from), reach: 0, direction });
}

function stepTo(painter, { start, end, painted }) {
  const { wish } = painter;
  if (start == null) {
    painter.say(wish.direction > 0 ? "No masked stretch after this one." : "No masked stretch before this one.");
    return;
  }
  chooseRange(painter, { start, end, channels: wish.channels, painted });
  painter.say(told(painter));
  const { view } = painter;
  const wide = view.end - view.start;
  const run = Math.max(end - start, painter.series.interval);
  if (start >= view.start && end <= view.end && run > wide / 40) return;
  const span = run > wide / 40 && run < wide * 0.8 ? wide : Math.max(run * 4, painter.series.interval * 20);
  painter.look({ start: (start + end - span) / 2, end: (start + end + span) / 2 });
}

// Do something with the selection once its ends are known exactly.
function whenExact(painter, act) {
  const { selection } = painter;
  if (!selection) {
    painter.say(NOTHING_SELECTED);
    return;
  }
  if (selection.rough) selection.then = act;
  else act(selection);
}

function eraseSelection(painter) {
  whenExact(painter, ({ start, end, channels, painted }) => {
    if (!painter.edit({ action: "stroke", start, end, channels, erase: true })) return;
    painter.say(sentence(painter, "Erased", { start, end, channels }));
    if (painted) dropSelection(painter);
  });
}

// A new end of a painted stretch: what is added is painted, what is cut off is erased.
function resizeSelection(painter, change) {
  whenExact(painter, (selection) => {
    const there = { ...selection, ...change };
    for (const part of changedParts(selection, there)) {
      if (!painter.edit({ action: "stroke", channels: selection.channels, ...part })) return;
    }
    hold(painter, there);
  });
}

function changedParts({ start, end }, change) {
  const parts = [];
  if (change.start < start) parts.push({ start: change.start, end: start, erase: false });
  if (change.start > start) parts.push({ start, end: change.start - 1, erase: true });
  if (change.end > end) parts.push({ start: end, end: change.end, erase: false });
  if (change.end < end) parts.push({ start: change.end + 1, end, erase: true });
  return parts;
}

function moveSelection(painter, by) {
  whenExact(painter, (selection) => {
    const { start, end, channels } = selection;
    if (!by || !painter.edit({ action: "move", start, end, channels, by })) return;
    hold(painter, { ...selection, start: start + by, end: end + by });
  });
}

// Keep a painted stretch selected after an edit of it, and have Python say where it ends now.
function hold(painter, { start, end, channels }) {
  const at = Math.round((start + end) / 2);
  const wish = seek(painter, { channels, at, reach: Math.ceil((end - start) / 2), direction: 0 });
  chooseRange(painter, { start, end, channels, painted: true, rough: true, told: true, wish });
}
