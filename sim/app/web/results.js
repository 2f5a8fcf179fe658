// What is shown: results of instant answers or of a finished run, filled by answers.js.
import { state } from "./store.js";

/** {source, ready, reason, text, draws, range, years, scenarios, errors, preparing}. */
export const results = { source: "instant", ready: false, scenarios: [], years: [], loading: true };

/** The year that is shown: the chosen one if the results have it, else the last. */
export const shownYear = () => (state.year && results.years.includes(state.year) ? state.year : results.years.at(-1) ?? null);
