// Every figure and parameter with value, unit, source, line and status.
import { fixed } from "../api.js";
import { h, put, selectField } from "../dom.js";
import { plain } from "../format.js";
import { lang, pick, t, tOr } from "../i18n.js";
import { profileId } from "../names.js";
import { results } from "../results.js";
import { fixedData, look, state } from "../store.js";
import { csvButton, SortTable } from "../table.js";

const STEP = 100; // rows shown at first, and with each "more"
let parts = {};
let rows = [];
let loaded = "";
let grade = "all";
let onlyPage = false;
let most = STEP;

export async function render(root) {
  parts = { root, controls: h("div", { class: "controls" }), count: h("p", { class: "note", role: "status" }), table: h("div"), more: h("div") };
  put(root, h("h2", {}, t("view_assumptions")), h("p", { class: "lead" }, t("assumptions_intro")), h("p", { class: "note" }, t("assumptions_note")), parts.controls, parts.count, parts.table, parts.more);
  most = STEP;
  await load();
  if (parts.root !== root) return;
  renderControls();
  show(true);
}

export const leave = () => {};

/** A text in both languages; `make` is given the way to pick one of {ja, en} or [ja, en]. */
const both = (make) => Object.fromEntries(["ja", "en"].map((one, n) => [one, make((pair) => (Array.isArray(pair) ? pair[n] : pair[one]))]));

/** Where a row stands: the line of the document, or Kyodo's own file of parameters. */
const place = (row) => (row.file ? t("assumptions_file", row) : row.line ? t("assumptions_document", row) : "–");

async function load() {
  const profile = profileId();
  if (loaded === profile) return;
  const [parameters, evidence] = await Promise.all([fixed(`api/assumptions?profile=${profile}`), fixed(`api/evidence?profile=${profile}`)]);
  rows = [
    ...evidence.rows.map((row) => ({
      id: row.id, what: "evidence", name: row.name, terms: row.terms, meaning: row.quantity, value: row.printed_text, unit: row.unit_text,
      range: "", source: both((of) => [of(row.organisation_text), of(row.source_text), row.source.fiscal_year].filter(Boolean).join(of(["、", ", "]))),
      line: row.source.line, file: "", status: row.status, note: [row.flag, row.note].filter(Boolean).join(" "), links: [], number: row.value,
    })),
    ...parameters.rows.map((row) => ({
      id: row.id, what: "parameter", name: row.name, terms: row.terms, meaning: row.meaning, value: plain(row.value), unit: row.unit_text,
      range: row.p05 === null || row.p05 === undefined || row.p05 === "" ? "" : `${plain(row.p05)} – ${plain(row.p95)}`,
      source: row.source, line: row.line, file: row.file, status: row.status, note: "",
      links: [...new Set([...(row.evidence ?? []), row.value_from].filter(Boolean))], number: row.value,
    })),
  ];
  loaded = profile;
}

export async function update() {
  const root = parts.root;
  await load();
  if (parts.root !== root || !parts.controls.childElementCount) return;
  const search = parts.controls.querySelector('[data-role="search"]');
  if (search && document.activeElement !== search) search.value = state.search;
  show(false);
}

function renderControls() {
  const grades = [...new Set(rows.map((row) => row.status))].sort();
  put(parts.controls,
    h("label", { class: "field grow" }, h("span", { class: "field-label" }, t("search")),
      h("input", { type: "search", value: state.search, placeholder: t("search_hint"), "data-role": "search", on: { input: (e) => { most = STEP; look({ search: e.target.value, focus: null }); } } })),
    selectField(t("grade"), [["all", t("all")], ...grades.map((one) => [one, tOr(`status_${one}`, one)])], grade, (value) => { grade = value; most = STEP; show(false); }, { "data-role": "grade" }),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: onlyPage, "data-role": "only-page", on: { change: (e) => { onlyPage = e.target.checked; most = STEP; show(false); } } }), " ", t("only_page")),
    csvButton("assumptions.csv", () => [["id", "type", "name", "meaning", "value", "unit", "range", "source", "place", "status"], ...found().map((row) => [row.id, row.what, pick(row.name), row.meaning, row.number ?? pick(row.value), pick(row.unit), row.range, pick(row.source), place(row), row.status])]));
}

