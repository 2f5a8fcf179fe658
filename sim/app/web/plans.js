// Plans: what the page edits. A plan is
//   {preset, name, parts: {"1.1": {on, strength (0-100), start (fiscal year)}}, extras}
// `extras` keeps what a scenario file may say and the page has no control for (wards, parameters ...).

export const LETTERS = ["A", "B", "C"];
// What a plan may hold beside its initiatives; nothing else of a link reaches the server.
const EXTRAS = ["parameters", "profile", "discount", "budget", "wards", "description"];
let known = null;

/** Take initiatives, measures, the first year and the bundled scenarios from /api/meta. */
export function learn(meta) {
  known = meta;
}

/** The fiscal year in which an initiative starts if its plan says nothing. */
export const firstYear = () => known.start_year;
/** The longest horizon that the page offers, and its default. */
export const pageYears = () => known.years.default;
/** Modes of discounting, the one that holds where none is named first. */
export const discounts = () => known.discounts.map((one) => one.id);
export const initiativeIds = () => known.initiatives.map((one) => one.id);
export const measureIds = () => known.measures.map((one) => String(one.id));
export const idsOf = (measure) => known.initiatives.filter((one) => String(one.measure) === String(measure)).map((one) => one.id);

/** A bundled scenario as a plan of the page, or null. */
export function bundled(id) {
  const found = known.scenarios.find((one) => one.id === id);
  return found ? fromServer(found.plan, id) : null;
}

/** A plan in which nothing is switched on. */
export const emptyPlan = () => ({
  preset: null,
  name: null,
  parts: Object.fromEntries(initiativeIds().map((id) => [id, { on: false, strength: 100, start: firstYear() }])),
  extras: null,
});

export const copyPlan = (plan) => structuredClone(plan);

/** The page's plan from the server's form of one (a bundled scenario or an uploaded file). */
export function fromServer(given, preset = null) {
  const plan = emptyPlan();
  plan.preset = preset;
  plan.name = preset ? null : given.name ?? null;
  const extras = {};
  for (const [id, part] of Object.entries(given.initiatives ?? {})) {
    const [year, month] = (part.start ?? `${firstYear()}-04`).split("-");
    const own = { on: true, strength: Math.round((part.strength ?? 1) * 100), start: Number(year) };
    plan.parts[id] = own;
    const rest = {};
    if (month !== "04") rest.start = part.start;
    if (Math.abs(own.strength / 100 - (part.strength ?? 1)) > 1e-9) rest.strength = part.strength;
    if (part.stop) rest.stop = part.stop;
    if (part.ramp_months !== null && part.ramp_months !== undefined) rest.ramp_months = part.ramp_months;
    if (Object.keys(rest).length) (extras.initiatives ??= {})[id] = rest;
  }
  if (given.parameters && Object.keys(given.parameters).length) extras.parameters = given.parameters;
  for (const key of ["profile", "discount"]) if (given[key]) extras[key] = given[key];
  if (given.budget && given.budget.rule !== "follow") extras.budget = given.budget;
  if (given.wards && given.wards !== "all") extras.wards = given.wards;
  if (given.description && !preset) extras.description = given.description;
  plan.extras = Object.keys(extras).length ? extras : null;
  return plan;
}

/** The server's form of a plan. `names`: {ja, en} to give it. */
export function toServer(plan, letter, names) {
  const initiatives = {};
  const extras = plan.extras ?? {};
  const details = extras.initiatives ?? {};
  for (const id of initiativeIds()) {
    const part = plan.parts[id];
    if (!part.on) continue;
    initiatives[id] = { strength: part.strength / 100, start: `${part.start}-04`, ...(details[id] ?? {}) };
  }
  const rest = Object.fromEntries(EXTRAS.filter((key) => Object.hasOwn(extras, key)).map((key) => [key, extras[key]]));
  return { ...rest, id: `plan_${letter.toLowerCase()}`, name: names, initiatives };
}

/** Do two plans do the same? Their names do not matter. */
export const samePlan = (a, b) => content(a) === content(b);
export const content = (plan) =>
  JSON.stringify([initiativeIds().map((id) => (plan.parts[id].on ? [plan.parts[id].strength, plan.parts[id].start] : 0)), plan.extras]);

/**
 * on: how many initiatives of a measure are carried out; start and strength: what these (or, where
 * there is none, all) share, else null; first: their first year; mean: their mean strength.
 */
export function measureState(plan, measure) {
  const parts = idsOf(measure).map((id) => plan.parts[id]);
  const on = parts.filter((part) => part.on);
  const own = on.length ? on : parts;
  const starts = new Set(own.map((part) => part.start));
  const strengths = new Set(own.map((part) => part.strength));
  return {
    on: on.length,
    of: parts.length,
    start: starts.size === 1 ? [...starts][0] : null,
    first: Math.min(...own.map((part) => part.start)),
    strength: strengths.size === 1 ? [...strengths][0] : null,
    mean: Math.round(own.reduce((sum, part) => sum + part.strength, 0) / own.length),
  };
}

/** Measures that are switched on, grouped by their first year: [[2024, ["1"]], [2026, ["2"]]]. */
export function order(plan) {
  const years = new Map();
  for (const measure of measureIds()) {
    const state = measureState(plan, measure);
    if (!state.on) continue;
    years.set(state.first, [...(years.get(state.first) ?? []), measure]);
  }
  return [...years].sort((a, b) => a[0] - b[0]);
}

/** Set the start years of the measures one after the other, `years` in steps, or all in the first. */
export function setOrder(plan, sequence, years) {
  sequence.forEach((measure, place) => {
    for (const id of idsOf(measure)) plan.parts[id].start = years[Math.min(place, years.length - 1)];
  });
}

/** Change an initiative: what a file said about it in more detail is given up. */
export function setPart(plan, id, change) {
  Object.assign(plan.parts[id], change);
  if (plan.extras?.initiatives?.[id] && ("strength" in change || "start" in change)) {
    for (const key of Object.keys(change)) delete plan.extras.initiatives[id][key];
    if (!Object.keys(plan.extras.initiatives[id]).length) delete plan.extras.initiatives[id];
    if (!Object.keys(plan.extras.initiatives).length) delete plan.extras.initiatives;
    if (!Object.keys(plan.extras).length) plan.extras = null;
  }
}
