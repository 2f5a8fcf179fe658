// What contribution and tornado have in common: an indicator, a plan, an answer for both.
import { ApiError, post } from "../api.js";
import { results } from "../answers.js";
import { h, put, selectField } from "../dom.js";
import { t } from "../i18n.js";
import { indicatorName, planLabel, planNames, profileId } from "../names.js";
import { content, LETTERS, toServer } from "../plans.js";
import { fixedData, look, state } from "../store.js";

const FIRST = "M1-KGI-1";
const kept = new Map();
let chosen = FIRST;

/** Selects of the indicator and the plan; `changed` is called after a new indicator. */
export function controls(changed) {
  const list = (fixedData.meta?.indicators ?? []).filter((one) => one.level !== "auxiliary");
  return h("div", { class: "controls" },
    selectField(t("indicator"), list.map((one) => [one.id, `${one.id} ${indicatorName(one.id)}`]), chosen, (id) => {
      chosen = id;
      changed();
    }, { "data-role": "indicator" }),
    selectField(t("analysis_plan"), state.plans.map((_, place) => [place, planLabel(place)]), state.active, (place) => look({ active: Number(place) }), { "data-role": "plan" }));
}

export const chosenIndicator = () => chosen;

/** The answer of `route` for the active plan and the chosen indicator. Raises ApiError. */
export async function analyse(route) {
  const plan = state.plans[state.active];
  const letter = LETTERS[state.active];
  const key = JSON.stringify([route, chosen, profileId(), state.discount, state.years, content(plan)]);
  if (!kept.has(key)) {
    const answer = await post(`api/${route}`, {
      plan: toServer(plan, letter, planNames(plan, state.active)), indicator: chosen,
      profile: profileId(), discount: state.discount, years: state.years,
    });
    if (answer.state && answer.state !== "ready") throw new ApiError(503, { what: answer.text?.[state.lang] ?? t(`pending_${answer.state}`) });
    if (kept.size > 60) kept.clear();
    kept.set(key, answer);
  }
  return kept.get(key);
}

/** Are there initiatives to speak of? */
export const anythingOn = () => Object.values(state.plans[state.active].parts).some((part) => part.on);

/** A note that this view stays with the instant answers while a run is shown. */
export const instantNote = () => (results.source === "run" ? h("p", { class: "message" }, t("only_instant")) : null);

/** Show an error in place of the view's content. */
export const failed = (place, error) => put(place, h("p", { class: "message warning" }, error.text ?? String(error)));
