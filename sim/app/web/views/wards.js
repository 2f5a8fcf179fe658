// The wards: a map and a table of inputs with their source. Results by ward only from an exact
// run that recorded them, and marked as what they are: averages over random assignment.
import { runRows } from "../answers.js";
import { fixed } from "../api.js";
import { h, put, s, selectField } from "../dom.js";
import { fiscal, interval, number, plain } from "../format.js";
import { pick, t } from "../i18n.js";
import { indicatorName, planLabel } from "../names.js";
import { LETTERS } from "../plans.js";
import { results, shownYear } from "../results.js";
import { fixedData, look, state } from "../store.js";
import { csvButton, SortTable } from "../table.js";

const SHADES = 5;
let parts = {};
let data = null;
let shapes = null;
let what = "inputs";
let column = null;
let chosen = null;

export async function render(root) {
  parts = { root, controls: h("div", { class: "controls" }), notes: h("div"), map: h("div", { class: "ward-map" }), table: h("div", { class: "ward-table" }) };
  put(root, h("h2", {}, t("view_wards")), h("p", { class: "lead" }, t("wards_intro")), parts.controls, parts.notes, h("div", { class: "ward-grid" }, parts.map, parts.table));
  [data, shapes] = await Promise.all([fixed("api/wards"), fixed("api/wards.geojson")]);
  column ??= data.columns[0].id;
  chosen ??= fixedData.meta.indicators[0].id;
  if (parts.root === root) await update();
}

export const leave = () => {};

const byWard = () => results.source === "run" && results.job?.request.by === "ward";

export async function update() {
  if (!data || !parts.root) return;
  renderControls();
  const view = what === "inputs" ? inputs() : byWard() ? await outcomes() : null;
  if (view === null) {
    put(parts.notes, h("p", { class: "message" }, t("wards_need_run"), " ", h("button", { type: "button", class: "small", on: { click: () => look({ view: "jobs" }, true) } }, t("offer_exact"))));
    put(parts.map);
    put(parts.table);
    return;
  }
  put(parts.notes, view.notes);
  put(parts.map, view.mapped ? drawMap(view) : null);
  drawTable(view);
}

function renderControls() {
  const key = JSON.stringify([what, column, chosen, state.active, state.plans.length, document.documentElement.lang]);
  if (parts.controls.dataset.shown === key) return;
  parts.controls.dataset.shown = key;
  const focused = parts.controls.contains(document.activeElement) ? document.activeElement.dataset.role : null;
  const after = (set) => (value) => {
    set(value);
    void update();
  };
  put(parts.controls,
    selectField(t("wards_what"), [["inputs", t("wards_inputs")], ["results", t("wards_results")]], what, after((value) => { what = value; }), { "data-role": "what" }),
    what === "inputs"
      ? selectField(t("wards_column"), data.columns.map((one) => [one.id, pick(one.name)]), column, after((value) => { column = value; }), { "data-role": "column" })
      : [
        selectField(t("indicator"), (fixedData.meta?.indicators ?? []).filter((one) => one.level !== "auxiliary").map((one) => [one.id, `${one.id} ${indicatorName(one.id)}`]), chosen, after((value) => { chosen = value; }), { "data-role": "indicator" }),
        selectField(t("wards_plan"), state.plans.map((_, place) => [place, planLabel(place)]), state.active, (place) => look({ active: Number(place) }), { "data-role": "plan" }),
      ]);
  if (focused) parts.controls.querySelector(`[data-role="${focused}"]`)?.focus();
}

/** {name, value(code), text(value), notes, columns, rows} of the statistics. */
function inputs() {
  const one = data.columns.find((c) => c.id === column);
  const row = new Map(data.rows.map((r) => [r.code, r.values]));
  const features = Object.keys(data.features ?? {});
  const nameOf = new Map(data.rows.map((r) => [String(r.code), pick(r.name)]));
  return {
    name: `${pick(one.name)}（${unitOf(one)}）`,
    value: (code) => row.get(code)?.[column],
    text: plain,
    mapped: true,
    notes: [
      h("p", { class: "note" }, t("wards_source", { source: one.source, year: one.year, code: one.source_code })),
      features.length > 0 && h("p", { class: "message" }, t("wards_features", { wards: features.map((code) => nameOf.get(code) ?? code).join("、") })),
    ],
    columns: data.columns.map((c) => ({
      id: c.id, head: `${pick(c.name)}（${unitOf(c)}）`, numeric: true, chosen: c.id === column, sort: (r) => r.values[c.id], cell: (r) => plain(r.values[c.id]),
    })).sort((a, b) => Number(b.chosen) - Number(a.chosen)),
  };
}

const unitOf = (one) => pick(one.unit_text);

