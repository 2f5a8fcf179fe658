// What contribution and tornado have in common: an indicator, a plan, an answer, a chart, a table.
import { ApiError, post } from "../api.js";
import { h, put, selectField } from "../dom.js";
import { amount } from "../errors.js";
import { Figure } from "../figures.js";
import { t } from "../i18n.js";
import { indicatorName, planLabel, planNames, profileId } from "../names.js";
import { content, LETTERS, toServer } from "../plans.js";
import { results } from "../results.js";
import { fixedData, look, state } from "../store.js";

const kept = new Map();
let chosen = null;

/** The indicator that is looked at: at first the first one that there is. */
const chosenIndicator = () => (chosen ??= fixedData.meta.indicators[0].id);

/** Selects of the indicator and the plan; `changed` is called after a new indicator. */
function controls(changed) {
  const list = fixedData.meta.indicators.filter((one) => one.level !== "auxiliary");
  return h("div", { class: "controls" },
    selectField(t("indicator"), list.map((one) => [one.id, `${one.id} ${indicatorName(one.id)}`]), chosenIndicator(), (id) => {
      chosen = id;
      changed();
    }, { "data-role": "indicator" }),
    selectField(t("analysis_plan"), state.plans.map((_, place) => [place, planLabel(place)]), state.active, (place) => look({ active: Number(place) }), { "data-role": "plan" }));
}

/** The answer of `route` for the active plan and the chosen indicator. Raises ApiError. */
async function analyse(route) {
  const plan = state.plans[state.active];
  const letter = LETTERS[state.active];
  const indicator = chosenIndicator();
  const key = JSON.stringify([route, indicator, profileId(), state.discount, state.years, content(plan)]);
  if (!kept.has(key)) {
    const answer = await post(`api/${route}`, {
      plan: toServer(plan, letter, planNames(plan, state.active)), indicator,
      profile: profileId(), discount: state.discount, years: state.years,
    });
    if (answer.state && answer.state !== "ready") throw new ApiError(503, { what: answer.text?.[state.lang] ?? t(`pending_${answer.state}`) });
    if (kept.size > 60) kept.clear();
    kept.set(key, answer);
  }
  return kept.get(key);
}

/** Are there initiatives to speak of? */
const anythingOn = () => Object.values(state.plans[state.active].parts).some((part) => part.on);

/** A note that this view stays with the instant answers while a run is shown. */
const instantNote = () => (results.source === "run" ? h("p", { class: "message" }, t("only_instant")) : null);

/** The indicator before a chart's figures, and what a screen reader says of the chart. */
export const caption = () => `${chosenIndicator()} ${indicatorName(chosenIndicator())} — `;
export const chartLabel = (key) => `${t(key)}：${indicatorName(chosenIndicator())}`;

/** The mark of interpolated values with their typical error; `parts`: parts of plans, never exact. */
export function interpolated(unit, parts = false) {
  const own = results.scenarios.find((one) => one.place === state.active);
  if (!parts && results.source !== "run" && own?.exact) return null;
  const error = amount(results.errors?.indicators?.[chosenIndicator()]?.typical, unit);
  return [h("span", { class: "chip chip-interpolated" }, t("interpolated")), " ", error && h("span", { class: "note" }, t("typical_error", { error }))];
}

/** {render, leave, update} of a view; `show(answer, parts)` fills parts.text, .figure and .tables. */
export function analysisView(route, figure, heading, show) {
  let parts = {};
  let round = 0;
  const leave = () => {
    parts.figure?.remove();
    parts.figure = null;
  };
  const update = async () => {
    const now = ++round;
    const focused = parts.controls.contains(document.activeElement) ? document.activeElement.dataset.role : null;
    if (!fixedData.meta) return;
    put(parts.controls, controls(update));
    if (focused) parts.controls.querySelector(`[data-role="${focused}"]`)?.focus();
    if (!anythingOn()) {
      leave();
      return void put(parts.body, h("p", { class: "message" }, t("nothing_on")));
    }
    try {
      const answer = await analyse(route);
      if (now !== round) return;
      if (!parts.figure) {
        Object.assign(parts, { figure: new Figure(figure), note: h("div"), text: h("div"), tables: h("div") });
        put(parts.body, parts.note, parts.text, parts.figure.element, parts.tables);
      }
      put(parts.note, instantNote());
      await show(answer, parts);
    } catch (error) {
      if (now !== round) return;
      leave();
      put(parts.body, h("p", { class: "message warning" }, error.text ?? String(error)));
    }
  };
  const render = (root) => {
    leave();
    parts = { controls: h("div"), body: h("div") };
    put(root, h("h2", {}, t(heading)), parts.controls, parts.body);
    return update();
  };
  return { render, leave, update };
}
