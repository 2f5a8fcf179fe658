// Which assumptions move the effect of the plan most.
import { h, put } from "../dom.js";
import { ofDifferences } from "../figures.js";
import { difference, fiscal } from "../format.js";
import { pick, t } from "../i18n.js";
import { provenance } from "../provenance.js";
import { SortTable } from "../table.js";
import { analysisView, caption, chartLabel, interpolated } from "./analysis.js";

const SHOWN = 12; // bars of the chart; the table has them all

async function show(answer, parts) {
  const { unit, mean } = answer;
  put(parts.text, h("p", { class: "lead" }, t("tornado_intro", { year: fiscal(answer.fiscal_year) })),
    h("p", { class: "figure-title" }, caption(), t("tornado_mean", { value: difference(mean, unit) }), " ", interpolated(unit)),
    h("p", { class: "note" }, pick(answer.text), " ", t("tornado_clear_note", { n: answer.rows.filter((row) => row.clear).length })),
    h("div", { class: "legend" }, ["low", "high"].map((end) => h("span", { class: "entry" }, h("span", { class: `sample tornado-${end}`, "aria-hidden": "true" }), t(`tornado_${end}`)))));
  const rows = answer.rows.slice(0, SHOWN).map((row) => ({ label: row.clear ? t("tornado_marked", { name: pick(row.name) }) : pick(row.name), low: row.low, high: row.high, reference: mean }));
  const drawn = parts.figure.show(rows, ofDifferences(unit), { label: chartLabel("tornado_chart") });
  const table = new SortTable({ caption: t("tornado_chart"), columns: [
    { id: "name", head: t("assumption"), rowHead: true, sort: (row) => pick(row.name), cell: (row) => [pick(row.name), h("small", {}, provenance(row.id))] },
    { id: "kind", head: t("tornado_kind"), sort: (row) => row.kind, cell: (row) => t(`tornado_kind_${row.kind}`) },
    { id: "low", head: t("tornado_low"), numeric: true, sort: (row) => row.low, cell: (row) => difference(row.low, unit) },
    { id: "high", head: t("tornado_high"), numeric: true, sort: (row) => row.high, cell: (row) => difference(row.high, unit) },
    { id: "gap", head: t("tornado_gap"), numeric: true, sort: (row) => Math.abs(row.high - row.low), cell: (row) => difference(row.high - row.low, unit) },
    { id: "error", head: t("tornado_error"), numeric: true, sort: (row) => row.error, cell: (row) => `±${difference(row.error, unit).replace("+", "")}` },
    { id: "clear", head: t("tornado_clear"), sort: (row) => Number(row.clear), cell: (row) => (row.clear ? t("tornado_clear") : "–") },
  ] });
  table.show(answer.rows);
  put(parts.tables, table.element);
  await drawn;
}

export const { render, leave, update } = analysisView("tornado", "tornado", "tornado_chart", show);
