// The effect divided among the measures (waterfall), and what each initiative brings alone or is missed for.
import { h, put } from "../dom.js";
import { Figure } from "../figures.js";
import { difference, fiscal, interval, number } from "../format.js";
import { pick, t } from "../i18n.js";
import { indicatorName, initiativeName, measureName } from "../names.js";
import { plainTable, SortTable } from "../table.js";
import { analyse, anythingOn, chosenIndicator, controls, failed, instantNote } from "./analysis.js";

let parts = {};
let round = 0;

export function render(root) {
  leave();
  parts = { controls: h("div"), body: h("div"), root };
  put(root, h("h2", {}, t("view_contribution")), parts.controls, parts.body);
  put(parts.controls, controls(update));
  update();
}

export function leave() {
  parts.figure?.remove();
  parts.figure = null;
}

export async function update() {
  const now = ++round;
  const focused = parts.controls.contains(document.activeElement) ? document.activeElement.dataset.role : null;
  put(parts.controls, controls(update));
  if (focused) parts.controls.querySelector(`[data-role="${focused}"]`)?.focus();
  if (!anythingOn()) {
    leave();
    return void put(parts.body, h("p", { class: "message" }, t("nothing_on")));
  }
  try {
    const answer = await analyse("contribution");
    if (now === round) await show(answer);
  } catch (error) {
    if (now !== round) return;
    leave();
    failed(parts.body, error);
  }
}

async function show(answer) {
  const { unit } = answer;
  const year = fiscal(answer.fiscal_year);
  if (!parts.figure) {
    parts.figure = new Figure("waterfall");
    parts.text = h("div");
    parts.tables = h("div");
    put(parts.body, parts.text, parts.figure.element, parts.tables);
  }
  put(parts.text, instantNote(), h("p", { class: "lead" }, t("contribution_intro", { year })),
    h("p", { class: "figure-title" }, `${chosenIndicator()} ${indicatorName(chosenIndicator())} — ${t("contribution_total")} `, h("strong", {}, difference(answer.total.value, unit)), ` (${interval(answer.total.low, answer.total.high, unit, true)})`),
    h("p", { class: "note" }, t("contribution_zoom"), " ", pick(answer.text)));
  const nameOf = (row) => `${row.id} ${measureName(row.id)}`;
  const parts3 = answer.rows.map((row) => ({ label: nameOf(row), kind: "step", value: row.value, low: row.low, high: row.high }));
  // Sizes of the effect, not levels: steps of a few points would vanish beside a level of sixty.
  const total = { label: t("contribution_total"), kind: "level", value: answer.total.value, low: answer.total.low, high: answer.total.high };
  const drawn = parts.figure.show([...parts3, total], unit, { label: `${t("contribution_chart")}：${indicatorName(chosenIndicator())}` });
  const measures = plainTable(t("contribution_chart"), [t("scenario"), t("effect"), t("interval_90")], [
    [t("contribution_base"), number(answer.base.value, unit), ""],
    ...answer.rows.map((row) => [nameOf(row), difference(row.value, unit), interval(row.low, row.high, unit, true)]),
    [t("contribution_total"), difference(answer.total.value, unit), interval(answer.total.low, answer.total.high, unit, true)],
  ]);
  const table = new SortTable({ caption: t("contribution_parts"), sort: { id: "alone", down: true }, columns: [
    { id: "id", head: t("column_initiative"), rowHead: true, sort: (row) => row.id, cell: (row) => `${row.id} ${initiativeName(row.id)}` },
    { id: "alone", head: t("contribution_alone"), numeric: true, sort: (row) => row.alone, cell: (row) => [h("strong", {}, difference(row.alone, unit)), bar(row.alone, largest(answer)), h("small", {}, interval(row.alone_low, row.alone_high, unit, true))] },
    { id: "last", head: t("contribution_last"), numeric: true, sort: (row) => row.last, cell: (row) => [h("strong", {}, difference(row.last, unit)), bar(row.last, largest(answer)), h("small", {}, interval(row.last_low, row.last_high, unit, true))] },
  ] });
  table.show(answer.initiatives);
  put(parts.tables, measures, h("h3", {}, t("contribution_parts")), table.element);
  await drawn;
}

const largest = (answer) => Math.max(1e-12, ...answer.initiatives.flatMap((row) => [Math.abs(row.alone), Math.abs(row.last)]));

/** A bar of the value against the largest one; the number stands beside it. */
const bar = (value, most) => h("span", { class: value < 0 ? "bar negative" : "bar", "aria-hidden": "true", style: { "--size": `${(100 * Math.abs(value)) / most}%` } });
