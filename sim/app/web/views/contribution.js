// The effect divided among the measures (waterfall), and what each initiative brings alone.
import { h, put } from "../dom.js";
import { ofDifferences } from "../figures.js";
import { difference, fiscal, interval, number } from "../format.js";
import { pick, t } from "../i18n.js";
import { initiativeName, measureName } from "../names.js";
import { plainTable, SortTable } from "../table.js";
import { analysisView, caption, chartLabel, interpolated } from "./analysis.js";

async function show(answer, parts) {
  const { unit, total } = answer;
  const change = (row, key = "value") => difference(row[key], unit);
  const between = (row, prefix = "") => interval(row[`${prefix}low`], row[`${prefix}high`], unit, true);
  const nameOf = (row) => `${row.id} ${measureName(row.id)}`;
  put(parts.text, h("p", { class: "lead" }, t("contribution_intro", { year: fiscal(answer.fiscal_year) })),
    h("p", { class: "figure-title" }, caption(), `${t("contribution_total")} `, h("strong", {}, change(total)), ` (${between(total)}) `, interpolated(unit, true)),
    h("p", { class: "note" }, t("contribution_base", { value: number(answer.base.value, unit) }), " ", t("contribution_zoom"), " ", pick(answer.text)));
  const steps = answer.rows.map((row) => ({ label: nameOf(row), kind: "step", value: row.value, low: row.low, high: row.high }));
  // Sizes of the effect, not levels: steps of a few points would vanish beside a level of sixty.
  const whole = { label: t("contribution_total"), kind: "total", value: total.value, low: total.low, high: total.high };
  const drawn = parts.figure.show([...steps, whole], ofDifferences(unit), { label: chartLabel("contribution_chart") });
  const measures = plainTable(t("contribution_chart"), [t("contribution_measure"), t("contribution_mean"), t("interval_90")], [
    ...answer.rows.map((row) => [nameOf(row), change(row), between(row)]),
    [t("contribution_total"), change(total), between(total)],
  ]);
  const most = Math.max(1e-12, ...answer.initiatives.map((row) => Math.abs(row.alone)));
  const table = new SortTable({ caption: t("contribution_parts"), sort: { id: "alone", down: true }, columns: [
    { id: "id", head: t("column_initiative"), rowHead: true, sort: (row) => row.id, cell: (row) => `${row.id} ${initiativeName(row.id)}` },
    { id: "alone", head: t("contribution_alone"), numeric: true, sort: (row) => row.alone, cell: (row) => [h("strong", {}, change(row, "alone")), bar(row.alone, most), h("small", {}, between(row, "alone_"))] },
  ] });
  table.show(answer.initiatives);
  put(parts.tables, measures, h("h3", {}, t("contribution_parts")), table.element, h("p", { class: "note" }, t("contribution_last")));
  await drawn;
}

/** A bar of the value against the largest one; the number stands beside it. */
const bar = (value, most) => h("span", { class: value < 0 ? "bar negative" : "bar", "aria-hidden": "true", style: { "--size": `${(100 * Math.abs(value)) / most}%` } });

export const { render, leave, update } = analysisView("contribution", "waterfall", "view_contribution", show);
