// The frame of the page: head, tabs of the views, bar with what is shown, foot, dialog.
import { VIEWS } from "./address.js";
import { want } from "./answers.js";
import { h, put, selectField } from "./dom.js";
import { fiscal } from "./format.js";
import { lang, pick, t } from "./i18n.js";
import { discountName, placeName, planLabel, profileName } from "./names.js";
import { LETTERS } from "./plans.js";
import { results, shownYear } from "./results.js";
import { fixedData, look, state } from "./store.js";

const byId = (id) => document.getElementById(id);

/** Head and foot, in the page's language. */
export function renderFrame() {
  document.title = `${t("title")} – Kyodo`;
  byId("skip").textContent = t("skip");
  byId("skip").onclick = (event) => {
    event.preventDefault(); // the part behind "#" of the address is the state of the page
    byId("results").focus();
  };
  const other = lang() === "ja" ? "en" : "ja";
  put(byId("head"),
    h("div", { class: "brand" },
      h("h1", {}, t("title")),
      h("p", { class: "subtitle" }, t("subtitle", { place: placeName() })),
    ),
    h("p", { class: "honesty", role: "note" }, t("honesty")),
    h("div", { class: "head-actions" },
      h("button", { type: "button", class: "quiet", "data-action": "help", on: { click: showHelp } }, t("help")),
      h("button", { type: "button", class: "quiet", lang: other, "data-action": "language", on: { click: () => look({ lang: other }) } }, t("language")),
    ),
  );
  byId("plan").setAttribute("aria-label", t("plan_panel"));
  byId("results").setAttribute("aria-label", t("results"));
  renderFoot();
}

function renderFoot() {
  const meta = fixedData.meta;
  if (!meta) return;
  put(byId("foot"),
    h("details", {}, h("summary", {}, t("footer_limits")),
      h("ul", {}, pick(meta.limits).map((text) => h("li", {}, text)))),
    h("div", {}, h("p", {}, h("strong", {}, t("footer_credits")), " ", meta.credits.join(" ／ ")),
      h("p", {}, "Kyodo ", t("version", { version: meta.version }))),
  );
}

/** The tabs of the views, and an empty panel for the one that is shown. */
export function renderTabs() {
  const tabs = VIEWS.map((id) => h("button", {
    type: "button", role: "tab", id: `tab-${id}`, "data-view": id, "aria-controls": "view",
    on: { click: () => look({ view: id, focus: null }, true), keydown: moveTab },
  }, t(`view_${id}`)));
  put(byId("results"),
    h("div", { id: "bar" }),
    h("div", { role: "tablist", class: "tabs", "aria-label": t("views") }, tabs),
    h("div", { id: "view", role: "tabpanel", tabindex: "0" }),
  );
  markTab();
}

