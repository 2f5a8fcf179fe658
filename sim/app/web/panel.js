// The plan at the left: which plan, its measures, their order, the settings. Built once a language;
// afterwards only values change, so that a slider is never taken from under the reader's hand.
import { activePlan, change } from "./active.js";
import { want } from "./answers.js";
import { h, put, selectField } from "./dom.js";
import { fiscal } from "./format.js";
import { lang, pick, t } from "./i18n.js";
import { discountName, placeName, planLabel, planName, profileId } from "./names.js";
import { renderFiles, updateFiles } from "./panel_files.js";
import { measureSection, updateMeasures } from "./panel_measures.js";
import { bundled, copyPlan, firstYear, fromServer, LETTERS, measureIds, pageYears, order, setOrder } from "./plans.js";
import { changed, edit, fixedData, look, state } from "./store.js";
import { budgetLines } from "./budget.js";

const circled = (measure) => String.fromCodePoint("①".codePointAt(0) + Number(measure) - 1);

/** All orders of the measures. */
const orders = (list) => (list.length < 2 ? [list] : list.flatMap((one) => orders(list.filter((other) => other !== one)).map((rest) => [one, ...rest])));
const sequencesOfAll = () => orders(measureIds());
const parts = {};
let open = window.matchMedia("(min-width: 62rem)").matches;

/** Build the panel. */
export function renderPanel() {
  const section = document.getElementById("plan");
  parts.tabs = h("div", { class: "plan-tabs", role: "group", "aria-label": t("plans") });
  parts.preset = h("div", { class: "preset" });
  parts.extras = h("div", { class: "extras" });
  parts.measures = h("div", { class: "measures" }, measureIds().map((id) => measureSection(id)));
  parts.order = h("div", { class: "order" });
  parts.settings = h("div", { class: "settings-body" });
  parts.budget = h("div", { class: "budget-lines", role: "status" });
  parts.toggle = h("button", {
    type: "button", class: "panel-toggle", "aria-controls": "plan-body",
    on: { click: () => { open = !open; showOpen(); } },
  });
  parts.body = h("div", { id: "plan-body" },
    parts.tabs, parts.preset, parts.extras, parts.measures, parts.order,
    h("fieldset", { class: "settings" }, h("legend", {}, t("settings")), parts.settings, parts.budget),
    renderFiles(),
  );
  put(section, h("h2", { class: "visually-hidden" }, t("plan_panel")), parts.toggle, parts.body);
  showOpen();
  renderSettings();
  updatePanel();
}

function showOpen() {
  parts.toggle.setAttribute("aria-expanded", String(open));
  put(parts.toggle, h("strong", {}, open ? t("hide_plan") : t("show_plan")), " ", h("span", {}, planLabel(state.active)));
  document.getElementById("plan").classList.toggle("open", open);
}

/** Bring all controls in line with the state. */
export function updatePanel() {
  renderPlanTabs();
  renderPreset();
  renderExtras();
  updateMeasures();
  renderOrder();
  updateSettings();
  updateFiles();
  showOpen();
}

function renderPlanTabs() {
  const focused = document.activeElement?.dataset?.plan;
  const tabs = state.plans.map((plan, place) => h("button", {
    type: "button", class: `plan-tab plan-${LETTERS[place]}`, "data-plan": LETTERS[place],
    "aria-pressed": String(place === state.active), title: planLabel(place),
    on: { click: () => { look({ active: place }); updatePanel(); } },
  }, h("span", { class: "letter" }, LETTERS[place]), h("span", { class: "plan-name" }, planName(plan))));
  const room = state.plans.length < LETTERS.length;
  put(parts.tabs, tabs,
    room && h("button", { type: "button", class: "quiet add", "data-action": "add-plan", "aria-label": t("add_plan"), title: t("add_plan"), on: { click: addPlan } }, "＋"),
    state.plans.length > 1 && h("button", { type: "button", class: "quiet add", "data-action": "remove-plan", "aria-label": t("remove_plan", { letter: LETTERS[state.active] }), title: t("remove_plan", { letter: LETTERS[state.active] }), on: { click: removePlan } }, "−"),
  );
  if (focused) parts.tabs.querySelector(`[data-plan="${focused}"]`)?.focus();
}

function addPlan() {
  edit((now) => {
    const letter = LETTERS[now.active];
    now.plans.push({ ...copyPlan(now.plans[now.active]), name: { ja: `案${letter}の写し`, en: `Copy of plan ${letter}` } });
    now.active = now.plans.length - 1;
  });
  want();
}

function removePlan() {
  edit((now) => {
    now.plans.splice(now.active, 1);
    now.active = Math.min(now.active, now.plans.length - 1);
  });
  want();
}

function renderPreset() {
  const plan = activePlan();
  const own = !plan.preset || changed(plan, fromServer) || plan.name;
  const list = (fixedData.meta?.scenarios ?? []).map((one) => [one.id, pick(one.name)]);
  const chosen = own ? "" : plan.preset;
  if (parts.preset.dataset.shown === `${chosen}|${list.length}|${planName(plan)}|${lang()}`) return;
  parts.preset.dataset.shown = `${chosen}|${list.length}|${planName(plan)}|${lang()}`;
  const pairs = own ? [["", planName(plan)], ...list] : list;
  const focused = parts.preset.contains(document.activeElement);
  put(parts.preset, selectField(t("preset"), pairs, chosen, (id) => {
    const preset = fixedData.meta.scenarios.find((one) => one.id === id);
    if (!preset) return;
    edit((now) => { now.plans[now.active] = fromServer(preset.plan, id); });
    want();
  }, { "data-role": "preset" }));
  if (focused) parts.preset.querySelector("select").focus();
}

