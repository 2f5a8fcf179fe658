// One indicator in large: chart, sources, how it is measured, limits, table of values.
import { h, put } from "../dom.js";
import { chanceCell, chanceError, errorText, mark } from "../errors.js";
import { Figure, slotOf } from "../figures.js";
import { difference, fiscal, interval, number, plain, unitName } from "../format.js";
import { pick, t } from "../i18n.js";
import { indicator, indicatorName, statusName } from "../names.js";
import { provenance } from "../provenance.js";
import { swatch } from "../charts.js";
import { results } from "../results.js";
import { csvRows, inYear, trajectory } from "../series.js";
import { openDialog } from "../shell.js";
import { state } from "../store.js";
import { csvButton, plainTable } from "../table.js";

let shown = null;

/** Open the large view of an indicator. */
export function openDetail(id, closed) {
  const figure = new Figure("trajectory");
  shown = { id, figure, chart: h("div"), values: h("div") };
  openDialog(`${id} ${indicatorName(id)}`, [shown.chart, about(id), shown.values], () => {
    figure.remove();
    shown = null;
    closed();
  });
  put(shown.chart, shown.head = h("div"), figure.element);
  fill();
}

/** Bring an open view in line with the results; false if it is not open for this indicator. */
export function updateDetail(id) {
  if (shown?.id !== id) return false;
  fill();
  return true;
}

function fill() {
  const { id, figure } = shown;
  const [base, ...others] = results.scenarios;
  const series = base.series.get(id);
  const front = others.find((one) => one.place === state.active) ?? others[0];
  const error = errorText(front, id, series.unit);
  const p = chanceError(front, id);
  put(shown.head,
    h("div", { class: "legend" }, results.scenarios.map((one) => h("span", { class: "entry" }, swatch(slotOf(one.id)), one.name, " ", mark(one))),
      h("span", { class: "entry" }, h("span", { class: "target-mark", "aria-hidden": "true" }), t("legend_target"))),
    h("p", { class: "note" }, results.range ? t("bands_range", { draws: results.draws }) : t("bands_90"),
      front && ` ${t("shown_plan", { name: front.name })}`, " ",
      error ? t("typical_error", { error }) : front?.exact !== false && t("no_error"), p && ` ${t("typical_error_p", { error: p })}`));
  void figure.show(
    [...trajectory(id, others.filter((one) => one !== front), { bands: false }), ...trajectory(id, [front].filter(Boolean)), ...trajectory(id, [base])],
    series.unit, { banded: ["baseline", front?.id], label: `${indicatorName(id)}。${t("table_values")}` });
  put(shown.values, h("h3", {}, t("table_values")), h("p", { class: "note" }, t("chance_note")), valuesTable(id), csvButton(`${id}.csv`, () => csvRows([id], results.years)));
}

function valuesTable(id) {
  const range = t(results.range ? "interval_range" : "interval_90");
  const heads = [t("year"), ...results.scenarios.flatMap((one) => one.place === null
    ? [`${one.name} ${t("median")}`, range]
    : ["median", "range", "effect_short", "p_target"].map((key) => `${one.id} ${key === "range" ? range : t(key)}`))];
  const rows = results.years.map((year) => [fiscal(year), ...results.scenarios.flatMap((one) => {
    const now = inYear(one.series.get(id), year);
    if (!now) return one.place === null ? ["–", "–"] : ["–", "–", "–", "–"];
    const cells = [number(now.median, now.unit), interval(now.low, now.high, now.unit)];
    return one.place === null ? cells : [...cells, difference(now.effect_median, now.unit), chanceCell(now, one, id)];
  })]);
  return plainTable(t("table_values"), heads, rows);
}

function about(id) {
  const one = indicator(id);
  if (!one) return null;
  const figure = (name, row) => row && [h("dt", {}, name), h("dd", {}, figureText(row))];
  return h("div", { class: "about" }, h("h3", {}, t("sources")),
    h("dl", { class: "pairs" },
      h("dt", {}, t("class_filter")), h("dd", {}, t(`kind_${one.kind}`), "・", one.level),
      h("dt", {}, t("unit")), h("dd", {}, unitName(one.unit)),
      figure(t("current"), one.current),
      figure(t("target"), one.target),
      h("dt", {}, t("how_measured")), h("dd", {}, pick(one.measured_as) || one.formula),
      pick(one.measured_as) && one.formula && [h("dt", {}, t("formula")), h("dd", { lang: "en" }, one.formula)],
      h("dt", {}, t("limits")), h("dd", {}, pick(one.limits) || t("no_limits"), /C\d{3}/.test(pick(one.limits)) && h("small", {}, t("checks_note"))),
      one.evidence.length > 0 && [h("dt", {}, t("evidence_of")), h("dd", {}, one.evidence.map((row, n) => [n > 0 && "・", provenance(row)]))],
    ));
}

/** A figure with its value, line, status and a link to its row. */
export function figureText(row) {
  return [
    h("strong", {}, pick(row.printed_text) || plain(row.value)), " ",
    h("span", { class: "note" }, [
      row.source?.line && t("source_line", { title: pick(row.source_text), line: row.source.line }),
      statusName(row.status),
    ].filter(Boolean).join("・"), " "),
    provenance(row.id),
  ];
}