/** Mark the tab of the view that is shown. */
export function markTab() {
  for (const tab of document.querySelectorAll('[role="tab"][data-view]')) {
    const chosen = tab.dataset.view === state.view;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  byId("view")?.setAttribute("aria-labelledby", `tab-${state.view}`);
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const end = { Home: 0, End: VIEWS.length - 1 }[event.key];
  if (step === undefined && end === undefined) return;
  event.preventDefault();
  const here = VIEWS.indexOf(event.target.dataset.view);
  const next = VIEWS[end ?? (here + step + VIEWS.length) % VIEWS.length];
  look({ view: next, focus: null });
  byId(`tab-${next}`).focus();
}

/** What is shown: settings, source of the results, year; and what went wrong. */
export function renderBar() {
  const bar = byId("bar");
  if (!bar) return;
  const settings = t("conditions", { profile: profileName(), discount: t(`discount_short_${state.discount}`), years: state.years });
  const years = results.years.map((year) => [year, fiscal(year)]);
  // While a slider moves nothing here changes: leave it, or screen readers would speak again.
  const key = JSON.stringify([settings, years, shownYear(), results.source, results.job?.id, results.notice, results.loading, results.pending, results.refused, results.scenarios.map((one) => one.exact), lang()]);
  if (bar.dataset.shown === key) return;
  bar.dataset.shown = key;
  // The select is kept while it has the focus, or the keyboard would lose its place.
  const active = document.activeElement?.dataset?.role === "year";
  put(bar,
    h("div", { class: "bar-line" },
      sourceNote(),
      h("span", { class: state.discount === "as_claimed" ? "conditions extreme" : "conditions", title: discountName() }, settings),
      years.length > 0 && selectField(t("show_year"), years, shownYear(), (value) => look({ year: Number(value) }), { "data-role": "year" }),
    ),
    h("div", { class: "messages", role: "status" }, messages()),
  );
  if (active) bar.querySelector('[data-role="year"]')?.focus();
}

function sourceNote() {
  if (results.source === "run") {
    const { job } = results;
    const title = job.title || t("job_untitled");
    return h("span", { class: "origin exact" },
      h("span", { class: "badge badge-exact" }, t("source_run")),
      h("span", {}, t("source_run_long", { title, draws: job.request.draws, scale: job.request.scale })),
      h("button", { type: "button", class: "small", "data-action": "instant", on: { click: () => { look({ run: null }); want(); } } }, t("back_to_instant")),
    );
  }
  const own = results.scenarios.filter((one) => one.place !== null);
  const exact = own.length > 0 && own.every((one) => one.exact);
  return h("span", { class: "origin", title: pick(results.errors?.text) },
    h("span", { class: "badge badge-instant" }, t("source_instant")),
    h("span", { class: results.refused?.length ? "origin-partly" : "origin-text" }, results.refused?.length && own.length ? partly(own) : exact ? t("source_exact_plan") : t("source_instant_long")),
  );
}

/** Not every plan has an answer: say whose numbers these are. */
const partly = (own) => {
  const names = (places) => places.map((place) => t("plan_letter", { letter: LETTERS[place] })).join(lang() === "ja" ? "・" : ", ");
  return t("source_partly", { letters: names(own.map((one) => one.place)), without: names(results.refused.map((one) => one.place)) });
};

const exactButton = () => h("button", { type: "button", class: "small", on: { click: () => look({ view: "jobs" }, true) } }, t("offer_exact"));

function messages() {
  const out = [];
  if (results.notice) out.push(h("p", { class: "message" }, results.notice));
  if (results.loading) out.push(h("p", { class: "message" }, t("loading")));
  if (results.pending) {
    out.push(h("p", { class: "message" }, pick(results.pending.text) || t(`pending_${results.pending.pending}`), " ", exactButton()));
  }
  for (const { place, text } of results.refused ?? []) {
    out.push(h("p", { class: "message warning" }, h("strong", {}, t("refused", { letter: LETTERS[place] })), " ", text, " ", exactButton()));
  }
  return out;
}

/** On paper: what the plans are, and the limits, which are folded on the screen. */
export function preparePrint() {
  const place = byId("print-plans") ?? h("div", { id: "print-plans", class: "print-only" });
  put(place, state.plans.map((plan, n) => h("p", {}, h("strong", {}, planLabel(n)), " — ",
    Object.entries(plan.parts).filter(([, part]) => part.on).map(([id, part]) => `${id} ${part.strength}% ${fiscal(part.start)}`).join(lang() === "ja" ? "、" : ", ") || t("order_none"))));
  byId("bar")?.after(place);
  for (const details of document.querySelectorAll("#foot details")) details.open = true;
}

let returnTo = null;
/** Open the dialog with a title and content. `closed` is called when it goes. */
export function openDialog(title, content, closed = () => {}) {
  const dialog = byId("dialog");
  if (!dialog.open) returnTo = document.activeElement;
  put(dialog,
    h("div", { class: "dialog-head" },
      h("h2", { id: "dialog-title", tabindex: "-1" }, title),
      h("button", { type: "button", class: "quiet", "data-action": "close", on: { click: () => dialog.close() } }, t("close")),
    ),
    h("div", { class: "dialog-body", tabindex: "0", role: "region", "aria-labelledby": "dialog-title" }, content),
  );
  dialog.onclose = () => {
    closed();
    put(dialog);
    if (returnTo?.isConnected) returnTo.focus();
  };
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close(); // a click beside it
  };
  if (!dialog.open) dialog.showModal();
}

export const closeDialog = () => byId("dialog").open && byId("dialog").close();

function showHelp() {
  const part = (key) => [h("h3", {}, t(`help_${key}`)), h("p", {}, t(`help_${key}_text`))];
  openDialog(t("help_title"), [
    part("what"), part("not"),
    h("h3", {}, t("help_steps")),
    h("ol", {}, [1, 2, 3, 4].map((n) => h("li", {}, t(`help_step${n}`)))),
    part("read"), part("keys"),
  ]);
}
