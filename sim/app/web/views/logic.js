// The logic model: initiatives, outputs, mechanisms, outcomes, goals, and what links them.
import { fixed } from "../api.js";
import { h, put, s } from "../dom.js";
import { pick, t } from "../i18n.js";
import { LETTERS } from "../plans.js";
import { state } from "../store.js";
import { SortTable } from "../table.js";

const COLUMNS = ["initiative", "output", "mechanism", "outcome", "goal"];
let parts = {};
let data = null;
let form = "diagram";
let picked = null;

export async function render(root) {
  parts = { root, body: h("div") };
  const toggle = (id) => h("button", { type: "button", "data-form": id, "aria-pressed": String(form === id), on: { click: () => {
    form = id;
    for (const one of root.querySelectorAll("[data-form]")) one.setAttribute("aria-pressed", String(one.dataset.form === form));
    show();
  } } }, t(`logic_${id}`));
  parts.intro = h("p", { class: "lead" });
  put(root, h("h2", {}, t("view_logic")), parts.intro,
    h("div", { class: "segments", role: "group", "aria-label": t("logic_form") }, toggle("diagram"), toggle("table")), parts.body);
  data = await fixed("api/logic");
  if (parts.root === root) show();
}

export function leave() {
  parts.resize?.disconnect();
}

export function update() {
  if (!data || !parts.intro) return;
  put(parts.intro, t("logic_intro", { letter: LETTERS[state.active] }));
  for (const [id, node] of parts.nodes ?? []) {
    const off = isOff(id);
    node.classList.toggle("off", off);
    node.querySelector(".node-state").textContent = id in state.plans[state.active].parts ? t(off ? "logic_off" : "logic_on") : "";
  }
  if (form === "table") showTable();
  mark();
}

const isOff = (id) => {
  const part = state.plans[state.active].parts[id];
  return part !== undefined && !(part.on && part.strength > 0);
};

function show() {
  leave();
  parts.nodes = null;
  if (form === "table") showTable();
  else showDiagram();
  update();
}

function showDiagram() {
  parts.nodes = new Map();
  parts.lines = s("svg", { class: "edges", "aria-hidden": "true", focusable: "false" });
  const columns = COLUMNS.map((column) => h("div", { class: `logic-column logic-${column}` },
    h("h3", {}, t(`column_${column}`)),
    h("ul", {}, data.nodes.filter((node) => node.column === column).map((node) => h("li", {}, makeNode(node))))));
  const canvas = h("div", { class: "logic-canvas" }, parts.lines, columns);
  put(parts.body, h("p", { class: "note" }, t("logic_note")), h("div", { class: "table-scroll logic", tabindex: "0", role: "region", "aria-label": t("view_logic") }, canvas));
  parts.resize = new ResizeObserver(() => drawLinks(canvas));
  parts.resize.observe(canvas);
}

function makeNode(node) {
  const button = h("button", {
    type: "button", class: `node measure-${node.measure ?? 0}`, "data-node": node.id, "aria-pressed": "false",
    on: {
      click: () => { picked = picked === node.id ? null : node.id; mark(); },
      mouseenter: () => mark(node.id), mouseleave: () => mark(), focus: () => mark(node.id), blur: () => mark(),
    },
  }, /^[\d.]+$|^M\d/.test(node.id) && h("span", { class: "node-id" }, node.id), " ", h("span", {}, pick(node.name)), h("span", { class: "node-state" }));
  parts.nodes.set(node.id, button);
  return button;
}

function drawLinks(canvas) {
  const frame = canvas.getBoundingClientRect();
  parts.lines.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  parts.lines.setAttribute("width", frame.width);
  parts.lines.setAttribute("height", frame.height);
  parts.paths = data.edges.flatMap((edge) => {
    const [a, b] = [parts.nodes.get(edge.from), parts.nodes.get(edge.to)].map((node) => node?.getBoundingClientRect());
    if (!a || !b) return [];
    const [x1, y1, x2, y2] = [a.right - frame.left, a.top + a.height / 2 - frame.top, b.left - frame.left, b.top + b.height / 2 - frame.top];
    const bend = Math.max(24, (x2 - x1) / 2);
    // Both ends in one column: a bow at its right.
    const d = x2 > x1 ? `M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}` : `M${x1},${y1}C${x1 + 40},${y1} ${b.right - frame.left + 40},${y2} ${b.right - frame.left},${y2}`;
    return [{ edge, path: s("path", { d, class: `edge edge-${edge.kind} ${edge.direction < 0 ? "down" : "up"}` }) }];
  });
  put(parts.lines, parts.paths.map(({ path }) => path));
  mark();
}

/** All that leads to or comes from a node. */
function linked(id) {
  const found = new Set([id]);
  for (const [from, to] of [["from", "to"], ["to", "from"]]) {
    const queue = [id];
    while (queue.length) {
      const here = queue.pop();
      for (const edge of data.edges) {
        if (edge[from] === here && !found.has(`${from}${edge[to]}`)) {
          found.add(`${from}${edge[to]}`).add(edge[to]);
          queue.push(edge[to]);
        }
      }
    }
  }
  return found;
}

function mark(over = null) {
  if (!parts.nodes) return;
  const id = over ?? picked;
  const found = id ? linked(id) : null;
  for (const [name, node] of parts.nodes) {
    node.classList.toggle("faded", found !== null && !found.has(name));
    node.setAttribute("aria-pressed", String(picked === name));
  }
  for (const { edge, path } of parts.paths ?? []) {
    path.classList.toggle("strong", found !== null && found.has(edge.from) && found.has(edge.to));
    path.classList.toggle("faded", found !== null && !(found.has(edge.from) && found.has(edge.to)));
    path.classList.toggle("off", isOff(edge.from));
  }
}

function showTable() {
  const names = new Map(data.nodes.map((node) => [node.id, node]));
  const text = (id) => `${/^[\d.]+$|^M\d/.test(id) ? `${id} ` : ""}${pick(names.get(id)?.name)}`;
  const table = new SortTable({ caption: t("view_logic"), sort: parts.table?.sort ?? null, columns: [
    { id: "from", head: t("logic_from"), rowHead: true, sort: (row) => row.from, cell: (row) => text(row.from) },
    { id: "state", head: t("status"), sort: (row) => Number(isOff(row.from)), cell: (row) => (names.get(row.from)?.column === "initiative" ? t(isOff(row.from) ? "logic_off" : "logic_on") : "–") },
    { id: "kind", head: t("logic_kind"), sort: (row) => row.kind, cell: (row) => t(`edge_${row.kind}`) },
    { id: "direction", head: t("logic_direction"), sort: (row) => row.direction, cell: (row) => t(row.direction < 0 ? "logic_down" : "logic_up") },
    { id: "to", head: t("logic_to"), sort: (row) => row.to, cell: (row) => text(row.to) },
    { id: "column", head: t("class_filter"), sort: (row) => names.get(row.to)?.column, cell: (row) => t(`column_${names.get(row.to)?.column}`) },
  ] });
  table.show(data.edges);
  parts.table = table;
  put(parts.body, table.element);
}
