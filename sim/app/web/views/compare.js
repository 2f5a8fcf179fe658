// Plans side by side in one year: table with differences and chances, and a chart of intervals.
import { h, put, selectField } from "../dom.js";
import { chanceCell, clear, errorText, mark } from "../errors.js";
import { Figure } from "../figures.js";
import { difference, fiscal, interval, number, unitName } from "../format.js";
import { t } from "../i18n.js";
import { indicator, indicatorName } from "../names.js";
import { LETTERS } from "../plans.js";
import { results, shownYear } from "../results.js";
import { csvRows, inYear, intervals } from "../series.js";
import { fixedData, look } from "../store.js";
import { csvButton, SortTable } from "../table.js";

let parts = {};
let kind = "all";
let charted = null;

export function render(root) {
  leave();
  parts = { intro: h("p", { class: "lead" }), table: h("div", { class: "wide-heads" }), controls: h("div", { class: "controls" }), chart: h("div", { class: "chart-block" }), figure: new Figure("intervals") };
  put(root, h("h2", {}, t("view_compare")), parts.intro, parts.controls, h("p", { class: "note scroll-hint" }, t("scroll_hint")), parts.table,
    h("p", { class: "note" }, t("compare_note", { n: fixedData.meta?.runs_for_a_clear_sign ?? "" }), " ", t("chance_note"), " ", t("error_note"), " ", t("never_added")),
    h("h3", {}, t("compare_chart")), parts.chart);
  update();
}

export function leave() {
  parts.figure?.remove();
}

export async function update() {
  if (!results.ready || !fixedData.meta) return;
  const year = shownYear();
  const plans = results.scenarios.filter((one) => one.place !== null);
  put(parts.intro, t("compare_intro", { year: fiscal(year) }), " ", plans.map((one) => [one.name, " ", mark(one), " "]));
  renderControls();
  const sort = parts.sorted?.sort ?? null;
  parts.sorted = new SortTable({ caption: t("compare_table"), columns: columns(year), sort });
  parts.sorted.show(ids().map((id) => ({ id })));
  keepFocus(parts.table, parts.sorted.element);
  await renderChart(year);
}

/** Replace a table without losing the place of the keyboard or of the scrolled table. */
function keepFocus(place, element) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset?.sort : null;
  const left = place.firstElementChild?.scrollLeft ?? 0;
  put(place, element);
  element.scrollLeft = left;
  if (focused) element.querySelector(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
}

const ids = () => fixedData.meta.indicators.filter((one) => one.level !== "auxiliary" && (kind === "all" || one.kind === kind)).map((one) => one.id);

function renderControls() {
  if (parts.controls.childElementCount) return;
  put(parts.controls,
    selectField(t("class_filter"), [["all", t("all")], ["outcome", t("kind_outcome")], ["delivery", t("kind_delivery")]], kind, (value) => {
      kind = value;
      void update();
    }, { "data-role": "class" }),
    csvButton("comparison.csv", () => csvRows(ids(), [shownYear()])));
}

function columns(year) {
  const at = (row, scenario) => inYear(scenario.series.get(row.id), year);
  const [base, ...plans] = results.scenarios;
  return [
    { id: "indicator", head: t("indicator"), rowHead: true, sort: (row) => row.id, cell: (row) => [
      h("button", { type: "button", class: "link", on: { click: () => look({ view: "indicators", indicator: row.id }, true) } }, h("span", { class: "card-id" }, row.id), " ", indicatorName(row.id)),
      h("span", { class: `chip chip-${indicator(row.id).kind}` }, t(`kind_${indicator(row.id).kind}`)),
    ] },
    { id: "target", head: t("target"), numeric: true, sort: (row) => at(row, base)?.target ?? null, cell: (row) => number(at(row, base)?.target, at(row, base)?.unit) },
    { id: "base", head: t("baseline"), numeric: true, sort: (row) => at(row, base)?.median, cell: (row) => cell(at(row, base)) },
    ...plans.flatMap((plan) => [
      { id: `median-${plan.id}`, head: `${LETTERS[plan.place]} ${t("median")}`, numeric: true, sort: (row) => at(row, plan)?.median, cell: (row) => cell(at(row, plan)) },
      { id: `effect-${plan.id}`, head: `${LETTERS[plan.place]} ${t("effect_short")}`, numeric: true, sort: (row) => at(row, plan)?.effect_median, cell: (row) => effect(at(row, plan), errorText(plan, row.id, at(row, plan)?.unit)) },
      { id: `chance-${plan.id}`, head: `${LETTERS[plan.place]} ${t("p_target")}`, numeric: true, sort: (row) => at(row, plan)?.probability_target, cell: (row) => chanceCell(at(row, plan), plan, row.id) },
    ]),
  ];
}

const cell = (now) => (now ? [h("strong", {}, number(now.median, now.unit)), h("small", {}, interval(now.low, now.high, now.unit))] : "–");

function effect(now, error) {
  if (!now) return "–";
  return [h("strong", {}, difference(now.effect_median, now.unit), clear(now) ? "＊" : ""), h("small", {}, interval(now.effect_low, now.effect_high, now.unit, true)), error && h("small", {}, t("error_short", { error }))];
}

async function renderChart(year) {
  const list = ids();
  if (!list.includes(charted)) charted = list[0];
  const focused = parts.chart.contains(document.activeElement);
  const unit = results.scenarios[0].series.get(charted)?.unit ?? "";
  put(parts.chart,
    selectField(t("compare_chart_pick"), list.map((id) => [id, `${id} ${indicatorName(id)}（${unitName(results.scenarios[0].series.get(id)?.unit)}）`]), charted, (value) => {
      charted = value;
      void renderChart(shownYear());
    }, { "data-role": "charted" }),
    parts.figure.element);
  if (focused) parts.chart.querySelector("select").focus();
  await parts.figure.show(intervals(charted, results.scenarios, year), unit, { label: `${indicatorName(charted)}、${fiscal(year)}` });
}