function renderExtras() {
  const { extras } = activePlan();
  if (!extras) return void put(parts.extras);
  put(parts.extras, h("p", { class: "message" },
    t("extras_text", { what: Object.keys(extras).map((key) => t(`extras_${key}`)).join(lang() === "ja" ? "、" : ", ") }), " ",
    h("button", { type: "button", class: "small", on: { click: () => change((plan) => { plan.extras = null; }) } }, t("extras_drop"))));
}

/** Years in which staged measures begin: those of the bundled scenario "staged". */
function stagedYears() {
  const staged = bundled("staged");
  return staged ? order(staged).map(([year]) => year) : [firstYear()];
}

function renderOrder() {
  const plan = activePlan();
  const years = stagedYears();
  const text = order(plan).map(([year, measures]) => `${measures.map(circled).join("")} ${fiscal(year)}`).join(" → ");
  const chosen = orderId(plan, years);
  const sequences = sequencesOfAll().map((sequence) => [sequence.join(""), t("order_staged", { sequence: sequence.map(circled).join("→"), years: years.join(lang() === "ja" ? "・" : ", ") })]);
  const pairs = [...(chosen === "" ? [["", t("order_own")]] : []), ["same", t("order_same")], ...sequences];
  const key = JSON.stringify([pairs, chosen, text]);
  if (parts.order.dataset.shown === key) return;
  parts.order.dataset.shown = key;
  const focused = parts.order.contains(document.activeElement);
  put(parts.order,
    selectField(t("order"), pairs, chosen, (value) => {
      if (!value) return;
      change((now) => setOrder(now, value === "same" ? measureIds() : value.split(""), value === "same" ? [firstYear()] : years));
    }, { "data-role": "order" }),
    h("p", { class: "note" }, text ? t("order_now", { order: text }) : t("order_none")),
  );
  if (focused) parts.order.querySelector("select").focus();
}

function orderId(plan, years) {
  for (const sequence of [null, ...sequencesOfAll()]) {
    const other = copyPlan(plan);
    setOrder(other, sequence ?? measureIds(), sequence ? years : [firstYear()]);
    const same = Object.entries(other.parts).every(([id, part]) => part.start === plan.parts[id].start);
    if (same) return sequence ? sequence.join("") : "same";
  }
  return "";
}

function setting(key, read = (value) => value) {
  return (value) => {
    edit((now) => { now[key] = read(value); });
    want();
  };
}

function renderSettings() {
  const meta = fixedData.meta;
  const profiles = meta.profiles.map((one) => [one.id, pick(one.name)]);
  const discounts = meta.discounts.map((one) => [one.id, discountName(one.id)]);
  const years = Array.from({ length: pageYears() }, (_, n) => [n + 1, t("horizon_years", { n: n + 1, last: firstYear() + n })]);
  put(parts.settings,
    selectField(t("profile"), profiles, profileId(), setting("profile"), { "data-role": "profile" }),
    selectField(t("discount"), discounts, state.discount, setting("discount"), { "data-role": "discount" }),
    h("p", { class: "message warning", "data-role": "discount-note" }, t("discount_warning")),
    h("p", { class: "message", "data-role": "check-note" }, t("discount_none_note")),
    selectField(t("horizon"), years, state.years, setting("years", Number), { "data-role": "years" }),
    h("label", { class: "field" }, h("span", { class: "field-label" }, t("budget", { place: placeName() })),
      h("input", { type: "number", min: 0, step: "any", inputmode: "decimal", "data-role": "budget", "aria-describedby": "budget-note", on: { input: budgetChanged } })),
    h("p", { class: "error", id: "budget-error", hidden: true }, t("budget_bad")),
    h("p", { class: "note", id: "budget-note" }, t("budget_note")),
  );
}

let resting;
function budgetChanged(event) {
  const text = event.target.value.trim();
  const value = text === "" ? null : Number(text);
  const bad = !event.target.validity.valid || (value !== null && !(value >= 0));
  document.getElementById("budget-error").hidden = !bad;
  event.target.setAttribute("aria-invalid", String(bad));
  if (bad) return;
  clearTimeout(resting);
  resting = setTimeout(() => setting("budget")(value), 250); // while the number is being typed
}

function updateSettings() {
  const find = (role) => parts.settings.querySelector(`[data-role="${role}"]`);
  find("profile").value = profileId();
  find("discount").value = state.discount;
  find("discount-note").hidden = state.discount !== "as_claimed";
  find("check-note").hidden = state.discount !== "none";
  find("years").value = String(state.years);
  const budget = find("budget");
  if (document.activeElement !== budget) budget.value = state.budget === null ? "" : String(state.budget);
  updateBudget();
}

/** What the results say about the budget. */
export function updateBudget() {
  if (parts.budget) put(parts.budget, budgetLines());
}
