// Exact runs: ask an analysis, follow it, cancel, go on, read what it found, take files home.
import { want } from "../answers.js";
import { download, fileOf, fixed, post, probe, reportOf } from "../api.js";
import { h, put, selectField } from "../dom.js";
import { defaultsOf, renderFields } from "../forms.js";
import { duration, plain } from "../format.js";
import { lang, pick, t, tOr } from "../i18n.js";
import { act, jobRequest, jobs, refresh, start } from "../jobs.js";
import { planLabel } from "../names.js";
import { fromServer, LETTERS } from "../plans.js";
import { edit, fixedData, look, state } from "../store.js";

const FILES = ["xlsx", "pptx", "html", "csv", "png", "yaml"];
const COMPARE = "compare";
const asked = { analysis: COMPARE, title: "", plans: "shown", values: {} };
let forms = [];
let parts = {};
let timer = null;

const formOf = (name) => forms.find((form) => form.analysis === name);
const analysisOf = (job) => job.request.analysis ?? COMPARE; // jobs of earlier versions have none
const analysisName = (job) => pick(formOf(analysisOf(job))?.name) || analysisOf(job);
const titleOf = (job) => job.title || analysisName(job);

export async function render(root) {
  const here = {
    estimate: h("p", { class: "note", role: "status" }), error: h("div", { role: "alert" }), about: h("p", { class: "note", id: "about-analysis" }),
    plans: h("div", { class: "controls" }), fields: h("div"), reader: h("section", { class: "reader" }), list: h("div", { class: "jobs" }), cards: new Map(),
  };
  parts = here;
  forms = (await fixed("api/forms")).forms;
  if (parts !== here) return; // another view has been opened meanwhile
  const choose = (name) => {
    asked.analysis = name;
    renderForm();
    estimateSoon();
  };
  put(root, h("h2", {}, t("view_jobs")), h("p", { class: "lead" }, t("jobs_intro")),
    h("section", { class: "job-form" }, h("h3", {}, t("jobs_new")),
      h("form", { novalidate: true, on: { submit: submit } },
        h("div", { class: "controls" },
          selectField(t("job_analysis"), forms.map((form) => [form.analysis, pick(form.name)]), asked.analysis, choose, { "data-role": "analysis", "aria-describedby": "about-analysis" }),
          h("label", { class: "field grow" }, h("span", { class: "field-label" }, t("job_title")), h("input", { type: "text", maxlength: 200, value: asked.title, "data-role": "title", on: { input: (e) => { asked.title = e.target.value; } } }))),
        parts.about, parts.plans, parts.fields,
        h("div", { class: "submit" }, h("button", { type: "submit", class: "primary", "data-action": "start-run" }, t("job_start")), parts.estimate),
        parts.error)),
    parts.reader,
    h("section", {}, h("h3", {}, t("jobs_list")), parts.list));
  renderForm();
  update();
  void refresh();
}

const valuesOf = (form) => (asked.values[form.analysis] ??= defaultsOf(form));

/** The form of the analysis that is chosen. */
function renderForm() {
  const form = formOf(asked.analysis);
  put(parts.about, pick(form.about));
  renderFields(parts.fields, form, valuesOf(form), estimateSoon);
  renderPlans();
}

/** Which plans are asked about: those on the screen, one of them, or those of the analysis. */
function renderPlans() {
  const { plans } = formOf(asked.analysis);
  if (!plans) return void put(parts.plans);
  const label = (_, place) => planLabel(place);
  const shown = state.plans.map(label);
  const pairs = plans.most === 1 ? shown.map((name, place) => [String(place), name]) : [["shown", shown.join(lang() === "ja" ? "、" : ", ")]];
  if (plans.default) pairs.push(["usual", t("job_plans_usual")]);
  if (!pairs.some(([value]) => value === asked.plans)) asked.plans = pairs[0][0];
  put(parts.plans, selectField(t("job_plans"), pairs, asked.plans, (value) => {
    asked.plans = value;
    estimateSoon();
  }, { "data-role": "plans" }));
}

