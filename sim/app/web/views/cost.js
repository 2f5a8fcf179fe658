// What the plans would cost under our assumptions, year by year, and per extra solved project.
import { want } from "../answers.js";
import { h, put } from "../dom.js";
import { errorText, mark } from "../errors.js";
import { Figure, slotOf } from "../figures.js";
import { chance, difference, fiscal, interval, number } from "../format.js";
import { lang, t } from "../i18n.js";
import { LETTERS } from "../plans.js";
import { swatch } from "../charts.js";
import { results, shownYear } from "../results.js";
import { inYear, trajectory } from "../series.js";
import { placeName } from "../names.js";
import { look, state } from "../store.js";
import { plainTable } from "../table.js";

const COST = "programme_cost";
const SOLVED = "solved_projects";
let parts = {};

const ofPlace = (key) => t(key, { place: placeName() });

export function render(root) {
  leave();
  parts = { body: h("div"), figure: new Figure("trajectory", ofPlace("cost_chart"), { [t("target_in_charts")]: t("budget_line") }), legend: h("div", { class: "legend" }), tables: h("div"), empty: h("p", { class: "message" }, t("cost_missing")) };
  parts.body = h("div", {}, parts.legend, parts.figure.element, parts.tables);
  put(root, h("h2", {}, ofPlace("cost_chart")), h("p", { class: "lead" }, ofPlace("cost_intro")),
    h("p", {}, h("button", { type: "button", class: "link", on: { click: () => look({ view: "assumptions", search: "cost", focus: null }, true) } }, t("cost_where"))),
    parts.empty, parts.body);
  want(); // the costs are auxiliary indicators, which other views do not ask for
  update();
}

export function leave() {
  parts.figure?.remove();
}

/** Is it known how likely the budget is exceeded? Exact runs do not tell. */
const knowsOver = (plans) => state.budget !== null && plans.some((one) => one.over);

export async function update() {
  const plans = results.scenarios.filter((one) => one.place !== null && one.series.has(COST));
  parts.empty.hidden = plans.length > 0;
  parts.body.hidden = plans.length === 0;
  if (!plans.length) return;
  const unit = plans[0].series.get(COST).unit;
  put(parts.legend, plans.map((one) => h("span", { class: "entry" }, swatch(slotOf(one.id)), one.name, " ", mark(one), errorText(one, COST, unit) && h("span", { class: "note" }, ` ${t("error_short", { error: errorText(one, COST, unit) })}`))),
    state.budget !== null && h("span", { class: "entry" }, h("span", { class: "target-mark", "aria-hidden": "true" }), t("cost_budget", { budget: number(state.budget * 1e8, "yen") })),
    h("span", { class: "entry note" }, results.range ? t("bands_range", { draws: results.draws }) : t("bands_90")));
  const front = plans.find((one) => one.place === state.active) ?? plans[0];
  const rows = [...trajectory(COST, plans.filter((one) => one !== front), { bands: false }), ...trajectory(COST, [front])]
    .map((row) => ({ ...row, target: state.budget === null ? null : state.budget * 1e8 }));
  const drawn = parts.figure.show(rows, unit, { banded: [front.id], label: ofPlace("cost_chart") });
  put(parts.tables, table(plans, unit), perSolved(plans));
  await drawn;
}

function table(plans, unit) {
  const rows = results.years.map((year) => [fiscal(year), ...plans.flatMap((one) => {
    const now = inYear(one.series.get(COST), year);
    const over = one.over?.[results.years.indexOf(year)];
    return [number(now?.median, unit), interval(now?.low, now?.high, unit), ...(knowsOver(plans) ? [chance(over)] : [])];
  })]);
  const totals = plans.flatMap((one) => [
    h("strong", {}, number(one.series.get(COST).median.reduce((sum, value) => sum + value, 0), unit)), "", ...(knowsOver(plans) ? [""] : []),
  ]);
  const heads = [t("year"), ...plans.flatMap((one) => [
    `${LETTERS[one.place]} ${t("median")}`, `${LETTERS[one.place]} ${t(results.range ? "interval_range" : "interval_90")}`,
    ...(knowsOver(plans) ? [`${LETTERS[one.place]} ${t("cost_over")}`] : []),
  ])];
  return [h("h3", {}, ofPlace("cost_table")), plainTable(ofPlace("cost_table"), heads, [...rows, [t("cost_total"), ...totals]])];
}

/**
 * Cost per extra solved project: median by median. Given from 50 draws on and only where the 90 %
 * interval of the extra projects lies above none; its ends give the range, which is no interval.
 */
export function perProject(cost, solved) {
  if (results.range || !(solved.effect_p05 > 0)) return null;
  return { middle: cost.median / solved.effect_median, low: cost.median / solved.effect_p95, high: cost.median / solved.effect_p05 };
}

function perSolved(plans) {
  const year = shownYear();
  const lines = plans.flatMap((one) => {
    const cost = inYear(one.series.get(COST), year);
    const solved = inYear(one.series.get(SOLVED), year);
    if (!cost || !solved) return [];
    const letter = LETTERS[one.place];
    const words = interval(solved.effect_low, solved.effect_high, solved.unit, true);
    if (results.range) return [h("li", {}, t("cost_per_few", { letter }))];
    const each = perProject(cost, solved);
    if (!each) return [h("li", {}, t("cost_per_none", { letter, interval: words }))];
    return [h("li", {}, t("cost_per_value", { letter, cost: each10000(each.middle), low: each10000(each.low), high: each10000(each.high), effect: difference(solved.effect_median, solved.unit), interval: words }), " ", mark(one))];
  });
  return lines.length ? h("div", { "data-role": "per-solved" }, h("h3", {}, t("cost_per_solved", { year: fiscal(year) })), h("p", { class: "note" }, t("cost_per_note")), h("ul", {}, lines)) : [];
}

/** Yen in the units in which people speak of single projects. */
const each10000 = (yen) => t("cost_mayen", {
  n: lang() === "ja" ? Math.round(yen / 1e4).toLocaleString("en-US") : (yen / 1e6).toLocaleString("en-US", { maximumFractionDigits: 1 }),
});
