// Charts in the browser: draws a specification of sim/report/charts/browser.py, and changes its rows later.
// Works under a content security policy without unsafe-eval and unsafe-inline: expressions are
// interpreted, and styles are set through the DOM. Needs window.kyodoVega.embed (sim/report/files/bundle.py).

// The same table as SLOTS in sim/report/palette.py.
export const COLOURS = ["#777777", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#8C8000", "#D55E00",
  "#CC79A7", "#D55E00", "#0072B2", "#009E73", "#8C8000", "#0072B2", "#009E73", "#E69F00",
  "#8C8000", "#0072B2", "#009E73", "#E69F00", "#56B4E9"];
export const DASHES = [[5, 4], [1, 0], [8, 3], [8, 3, 2, 3], [2, 2], [10, 2, 2, 2, 2, 2], [1, 0], [8, 3], [8, 3, 2, 3],
  [1, 0], [2, 2], [8, 3, 2, 3], [2, 2], [10, 2, 2, 2, 2, 2], [1, 0], [8, 3], [10, 2, 2, 2, 2, 2],
  [1, 0], [8, 3], [8, 3, 2, 3], [2, 2]];
export const SHAPES = ["circle", "circle", "square", "triangle-up", "diamond", "triangle-down", "cross",
  "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z",
  "triangle-left", "diamond", "triangle-down", "diamond", "triangle-right", "circle", "square",
  "triangle-up", "cross",
  "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z",
  "triangle-left", "triangle-right", "circle"];
const PATHS = {
  circle: "M-4,0A4,4 0 1 1 4,0A4,4 0 1 1 -4,0Z", square: "M-3.5,-3.5H3.5V3.5H-3.5Z",
  "triangle-up": "M0,-4.5L4.2,3.5H-4.2Z", "triangle-down": "M0,4.5L4.2,-3.5H-4.2Z",
  "triangle-right": "M4.5,0L-3.5,4.2V-4.2Z", "triangle-left": "M-4.5,0L3.5,4.2V-4.2Z",
  diamond: "M0,-5L4,0L0,5L-4,0Z",
  cross: "M-4,-1.3H-1.3V-4H1.3V-1.3H4V1.3H1.3V4H-1.3V1.3H-4Z",
};
const SVG = "http://www.w3.org/2000/svg";

/** A sample of a scenario's line and marker, for legends. */
export function swatch(slot) {
  const make = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const svg = make("svg", { width: 34, height: 12, viewBox: "0 0 34 12", "aria-hidden": "true",
    focusable: "false", class: "swatch" });
  svg.append(
    make("line", { x1: 1, y1: 6, x2: 33, y2: 6, stroke: COLOURS[slot], "stroke-width": 2.2,
      "stroke-dasharray": DASHES[slot].join(" ") }),
    make("path", { d: PATHS[SHAPES[slot]] ?? SHAPES[slot], fill: COLOURS[slot],
      transform: PATHS[SHAPES[slot]] ? "translate(17,6)" : "translate(17,6) scale(4.5)" }),
  );
  return svg;
}

/** A number as the tooltips write it; "" for none. digits: [fewest, most] behind the point. */
export function numberText(value, digits = [0, 1], suffix = "", sign = false) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = value.toLocaleString("en", { minimumFractionDigits: digits[0],
    maximumFractionDigits: digits[1], signDisplay: sign ? "exceptZero" : "negative" });
  return text + suffix;
}

/**
 * Draws a chart into an element. spec: Vega-Lite or Vega (sim/report/charts/browser.py: spec, compiled);
 * values: its rows (data_of). Returns a handle: update(values) gives other rows to the living
 * chart, without compiling it again; remove() takes it away.
 */
export async function draw(element, spec, values) {
  const tooltip = new Tooltip(spec.usermeta && spec.usermeta.kyodo && spec.usermeta.kyodo.tooltip);
  const own = { ...spec, data: withRows(spec.data, values) };
  const result = await window.kyodoVega.embed(element, own, {
    ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: 1,
    tooltip: (handler, event, item, value) => tooltip.show(event, item, value),
  });
  const view = result.view;
  return {
    view,
    async update(rows) {
      tooltip.hide();
      await view.data("values", rows.map((row) => ({ ...row }))).runAsync();
    },
    remove() {
      tooltip.hide();
      result.finalize();
      element.replaceChildren();
    },
  };
}

// The first rows are given with the specification, so that the chart is drawn once and not twice.
function withRows(data, values) {
  const rows = (values || []).map((row) => ({ ...row }));
  if (!Array.isArray(data)) return { name: "values", values: rows };
  return data.map((set) => (set.name === "values" ? { ...set, values: rows } : set));
}

/** One tooltip for the page, an element of class "chart-tip"; the page's CSS styles it. */
class Tooltip {
  constructor(words) {
    this.words = words || { heading: [], rows: [] };
  }

  element() {
    let box = document.getElementById("chart-tip");
    if (!box) {
      box = document.createElement("div");
      box.id = "chart-tip";
      box.className = "chart-tip";
      box.setAttribute("role", "status");
      box.hidden = true;
      document.body.append(box);
    }
    return box;
  }

  hide() {
    this.element().hidden = true;
  }

  show(event, item, value) {
    const row = item && item.datum;
    const box = this.element();
    if (value === null || value === undefined || value === "" || !row) {
      box.hidden = true;
      return;
    }
    const heading = this.words.heading.map((field) => row[field]).filter((text) => text !== undefined
      && text !== null);
    const title = document.createElement("p");
    title.textContent = heading.join(" – ");
    const list = document.createElement("dl");
    for (const { field, title: name, digits, suffix, sign } of this.words.rows) {
      const cell = row[field];
      const text = typeof cell === "number" ? numberText(cell, digits, suffix, sign) : cell || "";
      if (text === "") continue;
      const term = document.createElement("dt");
      term.textContent = name;
      const detail = document.createElement("dd");
      detail.textContent = text;
      list.append(term, detail);
    }
    box.replaceChildren(title, list);
    box.hidden = false;
    const room = 12;
    const { width, height } = box.getBoundingClientRect();
    const left = Math.min(event.clientX + room, window.innerWidth - width - room);
    const top = event.clientY + room + height > window.innerHeight
      ? event.clientY - height - room : event.clientY + room;
    box.style.left = `${Math.max(room, left)}px`;
    box.style.top = `${Math.max(room, top)}px`;
  }
}