/** Ids of the figures that other views show: targets, current values, claims, costs. */
function onPage() {
  const meta = fixedData.meta;
  const ids = new Set();
  for (const one of meta?.indicators ?? []) {
    if (results.scenarios.length && !results.scenarios[0].series.has(one.id)) continue;
    for (const id of [one.target?.id, one.current?.id, ...one.evidence]) ids.add(id);
  }
  for (const one of meta?.initiatives ?? []) {
    if (!state.plans.some((plan) => plan.parts[one.id]?.on)) continue;
    for (const claim of one.claims) ids.add(claim?.id);
    for (const key of ["ramp_months", "unit_cost", "fixed_cost"]) ids.add(one[key]?.id);
  }
  return ids;
}

function found() {
  const words = state.search.toLowerCase().split(/[\s　]+/).filter(Boolean);
  const page = onlyPage ? onPage() : null;
  return rows.filter((row) => {
    if (grade !== "all" && row.status !== grade) return false;
    if (page && !page.has(row.id)) return false;
    const own = [row.name, row.value, row.unit, row.source].map((one) => (typeof one === "string" ? one : `${one.ja} ${one.en}`)).join(" ");
    const text = `${row.id} ${own} ${row.terms.join(" ")} ${row.meaning} ${row.note}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const COLUMNS = () => [
  { id: "id", head: t("assumptions_id"), rowHead: true, sort: (row) => row.id, cell: (row) => [h("code", {}, row.id), h("small", {}, t(`assumptions_kind_${row.what}`))] },
  { id: "meaning", head: t("assumptions_meaning"), wide: true, cell: (row) => [meaning(row), row.note && h("small", {}, row.note), row.links.length > 0 && h("small", {}, t("evidence_of"), ": ", row.links.map((id) => [sourceLink(id), " "]))] },
  { id: "value", head: t("value"), numeric: true, sort: (row) => row.number, cell: (row) => [h("strong", {}, pick(row.value)), row.what === "parameter" && h("small", {}, pick(row.unit))] },
  { id: "range", head: t("assumptions_range"), numeric: true, cell: (row) => row.range || "–" },
  { id: "source", head: t("source"), wide: true, sort: (row) => pick(row.source), cell: (row) => pick(row.source) },
  { id: "line", head: t("assumptions_line"), sort: (row) => `${row.file}${String(row.line ?? "").padStart(6)}`, cell: place },
  { id: "status", head: t("grade"), sort: (row) => row.status, cell: (row) => h("span", { class: `chip status-${row.status}` }, tOr(`status_${row.status}`, row.status)) },
];

/** What the row is called in the page's language; below it the register's own words. */
const meaning = (row) => [
  pick(row.name) && h("strong", {}, pick(row.name)),
  lang() === "ja" && row.terms.length > 0 && h("small", {}, t("assumptions_terms", { terms: row.terms.join("・") })),
  h("small", { lang: "en" }, row.meaning),
];

const sourceLink = (id) => h("button", { type: "button", class: "link", on: { click: () => look({ focus: id, search: "" }, true) } }, id);

function show(first) {
  let list = found();
  // A row that a link points at is shown whatever the filters, at the top.
  const target = state.focus ? rows.find((row) => row.id === state.focus) : null;
  if (target) list = [target, ...list.filter((row) => row !== target)];
  put(parts.count, t("assumptions_count", { n: list.length, of: rows.length }));
  const sort = parts.sorted?.sort ?? null;
  parts.sorted = new SortTable({ caption: t("view_assumptions"), sort, columns: COLUMNS(), rowProps: (row) => ({ "data-row": row.id, class: row === target ? "target-row" : "", tabindex: row === target ? "-1" : null }) });
  parts.sorted.show(list.slice(0, most));
  put(parts.table, list.length ? parts.sorted.element : h("p", { class: "message" }, t("assumptions_none")));
  put(parts.more, list.length > most && h("button", { type: "button", on: { click: () => { most += STEP; show(false); } } }, t("assumptions_more")));
  if (target && (first || parts.focused !== target.id)) {
    parts.focused = target.id;
    const row = parts.table.querySelector(".target-row");
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
  }
}
