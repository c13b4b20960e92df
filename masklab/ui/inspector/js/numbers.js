// Numbers in words: the table of a step, the sentence that is read aloud, what stands at the pointer.

function stepWords(view) {
  const { window } = view.scene, flags = view.observed(view.step);
  const gone = window.channels.filter((_, channel) => !flags[channel]).map((one) => one.name);
  const mask = !gone.length ? "observed" : gone.length === flags.length ? "masked" : `${gone.join(", ")} masked`;
  return `step ${view.step + 1} of ${window.steps}, ${window.times[view.step]}, ${mask}`;
}

function said(view) {
  const words = stepWords(view);
  const what = view.scene.panels.map((one) => {
    const [h, before] = [one.h.at(view.step, view.unit), view.step ? one.h.at(view.step - 1, view.unit) : 0];
    const moved = h === before ? `stays at ${plainNumber(h)}` : `goes from ${plainNumber(before)} to ${plainNumber(h)}`;
    return `${one.kind}: h of unit ${view.unit + 1} ${moved}`;
  });
  return `${words[0].toUpperCase()}${words.slice(1)}. ${what.join("; ")}.`;
}

// [what, a number for each panel, what it means], of the state and of what is around it.
function numbersOf(view) {
  const { window, panels, output } = view.scene, { step, unit } = view;
  const of = (grid) => (one) => one[grid].at(step, unit);
  const names = [...new Set(panels.flatMap((one) => one.names))];
  const named = (grid, name) => (one) => (one.names.includes(name) ? one[grid].at(step, one.names.indexOf(name)) : null);
  const channel = window.channels[output.channel], measure = channel.unit ? ` ${channel.unit}` : "";
  const fades = Object.fromEntries(panels.flatMap((one) => Object.entries(one.fades)));
  const truth = plainNumber(window.values.at(window.steps + output.step, output.channel));
  const state = [
    ["i, input gate", of("i"), "0 to 1: how much of the candidate is let in"],
    ["f, forget gate", of("f"), "0 to 1: how much of the old c stays"],
    ["g, candidate", of("g"), "−1 to 1: what could be added to c"],
    ["o, output gate", of("o"), "0 to 1: how much of c shows in h"],
    ["c, cell", of("c"), "The memory after this step"],
    ["h, hidden", of("h"), "What the head may read of this step"],
    ...Object.entries(fades).map(([name, grid]) => [
      FADES[name] ?? name,
      (one) => (one.fades[name] ? one.fades[name].at(step, grid.columns === one.h.columns ? unit : 0) : null),
      "1: nothing fades; 0: all of it is gone",
    ]),
    ["weight in the head", (one) => one.weights[step], "This step's share in what the head reads"],
    [`forecast (truth ${truth}${measure})`, (one) => one.prediction.at(output.step, output.channel), `${channel.name}${measure}, ${output.step + 1} ahead: the marked output`],
  ];
  const around = [
    ...names.map((name) => [`reads ${name}`, named("features", name), "What the strategy hands to the LSTM, scaled"]),
    ...window.channels.map((one, at) => [`gradient by ${one.name}`, (panel) => panel.gradient.at(step, at), "Change of the marked output for a change of this cell of the series, both scaled"]),
    ...names.map((name) => [`gradient by ${name} as read`, named("by_feature", name), "The same for a change of what the LSTM reads"]),
  ];
  return [state, around];
}

function worded(value) {
  if (value === null || value === undefined) return "–";
  return Number.isNaN(value) ? "not computed" : plainNumber(value);
}

function fillTables(root, view) {
  const [state, around] = numbersOf(view), { step, unit } = view;
  const hidden = view.scene.panels[0].h.columns;
  fillTable(root.querySelector(".state"), view, state, `Step ${step + 1}: unit ${unit + 1} of ${hidden}, forecast`);
  fillTable(root.querySelector(".around"), view, around, `Step ${step + 1}: what is read, gradients`);
}

function fillTable(table, view, lines, caption) {
  table.caption.textContent = caption;
  const cell = (kind, text, more) => Object.assign(document.createElement(kind), { textContent: text, ...more });
  const row = (cells) => {
    const line = document.createElement("tr");
    line.append(...cells);
    return line;
  };
  const { panels } = view.scene;
  table.tHead.replaceChildren(row(["", ...panels.map((one) => one.kind)].map((text) => cell("th", text, { scope: "col" }))));
  table.tBodies[0].replaceChildren(
    ...lines.map(([what, value, title]) =>
      row([cell("th", what, { scope: "row", title }), ...panels.map((one) => cell("td", worded(value(one))))]),
    ),
  );
}

// What the pointer is on, in words.
function tipOf(view, { panel: at, row, step, unit }) {
  const { window } = view.scene, panel = view.scene.panels[at];
  const ahead = step - window.steps;
  const when = ahead < 0 ? `step ${step + 1}, ${window.times[step]}` : `${ahead + 1} ahead, ${window.times[step]}`;
  const channel = window.channels[row.channel], measure = channel?.unit ? ` ${channel.unit}` : "";
  if (row.kind === "series") {
    const truth = `${channel.name} ${plainNumber(window.values.at(step, row.channel))}${measure}`;
    if (ahead >= 0) return `${when}\ntruth: ${truth}\nforecast: ${plainNumber(panel.prediction.at(ahead, row.channel))}${measure}`;
    const hidden = !view.observed(step)[row.channel];
    const read = panel.read.at(step, row.channel);
    const reads = Number.isNaN(read) ? "the step is skipped" : `reads ${plainNumber(read)}${measure}`;
    return `${when}\n${truth}${hidden ? `, masked: ${reads}` : ""}\nclick to ${view.anyObserved(step) ? "mask" : "unmask"} this step`;
  }
  if (ahead >= 0) return "";
  const feature = panel.names.indexOf(row.name);
  const told = {
    mask: () => `${stepWords({ ...view, step, observed: view.observed })}\nclick to ${view.anyObserved(step) ? "mask" : "unmask"} it`,
    feature: () => `${row.name}: ${worded(feature < 0 ? null : panel.features.at(step, feature))}, scaled`,
    heat: () => `${row.label}, unit ${unit + 1}: ${worded(panel[row.name].at(step, unit))}`,
    fade: () => `${row.label}: ${worded(panel.fades[row.name]?.at(step, panel.fades[row.name].columns === panel.h.columns ? view.unit : 0))}`,
    weights: () => `weight in the head: ${plainNumber(panel.weights[step])}`,
    gradient: () => `gradient by ${channel.name}: ${exactly(panel.gradient.at(step, row.channel))}`,
    byFeature: () => `gradient by ${row.name} as read: ${feature < 0 ? "–" : exactly(panel.by_feature.at(step, feature))}`,
    axis: () => "",
  }[row.kind]();
  return told && row.kind !== "mask" ? `${when}\n${panel.kind}: ${told}` : told || when;
}

function exactly(value) {
  return value === 0 ? "exactly 0" : plainNumber(value);
}
