// The state of the page as the part of the address behind "#", which a browser never sends to a
// server. Short and readable, so that a link fits into a mail:
//   #a=1.1,1.2:50,1.3:100:2026&ap=m1&profile=official&years=5&view=compare
import { bundled, discounts, emptyPlan, firstYear, initiativeIds, LETTERS, pageYears } from "./plans.js";

export const VIEWS = [
  "indicators", "compare", "wards", "contribution", "tornado", "cost", "logic", "assumptions", "reproduce", "jobs",
];

const toBase = (value) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase = (text) =>
  JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))));

function partsText(plan) {
  return initiativeIds().filter((id) => plan.parts[id].on).map((id) => {
    const { strength, start } = plan.parts[id];
    if (start !== firstYear()) return `${id}:${strength}:${start}`;
    return strength === 100 ? id : `${id}:${strength}`;
  }).join(",");
}

function readParts(plan, text) {
  for (const piece of text.split(",").filter(Boolean)) {
    const [id, strength = "100", start = String(firstYear())] = piece.split(":");
    const part = Object.hasOwn(plan.parts, id) ? plan.parts[id] : null; // "__proto__" is no initiative
    if (!part || !/^\d{1,3}$/.test(strength) || !/^\d{4}$/.test(start)) continue;
    Object.assign(part, { on: true, strength: Math.min(100, Number(strength)), start: Number(start) });
  }
}

/** The plans and settings as text: what undo keeps, and the first part of the address. */
export function encodeContent(state) {
  const query = [];
  state.plans.forEach((plan, place) => {
    const key = LETTERS[place].toLowerCase();
    query.push(`${key}=${partsText(plan)}`);
    if (plan.preset) query.push(`${key}p=${plan.preset}`);
    if (plan.name) query.push(`${key}n=${toBase(plan.name)}`);
    if (plan.extras) query.push(`${key}x=${toBase(plan.extras)}`);
  });
  if (state.profile) query.push(`profile=${state.profile}`);
  if (state.discount !== discounts()[0]) query.push(`discount=${state.discount}`);
  if (state.years !== pageYears()) query.push(`years=${state.years}`);
  if (state.budget !== null) query.push(`budget=${state.budget}`);
  return query.join("&");
}

/** The whole state as text. */
export function encode(state) {
  const query = [encodeContent(state)];
  if (state.active) query.push(`plan=${LETTERS[state.active]}`);
  if (state.year) query.push(`year=${state.year}`);
  if (state.indicator) query.push(`indicator=${state.indicator}`);
  if (state.focus) query.push(`focus=${state.focus}`);
  if (state.search) query.push(`search=${encodeURIComponent(state.search)}`);
  if (state.run) query.push(`run=${state.run}`);
  query.push(`view=${state.view}`, `lang=${state.lang}`);
  return query.join("&");
}

const oneOf = (value, allowed, fallback) => (allowed.includes(value) ? value : fallback);
const safe = (read, fallback) => {
  try {
    return read();
  } catch {
    return fallback;
  }
};

/** The parts of a state that a text gives; whatever is not understood is left out. */
export function decode(text) {
  const given = new URLSearchParams(text.replace(/^#/, "").replaceAll("+", "%2B"));
  const state = {};
  const plans = [];
  for (const letter of LETTERS) {
    const key = letter.toLowerCase();
    if (!given.has(key)) break;
    const plan = emptyPlan();
    readParts(plan, given.get(key));
    const preset = given.get(`${key}p`);
    if (preset && /^[\w-]{1,64}$/.test(preset)) plan.preset = preset;
    if (given.has(`${key}n`)) plan.name = safe(() => fromBase(given.get(`${key}n`)), null);
    if (given.has(`${key}x`)) plan.extras = safe(() => fromBase(given.get(`${key}x`)), null);
    plans.push(plan);
  }
  if (plans.length) state.plans = plans;
  if (plans.length || given.has("profile")) state.profile = profileIn(text);
  if (plans.length || given.has("discount")) state.discount = oneOf(given.get("discount"), discounts(), discounts()[0]);
  const years = Number(given.get("years") ?? pageYears());
  state.years = Number.isInteger(years) && years >= 1 && years <= pageYears() ? years : pageYears();
  const budget = Number.parseFloat(given.get("budget"));
  state.budget = Number.isFinite(budget) && budget >= 0 ? budget : null;
  state.active = Math.max(0, Math.min(LETTERS.indexOf(given.get("plan") ?? "A"), (plans.length || 1) - 1));
  const year = Number(given.get("year"));
  state.year = Number.isInteger(year) && year > 2000 && year < 2100 ? year : null;
  state.indicator = /^[\w-]{1,40}$/.test(given.get("indicator") ?? "") ? given.get("indicator") : null;
  state.focus = /^[\w-]{1,40}$/.test(given.get("focus") ?? "") ? given.get("focus") : null;
  state.search = given.get("search") ?? "";
  state.run = /^[\w-]{6,64}$/.test(given.get("run") ?? "") ? given.get("run") : null;
  state.view = oneOf(given.get("view"), VIEWS, "indicators");
  state.lang = oneOf(given.get("lang"), ["ja", "en"], null);
  return state;
}

/** The profile that an address asks for, or null: needed before anything else is read from it. */
export const profileIn = (text) => {
  const id = new URLSearchParams(text.replace(/^#/, "")).get("profile") ?? "";
  return /^\w{1,40}$/.test(id) ? id : null;
};

/** What a first visit shows: everything at once beside the document's order, step by step. */
export const firstVisit = () => ({
  ...decode(""), plans: ["all_measures", "staged"].map(bundled).filter(Boolean), profile: null, discount: discounts()[0],
});
