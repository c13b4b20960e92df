// The bar above the picture and the line below it: tools, what is chosen, layers, what was done.

function listenToBar(painter) {
  const options = { signal: painter.listeners.signal };
  painter.root.querySelectorAll("[data-do]").forEach((button) => {
    button.addEventListener("click", () => BUTTONS[button.dataset.do](painter), options);
  });
  painter.find("[data-width]").addEventListener("input", (event) => setWidth(painter, Number(event.target.value)), options);
  painter.find("select").addEventListener("change", (event) => painter.chooseSeries(Number(event.target.value)), options);
}

function showBar(painter) {
  const { tool, data, link, selection, rows, channels } = painter;
  const button = (name) => painter.find(`[data-do="${name}"]`);
  const press = (name, on) => button(name).setAttribute("aria-pressed", String(on));
  for (const kind of Object.keys(TOOLS)) press(kind, tool.kind === kind);
  for (const scope of ["one", "chosen", "all"]) press(scope, tool.scope === scope);
  const waiting = link.queue.length > 0;
  button("undo").disabled = !data.undo && !waiting;
  button("redo").disabled = !data.redo && !waiting;
  painter.find(".slider").classList.toggle("idle", tool.kind !== "brush" && tool.kind !== "erase");
  painter.find("[data-width]").value = String(tool.width);
  painter.find("[data-width-said]").textContent = `${tool.width} px`;
  painter.find(".chosen").hidden = !selection;
  const away = channels.filter((one) => rows.hidden.has(one.name)).length;
  button("rows").hidden = !away;
  button("rows").textContent = `${away} ${away === 1 ? "row" : "rows"} off the screen. Show all`;
  showSeries(painter);
}

function showSeries({ data, view, find }) {
  const { names } = data;
  find(".series").hidden = names.length < 2;
  const select = find("select");
  if (select.childElementCount !== names.length || select.dataset.content !== data.content) {
    select.replaceChildren(...names.map((name, at) => new Option(name, String(at))));
    select.dataset.content = data.content;
  }
  select.value = String(view.series);
}

const LEGEND_MOST = 5;

// A swatch for each layer, drawn as the picture draws it.
function showLegend(painter) {
  const { data, shades, colours } = painter;
  const key = JSON.stringify([data.layers, data.brush.number, colours.dark]);
  if (painter.legend === key) return;
  painter.legend = key;
  const layers = data.layers.length ? data.layers : [{ ...data.brush, name: "hidden" }];
  const shown = layers.slice(0, LEGEND_MOST).map((one) => swatch(shades.get(one.number), one.name, painter.ratio));
  if (layers.length > LEGEND_MOST) shown.push(`and ${layers.length - LEGEND_MOST} more layers`);
  painter.find(".layers").replaceChildren(...shown);
}

function swatch(shade, name, ratio) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 22 * ratio, height: 12 * ratio });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  paintHidden(pen, shade, 0, { y: 0, height: 12 }, 22, 4);
  const label = Object.assign(document.createElement("span"), { className: "legend", title: `Hidden by the layer ${name}` });
  const text = Object.assign(document.createElement("span"), { className: "layer", textContent: name });
  label.append(canvas, text);
  return label;
}
