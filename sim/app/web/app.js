// The page: what it starts with, and which part follows which change.
import { profileIn } from "./address.js";
import { begin as firstAnswer, rename, want } from "./answers.js";
import { get } from "./api.js";
import { announce, h, put } from "./dom.js";
import { specsOf } from "./figures.js";
import { setLang, t } from "./i18n.js";
import { profileId } from "./names.js";
import { renderPanel, updateBudget, updatePanel } from "./panel.js";
import { refresh } from "./jobs.js";
import { learn } from "./plans.js";
import { results } from "./results.js";
import { markTab, preparePrint, renderBar, renderFrame, renderTabs } from "./shell.js";
import { begin, fixedData, follow, state, subscribe } from "./store.js";
import * as assumptions from "./views/assumptions.js";
import * as compare from "./views/compare.js";
import * as contribution from "./views/contribution.js";
import * as cost from "./views/cost.js";
import * as indicators from "./views/indicators.js";
import * as jobsView from "./views/jobs.js";
import * as logic from "./views/logic.js";
import * as reproduce from "./views/reproduce.js";
import * as tornado from "./views/tornado.js";
import * as wards from "./views/wards.js";

const views = { indicators, compare, wards, contribution, tornado, cost, logic, assumptions, reproduce, jobs: jobsView };
// These show the plan or its settings rather than results.
const FOLLOW_PLAN = new Set(["contribution", "tornado", "logic", "reproduce", "jobs", "assumptions"]);
let shown = null;
let metaProfile = null;

const view = () => document.getElementById("view");

/** Errors of a view stand in its place; the rest of the page goes on. */
async function safely(run) {
  try {
    await run();
  } catch (error) {
    console.error(error);
    put(view(), h("p", { class: "message error" }, error.text ?? String(error)));
  }
}

function renderView() {
  if (shown) views[shown].leave();
  shown = state.view;
  markTab();
  view().dataset.view = shown;
  void safely(() => views[shown].render(view()));
}

const updateView = () => safely(() => views[shown].update());

function renderAll() {
  renderFrame();
  renderPanel();
  renderTabs();
  renderBar();
  renderView();
}

function take(meta) {
  fixedData.meta = meta;
  learn(meta);
}

async function loadMeta() {
  const profile = profileId();
  if (metaProfile === profile) return;
  metaProfile = profile;
  try {
    take(await get(state.profile ? `api/meta?profile=${profile}` : "api/meta"));
    rename();
    renderFrame();
    renderPanel();
    renderBar();
    if (shown) await safely(() => views[shown].render(view()));
  } catch (error) {
    metaProfile = null;
    put(document.getElementById("bar"), h("p", { class: "message error" }, t("error_start"), " ", error.text ?? String(error), " ",
      h("button", { type: "button", class: "small", on: { click: () => { void loadMeta(); want(); } } }, t("retry"))));
  }
}

async function resultsCame() {
  const { since } = results;
  rename();
  renderBar();
  updateBudget();
  await updateView();
  if (shown !== "indicators" || !results.ready) return;
  // For tests/benchmarks/page.py: what the reader sees is drawn with the next frame.
  requestAnimationFrame(() => performance.measure("kyodo:redraw", { start: since, end: performance.now() }));
}

subscribe((what) => {
  if (what === "results") return void resultsCame();
  if (what === "left") return void announce(t("run_left"));
  if (what === "jobs") return void (shown === "jobs" && jobsView.updateJobs());
  if (what === "lang") {
    setLang(state.lang);
    rename();
    renderAll();
    return;
  }
  if (what === "content") {
    results.notice = null;
    void loadMeta();
    rename();
    updatePanel();
    renderBar();
    if (shown !== state.view) renderView();
    else if (FOLLOW_PLAN.has(shown)) void updateView();
    return;
  }
  updatePanel();
  renderBar();
  if (shown !== state.view) renderView();
  else void updateView();
});

window.addEventListener("beforeprint", preparePrint);
window.addEventListener("hashchange", () => {
  follow();
  want();
});

/** The page needs the fixed data first: which initiatives, years and scenarios there are. */
async function start() {
  void specsOf("trajectory_small").catch(() => {});
  const profile = profileIn(location.hash);
  try {
    // A profile that this server does not have is refused with its reason by the first answer.
    take(await get(profile ? `api/meta?profile=${profile}` : "api/meta").catch((error) => (error.status === 422 ? get("api/meta") : Promise.reject(error))));
  } catch (error) {
    return void put(document.getElementById("results"), h("p", { class: "message error" }, t("error_start"), " ", error.text ?? String(error), " ",
      h("button", { type: "button", class: "small", on: { click: () => void start() } }, t("retry"))));
  }
  begin();
  metaProfile = profileId();
  firstAnswer();
  renderAll();
  if (state.run) void refresh();
}
void start();
// Instant answers that are still being prepared: look again.
setInterval(() => results.pending?.pending === "preparing" && want(), 3000);
