// Which assumptions move the effect of the plan most.
import { h, put } from "../dom.js";
import { Figure } from "../figures.js";
import { difference, fiscal } from "../format.js";
import { pick, t } from "../i18n.js";
import { indicatorName } from "../names.js";
import { provenance } from "../provenance.js";
import { SortTable } from "../table.js";
import { analyse, anythingOn, chosenIndicator, controls, failed, instantNote } from "./analysis.js";

const SHOWN = 12; // bars of the chart; the table has them all
let parts = {};
let round = 0;

export function render(root) {
  leave();
  parts = { controls: h("div"), body: h("div") };
  put(root, h("h2", {}, t("tornado_chart")), parts.controls, parts.body);
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
    const answer = await analyse("tornado");
    if (now === round) await show(answer);
  } catch (error) {
    if (now !== round) return;
    leave();
    failed(parts.body, error);
  }
}

async function show(answer) {
  const { unit, mean } = answer;
  if (!parts.figure) {
    parts.figure = new Figure("tornado");
    parts.text = h("div");
    parts.table = h("div");
    put(parts.body, parts.text, parts.figure.element, parts.table);
  }
  put(parts.text, instantNote(), h("p", { class: "lead" }, t("tornado_intro", { year: fiscal(answer.fiscal_year) })),
    h("p", { class: "figure-title" }, `${chosenIndicator()} ${indicatorName(chosenIndicator())} — `, t("tornado_mean", { value: difference(mean, unit) })),
    h("p", { class: "note" }, pick(answer.text)));
  const rows = answer.rows.slice(0, SHOWN).map((row) => ({ label: pick(row.name), low: row.low, high: row.high, reference: mean }));
  const drawn = parts.figure.show(rows, unit, { label: `${t("tornado_chart")}：${indicatorName(chosenIndicator())}` });
  const table = new SortTable({ caption: t("tornado_chart"), columns: [
    { id: "name", head: t("assumption"), rowHead: true, sort: (row) => pick(row.name), cell: (row) => [pick(row.name), h("small", {}, provenance(row.id))] },
    { id: "kind", head: t("tornado_kind"), sort: (row) => row.kind, cell: (row) => t(`tornado_kind_${row.kind}`) },
    { id: "low", head: t("tornado_low"), numeric: true, sort: (row) => row.low, cell: (row) => difference(row.low, unit) },
    { id: "high", head: t("tornado_high"), numeric: true, sort: (row) => row.high, cell: (row) => difference(row.high, unit) },
    { id: "gap", head: t("tornado_gap"), numeric: true, sort: (row) => Math.abs(row.high - row.low), cell: (row) => difference(row.high - row.low, unit) },
    { id: "error", head: t("tornado_error"), numeric: true, sort: (row) => row.error, cell: (row) => `±${difference(row.error, unit).replace("+", "")}` },
    { id: "clear", head: t("tornado_clear"), sort: (row) => Number(row.clear), cell: (row) => t(row.clear ? "yes" : "no") },
  ] });
  table.show(answer.rows);
  put(parts.table, table.element);
  await drawn;
}
