// Where the results come from: instant answers by default, or a finished exact run.
// Every answer is kept by its plan and settings, so undo and comparing ask for nothing twice.
import { get, post, ensureSession } from "./api.js";
import { t } from "./i18n.js";
import { planLabel, planNames, profileId } from "./names.js";
import { content, LETTERS, toServer } from "./plans.js";
import { results } from "./results.js";
import { seriesOf } from "./series.js";
import { emit, state } from "./store.js";

// One request is under way at a time and the newest follows it. Only one that takes longer than
// this is aborted: aborting every older one would show nothing until a drag ends.
const PATIENCE = 150; // ms
const WAIT = 20; // ms: changes of one moment go together

const kept = new Map();
const LIMIT = 120;

let timer = null;
let flying = null;
let again = false;
let asked = 0;

const settings = (kind) => JSON.stringify([profileId(), state.discount, state.years, state.budget, kind]);
const keyOf = (plan, kind) => `${settings(kind)}|${plan ? content(plan) : "baseline"}`;

function keep(key, value) {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > LIMIT) kept.delete(kept.keys().next().value);
}

/** Which indicators are needed: the cost view needs the auxiliary ones too. */
const kindWanted = () => (state.view === "cost" ? "all" : "document");
const found = (plan, kind) => kept.get(keyOf(plan, kind)) ?? (kind === "document" ? kept.get(keyOf(plan, "all")) : undefined);

/** Ask at once: the first answer of a visit. */
export function begin() {
  asked = 0;
  void ask();
}

/** Ask for what is missing, soon. `start`: when the reader acted, for the measured time. */
export function want(start = performance.now()) {
  asked = start;
  if (flying && performance.now() - flying.since > PATIENCE) flying.control.abort();
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    void ask();
  }, WAIT);
}

async function ask() {
  if (state.run) return void showRun();
  if (flying) {
    again = true;
    return;
  }
  const kind = kindWanted();
  const missing = state.plans.map((plan, place) => ({ plan, place })).filter(({ plan }) => !found(plan, kind));
  const since = asked;
  if (!missing.length && found(null, kind)) return void showInstant(since);
  flying = { control: new AbortController(), since: performance.now() };
  const budget = state.budget === null ? null : state.budget * 1e8;
  // A second plan that has no instant answer must not hide the first: on 422 they go one by one.
  const body = (list) => ({
    plans: list.map(({ plan, place }) => toServer(plan, LETTERS[place], planNames(plan, place))),
    profile: profileId(), discount: state.discount, years: state.years, indicators: kind, budget,
  });
  const query = settings(kind);
  try {
    const groups = [missing];
    while (groups.length) {
      const group = groups.shift();
      try {
        const answer = await post("api/answer", body(group), { signal: flying.control.signal });
        take(answer, group, query);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        if (error.status === 422 && group.length > 1) groups.push(...group.map((one) => [one]));
        else for (const { plan } of group) keep(`${query}|${content(plan)}`, { refused: error.text ?? String(error), passing: error.status !== 422 });
      }
    }
    showInstant(since);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    flying = null;
    if (again) {
      again = false;
      void ask();
    }
  }
}

function take(answer, group, query) {
  if (answer.state !== "ready") {
    for (const { plan } of group) keep(`${query}|${content(plan)}`, { pending: answer.state, text: answer.text, passing: true });
    return;
  }
  const series = seriesOf(answer.columns, answer.rows);
  const common = { draws: answer.draws, range: answer.interval_kind === "range", years: answer.years, errors: answer.error };
  const pack = (id) => ({
    ...common,
    series: series[id],
    exact: answer.scenarios.find((one) => one.id === id)?.exact ?? false,
    reached: (answer.reached ?? []).filter((one) => one.scenario === id),
    over: answer.budget?.scenarios.find((one) => one.id === id)?.share_over ?? null,
  });
  keep(`${query}|baseline`, pack("baseline"));
  for (const { plan, place } of group) keep(`${query}|${content(plan)}`, pack(`plan_${LETTERS[place].toLowerCase()}`));
}

function showInstant(since) {
  const kind = kindWanted();
  const base = found(null, kind);
  const plans = state.plans.map((plan, place) => ({ ...found(plan, kind), plan, place }));
  const refused = plans.filter((one) => one.refused || one.pending);
  Object.assign(results, {
    source: "instant", loading: false, job: null,
    ready: Boolean(base),
    pending: refused.find((one) => one.pending) ?? null,
    refused: refused.filter((one) => one.refused).map((one) => ({ place: one.place, text: one.refused })),
    draws: base?.draws, range: base?.range ?? false, years: base?.years ?? [], errors: base?.errors ?? null,
    scenarios: base ? [scenario("baseline", null, base), ...plans.filter((one) => one.series).map((one) => scenario(LETTERS[one.place], one.place, one))] : [],
  });
  // What failed for a passing reason is asked again with the next change.
  for (const [key, value] of kept) if (value.passing) kept.delete(key);
  results.since = since;
  emit("results");
}

const scenario = (id, place, data) => ({
  id, place, name: id === "baseline" ? t("baseline") : planLabel(place),
  series: data.series, exact: data.exact, reached: data.reached ?? [], over: data.over ?? null,
});

/** The names depend on the language: give them again. */
export function rename() {
  // a plan may have been taken away whose results are still there
  for (const one of results.scenarios) if (one.place === null || state.plans[one.place]) one.name = one.id === "baseline" ? t("baseline") : planLabel(one.place);
}

const runs = new Map();
/** The rows of a finished run, kept: they never change. */
export async function runRows(id, query = "indicators=all") {
  const key = `${id}?${query}`;
  if (!runs.has(key)) runs.set(key, get(`api/jobs/${id}/rows?${query}`).catch((error) => {
    runs.delete(key);
    throw error;
  }));
  return runs.get(key);
}

async function showRun() {
  const id = state.run;
  try {
    await ensureSession();
    const [job, answer] = await Promise.all([get(`api/jobs/${id}`), runRows(id)]);
    if (state.run !== id) return;
    const series = seriesOf(answer.columns, answer.rows);
    const kind = answer.rows[0]?.[answer.columns.indexOf("interval_kind")];
    const pack = (name) => ({ series: series[name], exact: true });
    Object.assign(results, {
      source: "run", ready: true, loading: false, job, pending: null, refused: [], errors: null,
      draws: job.request.draws, range: kind === "range",
      years: series.baseline?.values().next().value?.years ?? [],
      scenarios: [
        scenario("baseline", null, pack("baseline")),
        ...state.plans.map((_, place) => scenario(LETTERS[place], place, pack(`plan_${LETTERS[place].toLowerCase()}`))).filter((one) => one.series),
      ],
    });
    results.since = performance.now();
    emit("results");
  } catch (error) {
    if (state.run !== id) return;
    state.run = null;
    results.notice = t("run_gone", { why: error.text ?? String(error) });
    want();
  }
}