function request() {
  const form = formOf(asked.analysis);
  const places = { shown: state.plans.keys(), usual: null }[asked.plans] ?? [Number(asked.plans)];
  return jobRequest(form.analysis, valuesOf(form), form.plans && asked.plans !== "usual" ? places : null, asked.title);
}

export const leave = () => clearTimeout(timer);

/** The plans or settings have changed. */
export function update() {
  if (!formOf(asked.analysis)) return;
  renderPlans();
  estimateSoon();
  updateJobs();
}

function estimateSoon() {
  clearTimeout(timer);
  timer = setTimeout(estimate, 300);
}

let round = 0;
async function estimate() {
  const mine = ++round;
  put(parts.error);
  try {
    const found = await post("api/reproduce", request());
    if (mine === round) put(parts.estimate, t("job_estimate", { runs: plain(found.runs), time: duration(found.estimate_seconds) }));
  } catch (error) {
    if (mine !== round) return;
    put(parts.estimate);
    showError(error);
  }
}

const showError = (error) => put(parts.error, h("p", { class: "message error" }, error.text ?? String(error)));

async function submit(event) {
  event.preventDefault();
  put(parts.error);
  try {
    await start(request());
  } catch (error) {
    showError(error);
  }
}

/** The list has changed. Cards stay, so that buttons keep the focus. */
export function updateJobs() {
  if (!parts.list) return;
  if (jobs.error) return void put(parts.list, h("p", { class: "message error" }, jobs.error.text ?? String(jobs.error)));
  const list = jobs.list ?? [];
  if (!list.length) {
    parts.cards.clear();
    return void put(parts.list, jobs.list && h("p", { class: "message" }, t("jobs_none")));
  }
  for (const id of parts.cards.keys()) if (!list.some((job) => job.id === id)) parts.cards.delete(id);
  const cards = list.map((job) => {
    const card = parts.cards.get(job.id) ?? { element: h("article", { class: "job", "data-job": job.id }) };
    parts.cards.set(job.id, card);
    const key = JSON.stringify([job.state, job.results, job.error, state.run === job.id]);
    if (card.key !== key) {
      card.key = key;
      build(card, job);
    }
    progress(card, job);
    return card.element;
  });
  if (cards.length !== parts.list.children.length || cards.some((card, place) => parts.list.children[place] !== card)) put(parts.list, cards);
}

function build(card, job) {
  const { request } = job;
  const title = titleOf(job);
  const button = (what, primary = false) => h("button", { type: "button", class: primary ? "primary" : "", "data-action": `job-${what}`, on: { click: () => void carryOut(job, what, card) } }, t(`job_${what}`));
  const active = job.state === "queued" || job.state === "running";
  card.bar = h("progress", { max: 1, value: 0, "aria-label": t("job_progress_of", { title }) });
  card.text = h("span", { class: "note" });
  card.error = h("div", { role: "alert" });
  card.sure = h("div");
  const shown = state.run === job.id;
  card.element.classList.toggle("shown", shown);
  put(card.element,
    h("div", { class: "job-head" }, h("h4", {}, title), card.state = h("span", { class: `chip job-${job.state}`, "data-state": job.state }), shown && h("span", { class: "chip" }, t("job_shown"))),
    h("p", { class: "note" }, analysisName(job), "｜", t("job_made_by", { draws: request.draws ?? request.points ?? 1, scale: request.scale, years: request.years, discount: t(`discount_short_${request.discount}`) }),
      request.by === "ward" && `、${t("job_by_ward")}`, "｜", job.scenarios.filter((one) => one.id !== "baseline").map((one) => `${pick(one.name)}｜`), new Date(job.created).toLocaleString(lang() === "ja" ? "ja-JP" : "en-GB")),
    active && h("div", { class: "job-progress" }, card.bar, card.text),
    job.error && h("p", { class: "message error" }, job.error),
    h("div", { class: "job-actions" },
      job.results && button("read", true),
      onPage(job) && !shown && button("show"),
      active && button("cancel"),
      ["interrupted", "cancelled", "failed"].includes(job.state) && button("resume"),
      !active && button("delete")),
    card.sure,
    job.results && h("p", { class: "downloads" }, h("span", {}, t("job_downloads")), FILES.map((format) => fileLink(job, format, card)), h("span", { class: "note" }, t("file_wait"))),
    card.error);
}

