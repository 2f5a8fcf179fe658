// Exact runs: the request for the present plans, the list on the server, and its progress.
import { ensureSession, get, post, remove } from "./api.js";
import { announce } from "./dom.js";
import { t } from "./i18n.js";
import { planNames, profileId } from "./names.js";
import { LETTERS, toServer } from "./plans.js";
import { emit, fixedData, state } from "./store.js";

const POLL = 700; // ms between two looks at a run that is under way
export const jobs = { list: null, error: null };
let timer = null;

const running = (job) => job.state === "queued" || job.state === "running";

/** A question about the plans at these places (null: about those of the analysis itself). */
export function jobRequest(analysis, values, places = state.plans.keys(), title = "") {
  const plan = (place) => toServer(state.plans[place], LETTERS[place], planNames(state.plans[place], place));
  const scenarios = places === null ? null : [...places].map(plan);
  return { analysis, scenarios, ...values, years: state.years, profile: profileId(), discount: state.discount, title };
}

/** A comparison of the present plans as the instant answers are: with the server's defaults. */
export function defaultRequest() {
  const { draws, replicates, scale, seed } = fixedData.meta.defaults_of_jobs;
  return jobRequest("compare", { draws, replicates, scale, seed });
}

/** Look at the list, and go on looking while anything runs. */
export async function refresh() {
  clearTimeout(timer);
  try {
    await ensureSession();
    const before = jobs.list;
    jobs.list = (await get("api/jobs")).jobs;
    jobs.error = null;
    for (const job of jobs.list) {
      const old = before?.find((one) => one.id === job.id);
      if (old && running(old) && job.state === "finished") announce(t("job_finished", { title: job.title || t("job_untitled") }));
    }
  } catch (error) {
    jobs.error = error;
  }
  emit("jobs");
  if (jobs.list?.some(running)) timer = setTimeout(refresh, POLL);
}

export async function start(request) {
  await ensureSession();
  await post("api/jobs", request);
  announce(t("job_started"));
  await refresh();
}

export async function act(id, what) {
  if (what === "delete") await remove(`api/jobs/${id}`);
  else await post(`api/jobs/${id}/${what}`, {});
  await refresh();
}