/** The same of an exact run's results by ward. */
async function outcomes() {
  const answer = await runRows(results.job.id, "indicators=document&ward=each");
  const at = Object.fromEntries(answer.columns.map((name, place) => [name, place]));
  const year = shownYear();
  const plan = `plan_${LETTERS[state.active].toLowerCase()}`;
  const codeOf = new Map(data.rows.flatMap((r) => [[String(r.code), r.code], [r.name.ja, r.code], [r.name.en, r.code]]));
  const found = new Map();
  const base = new Map();
  const features = data.features ?? {}; // ward -> what the profile says of it
  const known = (code) => String(code) in features;
  let unit = "";
  for (const row of answer.rows) {
    if (row[at.scenario] !== plan || row[at.indicator] !== chosen || row[at.fiscal_year] !== year) continue;
    const code = codeOf.get(String(row[at.ward]));
    if (code === undefined) continue;
    unit = row[at.unit];
    found.set(code, { median: row[at.median], low: row[at.low], high: row[at.high] });
  }
  for (const row of answer.rows) {
    const code = codeOf.get(String(row[at.ward]));
    if (row[at.scenario] === "baseline" && row[at.indicator] === chosen && row[at.fiscal_year] === year && code !== undefined) base.set(code, row[at.median]);
  }
  return {
    name: `${indicatorName(chosen)}、${fiscal(year)}`,
    // A map would look like a fact about wards: only those that the profile speaks of are shaded.
    value: (code) => (known(code) ? found.get(code)?.median : undefined),
    text: (value) => number(value, unit),
    mapped: Object.keys(features).length > 0,
    notes: h("p", { class: "message warning" }, h("strong", {}, t(Object.keys(features).length ? "wards_random_rest" : "wards_random"))),
    sort: { id: "ward", down: false }, // by code: by value it would look like a ranking
    columns: [
      { id: "base", head: `${t("baseline")} ${t("median")}`, numeric: true, sort: (r) => base.get(r.code), cell: (r) => number(base.get(r.code), unit) },
      { id: "median", head: `${LETTERS[state.active]} ${t("median")}`, numeric: true, sort: (r) => found.get(r.code)?.median, cell: (r) => number(found.get(r.code)?.median, unit) },
      { id: "interval", head: t(results.range ? "interval_range" : "interval_90"), numeric: true, cell: (r) => interval(found.get(r.code)?.low, found.get(r.code)?.high, unit) },
      { id: "assigned", head: t("wards_assigned"), wide: true, cell: (r) => (known(r.code) ? t("wards_assigned_rest", { features: Object.keys(features[r.code]).join("、") }) : t("wards_assigned_all")) },
    ],
  };
}

function drawTable(view) {
  const before = parts.sorted?.of === what ? parts.sorted.sort : null;
  const sort = before && (before.id === "ward" || view.columns.some((c) => c.id === before.id)) ? before : view.sort ?? { id: view.columns[0].id, down: true };
  parts.sorted = new SortTable({ caption: view.name, sort, rowProps: (row) => ({ "data-ward": row.code }), columns: [
    { id: "ward", head: t("ward"), rowHead: true, sort: (row) => row.code, cell: (row) => pick(row.name) }, ...view.columns,
  ] });
  parts.sorted.of = what;
  parts.sorted.show(data.rows);
  put(parts.table, parts.sorted.element, csvButton("wards.csv", () => [
    ["code", "ward", ...view.columns.map((c) => c.head)],
    ...data.rows.map((row) => [row.code, pick(row.name), ...view.columns.map((c) => (c.sort ? c.sort(row) ?? "" : c.cell(row)))]),
  ]));
}

function drawMap(view) {
  const width = 520;
  const points = shapes.features.flatMap((feature) => rings(feature.geometry).flat());
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180); // a degree of longitude is shorter
  const factor = width / ((east - west) * squeeze);
  const height = (north - south) * factor;
  const place = ([x, y]) => `${((x - west) * squeeze * factor).toFixed(1)},${((north - y) * factor).toFixed(1)}`;
  const values = data.rows.map((row) => view.value(row.code)).filter((v) => typeof v === "number").sort((a, b) => a - b);
  const limits = Array.from({ length: SHADES - 1 }, (_, n) => values[Math.floor(((n + 1) * values.length) / SHADES)]);
  const names = new Map(data.rows.map((row) => [row.code, pick(row.name)]));
  const paths = shapes.features.map((feature) => {
    const { code } = feature.properties;
    const value = view.value(code);
    const shade = typeof value === "number" ? limits.filter((limit) => value >= limit).length : "none";
    const path = s("path", { d: rings(feature.geometry).map((ring) => `M${ring.map(place).join("L")}Z`).join(""), class: `ward shade-${shade}`, "data-code": code });
    path.append(s("title", {}, `${names.get(code)}：${view.text(value)}`));
    path.addEventListener("click", () => highlight(code));
    return path;
  });
  const edges = [values[0], ...limits, values.at(-1)];
  return h("figure", {},
    s("svg", { viewBox: `-4 -4 ${width + 8} ${height + 8}`, role: "img", "aria-label": t("wards_map", { column: view.name }) }, paths),
    h("figcaption", {}, h("strong", {}, view.name),
      h("ul", { class: "shades" }, Array.from({ length: SHADES }, (_, n) => h("li", {}, h("span", { class: `sample shade-${n}`, "aria-hidden": "true" }), `${view.text(edges[n])} – ${view.text(edges[n + 1])}`)))));
}

const rings = (geometry) => (geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat());

function highlight(code) {
  for (const row of parts.table.querySelectorAll("[data-ward]")) {
    row.classList.toggle("target-row", row.dataset.ward === String(code));
    if (row.dataset.ward === String(code)) row.scrollIntoView({ block: "nearest" });
  }
}
