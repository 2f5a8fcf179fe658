// The state of the page, its history, and who wants to know of changes.
import { decode, encode, encodeContent, firstVisit } from "./address.js";
import { announce } from "./dom.js";
import { lang, setLang, t } from "./i18n.js";
import { copyPlan, samePlan } from "./plans.js";

export const state = {};
/** Data that never changes: /api/meta. */
export const fixedData = { meta: null };

const listeners = new Set();
let past = [];
let future = [];
let saved = "";
let timer = null;

/** Call `listener(what)` after each change; what: content, view, lang, results, jobs, left (a run's results). */
export const subscribe = (listener) => listeners.add(listener);
/** What goes wrong in one listener is seen, and stops no other. */
export function emit(what) {
  for (const listener of listeners) {
    try {
      listener(what);
    } catch (error) {
      console.error(error);
      announce(t("error_inside"));
    }
  }
}

/** Start from the address, or with what a first visit shows. */
export function begin() {
  const given = decode(location.hash);
  Object.assign(state, firstVisit(), given);
  state.lang = given.lang ?? lang();
  setLang(state.lang);
  saved = encodeContent(state);
}

/** The address changed without us (a link, Back): follow it. */
export function follow() {
  const given = decode(location.hash);
  Object.assign(state, firstVisit(), given);
  state.lang = given.lang ?? lang();
  const language = state.lang !== lang();
  setLang(state.lang);
  remember();
  emit(language ? "lang" : "content");
}

/** The address of what is shown. */
export const shareLink = () => `${location.origin}${location.pathname}#${encode(state)}`;

function write() {
  clearTimeout(timer);
  // Browsers refuse too many changes of the address in a short time: wait until a drag rests.
  timer = setTimeout(() => history.replaceState(null, "", `#${encode(state)}`), 150);
}

function remember() {
  const now = encodeContent(state);
  if (now === saved) return;
  past.push(saved);
  past = past.slice(-100);
  future = [];
  saved = now;
}

/** Change plans or settings. `rest` false while a slider is still moving. */
export function edit(change, rest = true) {
  change(state);
  // Results of a finished run belong to its own plans: any change goes back to instant answers.
  if (state.run && encodeContent(state) !== saved) {
    state.run = null;
    emit("left");
  }
  if (rest) remember();
  write();
  emit("content");
}

/** Change what is looked at, not what is computed. `step`: Back returns to before. */
export function look(change, step = false) {
  if (step) {
    clearTimeout(timer);
    history.replaceState(null, "", `#${encode(state)}`);
    Object.assign(state, change);
    history.pushState(null, "", `#${encode(state)}`);
  } else {
    Object.assign(state, change);
    // At once: a late write could land on the entry that Back has just returned to.
    clearTimeout(timer);
    history.replaceState(null, "", `#${encode(state)}`);
  }
  emit("lang" in change ? "lang" : "view");
}

const restore = (text) => {
  const given = decode(text);
  for (const key of ["plans", "profile", "discount", "years", "budget"]) state[key] = given[key];
  state.active = Math.min(state.active, state.plans.length - 1);
  state.run = null;
  saved = text;
  write();
  emit("content");
};

export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;
export function undo() {
  if (!past.length) return;
  future.push(saved);
  restore(past.pop());
}
export function redo() {
  if (!future.length) return;
  past.push(saved);
  restore(future.pop());
}

/** The bundled scenario that a plan started from, or null. */
export const presetOf = (plan) => fixedData.meta?.scenarios.find((one) => one.id === plan.preset) ?? null;

/** Does a plan differ from its preset? `read` turns the preset into a plan of the page. */
export const changed = (plan, read) => {
  const preset = presetOf(plan);
  return preset ? !samePlan(plan, read(preset.plan, preset.id)) : false;
};

export { copyPlan };