/** The rest of the page shows comparisons of its plans. */
const onPage = (job) => job.results && analysisOf(job) === COMPARE && job.scenarios.length > 0;

/** The report on a job, in a frame: the file that is made for downloads, with nothing left out. */
async function read(job) {
  const title = titleOf(job);
  put(parts.reader, h("p", { class: "note", role: "status" }, t("file_making", { name: t("job_report", { title }) })));
  await probe(job.id);
  const close = h("button", { type: "button", class: "small", "data-action": "close-reader", on: { click: () => put(parts.reader) } }, t("close"));
  const heading = h("h3", { tabindex: "-1" }, t("job_report", { title }));
  put(parts.reader, h("div", { class: "code-head" }, heading, close),
    h("iframe", { src: reportOf(job.id), title: t("job_report", { title }), sandbox: "allow-scripts" }));
  heading.focus();
}

/** A link to a file; a click fetches it, since its making takes time and may fail. */
function fileLink(job, format, card) {
  const name = t(`file_${format}`);
  const get = async (event) => {
    event.preventDefault();
    if (link.getAttribute("aria-busy") === "true") return;
    link.setAttribute("aria-busy", "true");
    put(card.error, h("p", { class: "note" }, t("file_making", { name })));
    try {
      await download(job.id, format);
      put(card.error);
    } catch (error) {
      put(card.error, h("p", { class: "message error" }, error.text ?? String(error)));
    } finally {
      link.removeAttribute("aria-busy");
    }
  };
  const link = h("a", { href: fileOf(job.id, format), download: true, "data-file": format, on: { click: get } }, name);
  return link;
}

function progress(card, job) {
  card.state.textContent = t(`job_state_${job.state}`, { n: job.position });
  card.bar.value = job.runs_total ? job.runs_done / job.runs_total : 0;
  const left = job.seconds_left === null ? "" : `、${t("job_left", { time: duration(job.seconds_left) })}`;
  card.text.textContent = job.state === "running"
    ? `${tOr(`job_phase_${job.phase}`, job.phase)}：${t("job_progress", { done: job.runs_done, total: job.runs_total })}${left}`
    : "";
}

async function carryOut(job, what, card) {
  put(card.error);
  try {
    if (what === "show") return void showRun(job);
    if (what === "read") return void (await read(job));
    if (what === "delete" && !card.sure.childElementCount) return void ask(job, card);
    await act(job.id, what);
  } catch (error) {
    put(card.error, h("p", { class: "message error" }, error.text ?? String(error)));
  }
}

/** Deleting cannot be undone: ask, in the place where the button is. */
function ask(job, card) {
  const no = h("button", { type: "button", on: { click: () => put(card.sure) } }, t("job_delete_no"));
  put(card.sure, h("p", { class: "message warning", role: "alert" }, t("job_delete_sure", { title: titleOf(job) }), " ",
    h("button", { type: "button", class: "danger", "data-action": "delete-sure", on: { click: () => {
      if (state.run === job.id) {
        look({ run: null });
        want();
      }
      void act(job.id, "delete").catch((error) => put(card.error, h("p", { class: "message error" }, error.text ?? String(error))));
    } } }, t("job_delete")), " ", no));
  no.focus();
}

/** Show a run: its plans and settings become those of the page, so that both belong together. */
function showRun(job) {
  const { request } = job;
  const plans = request.scenarios.slice(0, LETTERS.length).map((one, place) => {
    const preset = fixedData.meta?.scenarios.find((known) => known.id === (typeof one === "string" ? one : ""));
    const plan = preset ? fromServer(preset.plan, preset.id) : fromServer(one);
    // The name that an own plan was given for its file is no name of its own.
    if (plan.name?.ja === `案${LETTERS[place]}`) plan.name = null;
    return plan;
  });
  edit((now) => {
    Object.assign(now, { plans, profile: request.profile, discount: request.discount, years: request.years, active: Math.min(now.active, plans.length - 1) });
  });
  look({ run: job.id, view: "indicators", year: null }, true);
  want();
}
