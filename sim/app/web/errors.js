// How far numbers may be off: the interpolation of instant answers, and chances from few runs.
import { h } from "./dom.js";
import { chance, difference } from "./format.js";
import { t } from "./i18n.js";
import { results } from "./results.js";
import { fixedData } from "./store.js";

/** {typical, chance, ...} of an indicator where a scenario's values are interpolated, else null. */
export const errorOf = (scenario, id) =>
  results.source === "run" || !scenario || scenario.exact ? null : results.errors?.indicators?.[id] ?? null;

/** An error with its sign, ±0.2pt; "" where it is not known. */
export const amount = (value, unit) => (typeof value === "number" ? `±${difference(value, unit).replace("+", "")}` : "");

/** The typical error of the interpolated effect, ±0.2pt; "" where nothing is interpolated. */
export const errorText = (scenario, id, unit) => amount(errorOf(scenario, id)?.typical, unit);

/** The typical error of the interpolated chance, ±3pt; "" where there is none. */
export function chanceError(scenario, id) {
  const error = errorOf(scenario, id);
  return typeof error?.chance === "number" ? `±${(100 * error.chance).toFixed(error.chance < 0.01 ? 1 : 0)}${t("points")}` : "";
}

/** The exact 95 % interval of a chance from so many runs: "95%区間 0%–60%"; "" where there is none. */
export const chanceRange = (now) =>
  typeof now?.probability_low === "number" && typeof now.probability_high === "number"
    ? t("p_error", { low: chance(now.probability_low), high: chance(now.probability_high) })
    : "";

/** The chance with what is known of its errors, for tables. `scenario`: null for the baseline. */
export function chanceCell(now, scenario, id) {
  if (!now || now.probability_target === null || now.probability_target === undefined) return "–";
  if (now.reachable === false) return h("span", { title: t("unreachable") }, "✕");
  const error = chanceError(scenario, id);
  return [
    h("strong", {}, chance(now.probability_target)), `（${chance(now.probability_target_baseline)}）`,
    h("small", {}, chanceRange(now)), error && h("small", {}, t("error_short", { error })),
  ];
}

/** Is a difference clear: enough draws, and an interval that leaves zero out as it is printed too? */
export function clear(now) {
  if (!now || !(results.draws >= fixedData.meta.runs_for_a_clear_sign)) return false;
  const [low, high] = [now.effect_low, now.effect_high].map((end) => difference(end, now.unit)[0]);
  return low === high && (low === "+" || low === "-");
}

/** A mark beside the name of a plan whose values are interpolated. */
export const mark = (scenario) =>
  results.source !== "run" && scenario && scenario.place !== null && !scenario.exact && h("span", { class: "chip chip-interpolated", title: t("source_instant_long") }, t("interpolated"));
