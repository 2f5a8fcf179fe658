// The plan that the panel's controls change.
import { want } from "./answers.js";
import { edit, state } from "./store.js";

/** The plan that the controls change. */
export const activePlan = () => state.plans[state.active];

/** Change the active plan, and ask for its answer. */
export function change(what, rest = true) {
  const start = performance.now();
  edit((now) => what(now.plans[now.active]), rest);
  want(start);
}
