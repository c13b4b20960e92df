// Which rows are on screen, in which order and how tall. Kept in this browser for each document.

const COLLAPSED = 12;
const ROW_LEAST = 36;
const ROW_MOST = 600;
const DOCUMENTS_KEPT = 50;
const ROWS_PLACE = "masklab.painter.rows";

class Rows {
  constructor() {
    this.document = null;
    this.reset();
  }

  reset() {
    this.order = [];
    this.collapsed = new Set();
    this.hidden = new Set();
    this.heights = new Map();
  }

  // What this browser remembers of a document.
  open(document) {
    if (this.document === document) return;
    this.document = document;
    this.reset();
    const kept = keptRows()[document];
    if (!kept) return;
    this.order = kept.order || [];
    this.collapsed = new Set(kept.collapsed);
    this.hidden = new Set(kept.hidden);
    this.heights = new Map(Object.entries(kept.heights || {}));
  }

  keep() {
    const others = Object.entries(keptRows()).filter(([name]) => name !== this.document);
    const own = {
      order: this.order,
      collapsed: [...this.collapsed],
      hidden: [...this.hidden],
      heights: Object.fromEntries(this.heights),
    };
    const all = [...others, [this.document, own]].slice(-DOCUMENTS_KEPT);
    try {
      localStorage.setItem(ROWS_PLACE, JSON.stringify(Object.fromEntries(all)));
    } catch {
      return; // no storage here: the rows are as they were at the next visit
    }
  }

  // Channels {name} in their order on screen, as {at, collapsed, height}; `at` is the channel's place
  // in what Python sends. One row is always left.
  arrange(channels) {
    const places = channels.map((_, at) => at);
    const rank = (at) => {
      const known = this.order.indexOf(channels[at].name);
      return known < 0 ? this.order.length + at : known;
    };
    const sorted = places.sort((one, other) => rank(one) - rank(other));
    const shown = sorted.filter((at) => !this.hidden.has(channels[at].name));
    const rows = shown.length ? shown : sorted.slice(0, 1);
    const open = rows.filter((at) => !this.collapsed.has(channels[at].name)).length;
    return rows.map((at) => {
      const { name } = channels[at];
      const collapsed = this.collapsed.has(name);
      return { at, collapsed, height: collapsed ? COLLAPSED : this.heights.get(name) || usualHeight(open) };
    });
  }

  // Put a channel before another in the order on screen; last if there is no other.
  move(channels, name, before) {
    const names = this.names(channels).filter((one) => one !== name);
    names.splice(before == null ? names.length : names.indexOf(before), 0, name);
    this.order = names;
    this.keep();
  }

  // One place up (-1) or down (1) among the rows on screen.
  step(channels, name, by) {
    const shown = this.arrange(channels).map((row) => channels[row.at].name);
    const other = shown[shown.indexOf(name) + by];
    if (other == null) return false;
    if (by < 0) this.move(channels, name, other);
    else this.move(channels, other, name);
    return true;
  }

  names(channels) {
    const hidden = this.hidden;
    this.hidden = new Set();
    const names = this.arrange(channels).map((row) => channels[row.at].name);
    this.hidden = hidden;
    return names;
  }

  toggle(set, name) {
    if (!set.delete(name)) set.add(name);
    this.keep();
  }

  resize(name, height) {
    this.heights.set(name, Math.min(Math.max(Math.round(height), ROW_LEAST), ROW_MOST));
  }
}

function keptRows() {
  try {
    return JSON.parse(localStorage.getItem(ROWS_PLACE) || "{}") || {};
  } catch {
    return {};
  }
}

function usualHeight(rows) {
  if (rows <= 1) return 330;
  if (rows === 2) return 185;
  if (rows === 3) return 132;
  if (rows === 4) return 102;
  return rows <= 6 ? 78 : 62;
}
