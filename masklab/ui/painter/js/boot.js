// What Streamlit knows of the painter: it fetches the painter itself out of the data, once.
//
// Streamlit sends a component's script with every change of its data; a stroke needs none of it.

const shop = (globalThis.masklabPainter ??= { version: null, paint: null, shelf: new Map() });

async function open({ version, script, html, css }) {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const module = await import(address);
  URL.revokeObjectURL(address);
  Object.assign(shop, { version, html, css, paint: module.default });
}

function paint(component) {
  const root = component.parentElement;
  if (!root.querySelector(".painter")) root.innerHTML = `<style>${shop.css}</style>${shop.html}`;
  return shop.paint(component, shop.shelf);
}

export default function (component) {
  const { assets, version } = component.data;
  if (shop.version === version) return paint(component);
  if (assets) shop.opening = open(assets);
  else if (!shop.opening) component.setStateValue("need", Date.now());
  return shop.opening?.then(() => paint(component));
}
