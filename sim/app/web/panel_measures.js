// The three measures with their initiatives: switches, strengths, start years, and what they rest on.
import { activePlan, change } from "./active.js";
import { h, options, put } from "./dom.js";
import { chance, plain } from "./format.js";
import { lang, pick, t } from "./i18n.js";
import { initiative, initiativeName, measureName, statusName } from "./names.js";
import { firstYear, idsOf, measureIds, measureState, pageYears, setPart } from "./plans.js";
import { provenance } from "./provenance.js";
import { state } from "./store.js";

const rows = new Map();
const groups = new Map();
const opened = new Set(); // all closed at first: the three measures are seen at one glance

const years = () => Array.from({ length: pageYears() }, (_, n) => firstYear() + n);

/** The section of a measure. */
export function measureSection(measure) {
  const name = h("span", { class: "measure-name" }, measureName(measure));
  const toggle = h("input", {
    type: "checkbox", role: "switch", "data-measure": measure, "aria-label": t("measure_switch", { n: measure }),
    on: { change: (e) => change((plan) => idsOf(measure).forEach((id) => setPart(plan, id, { on: e.target.checked }))) },
  });
  const count = h("span", { class: "count" });
  const start = h("select", {
    "aria-label": t("measure_start", { n: measure }), "data-measure-start": measure,
    on: { change: (e) => e.target.value && change((plan) => idsOf(measure).forEach((id) => setPart(plan, id, { start: Number(e.target.value) }))) },
  });
  const output = h("output", { for: `strength-measure-${measure}` });
  const slider = h("input", {
    type: "range", min: 0, max: 100, step: 5, id: `strength-measure-${measure}`, "aria-label": t("measure_strength", { n: measure }), "data-measure-strength": measure,
    on: {
      input: (e) => setStrength(measure, Number(e.target.value), false),
      change: (e) => setStrength(measure, Number(e.target.value), true),
    },
  });
  const body = h("div", { class: "initiatives", id: `measure-${measure}` }, idsOf(measure).map((id) => initiativeRow(id)));
  const expander = h("button", {
    type: "button", class: "expander", "aria-controls": body.id, "aria-label": t("expand", { n: measure }), "data-expand": measure,
    on: { click: () => {
      if (opened.has(measure)) opened.delete(measure);
      else opened.add(measure);
      showOpened(measure);
    } },
  }, t("expand_short"));
  groups.set(measure, { toggle, count, start, slider, output, body, expander });
  showOpened(measure);
  return h("section", { class: `measure measure-${measure}`, "aria-label": t("measure_on", { n: measure }) },
    h("div", { class: "measure-head" },
      h("label", { class: "switch" }, toggle, h("span", { class: "track", "aria-hidden": "true" })),
      h("h3", {}, h("span", { class: "number" }, t("measure_on", { n: measure })), name),
      h("div", { class: "measure-tools" }, count, start, expander),
      h("div", { class: "measure-strength" }, h("span", { class: "note", "aria-hidden": "true" }, t("strength")), slider, output),
    ), body);
}

/** Set all initiatives of a measure to one strength; where none is carried out, switch them on. */
function setStrength(measure, strength, rest) {
  change((plan) => {
    const none = idsOf(measure).every((id) => !plan.parts[id].on);
    for (const id of idsOf(measure)) setPart(plan, id, none ? { strength, on: true } : { strength });
  }, rest);
}

function showOpened(measure) {
  const { body, expander } = groups.get(measure);
  const shown = opened.has(measure);
  body.hidden = !shown;
  expander.setAttribute("aria-expanded", String(shown));
}

function initiativeRow(id) {
  const name = `${id} ${initiativeName(id)}`;
  const toggle = h("input", {
    type: "checkbox", role: "switch", id: `on-${id}`, "data-initiative": id,
    on: { change: (e) => change((plan) => setPart(plan, id, { on: e.target.checked })) },
  });
  const output = h("output", { for: `strength-${id}` });
  const slider = h("input", {
    type: "range", min: 0, max: 100, step: 5, id: `strength-${id}`, "aria-label": t("strength_of", { name }), "data-strength": id,
    on: {
      // While the thumb moves the answer follows; undo returns to where the drag began.
      input: (e) => change((plan) => setPart(plan, id, { strength: Number(e.target.value), on: true }), false),
      change: (e) => change((plan) => setPart(plan, id, { strength: Number(e.target.value) })),
    },
  });
  const start = h("select", {
    "aria-label": t("start_of", { name }), "data-start": id,
    on: { change: (e) => change((plan) => setPart(plan, id, { start: Number(e.target.value) })) },
  });
  const about = h("div", { class: "basis", id: `basis-${id}`, hidden: true });
  const button = h("button", {
    type: "button", class: "small quiet", "aria-expanded": "false", "aria-controls": about.id, "aria-label": t("about_of", { name }), "data-basis": id,
    on: { click: () => {
      about.hidden = !about.hidden;
      button.setAttribute("aria-expanded", String(!about.hidden));
      if (!about.hidden) put(about, basis(id));
    } },
  }, t("about"));
  const row = h("div", { class: "initiative" },
    h("div", { class: "initiative-head" },
      h("label", { class: "switch" }, toggle, h("span", { class: "track", "aria-hidden": "true" }), h("span", { class: "initiative-name" }, name)),
      button),
    h("div", { class: "initiative-tools" }, slider, output, start),
    about);
  rows.set(id, { row, toggle, slider, output, start, about });
  return row;
}

/** What an initiative rests on: the document's claims, the discount, the assumed costs. */
function basis(id) {
  const one = initiative(id);
  if (!one) return null;
  const claims = one.claims.filter(Boolean).map((claim) => h("li", {},
    h("span", { class: "claim" }, claimName(claim), h("strong", {}, pick(claim.printed_text) || plain(claim.value)), " "),
    h("span", { class: "note" }, [claim.source?.line && t("claim_line_only", { line: claim.source.line }), statusName(claim.status)].filter(Boolean).join("・"), " "),
    provenance(claim.id)));
  const factor = one.discount_factor[state.discount];
  const figures = [["ramp", one.ramp_months, (p) => t("months", { n: plain(p.value ?? p) })], ["unit_cost", one.unit_cost, money], ["fixed_cost", one.fixed_cost, money]];
  return [
    h("h4", {}, t("claims")),
    claims.length ? h("ul", {}, claims) : h("p", {}, t("no_claim")),
    h("dl", { class: "pairs" },
      h("dt", {}, t("discount_factor")), h("dd", {}, h("strong", {}, plain(factor)), " ", h("span", { class: "note" }, t("discount_factor_long", { percent: chance(factor) }))),
      figures.filter(([, p]) => p !== null && p !== undefined).map(([key, p, text]) => [h("dt", {}, t(key)), h("dd", {}, text(p), " ", p.id && provenance(p.id))])),
  ];
}

/** What a claim is of: the register's English, with its terms in Japanese before it. */
const claimName = (claim) => (lang() === "ja" && claim.terms.length
  ? [claim.terms.join("・"), "（", h("span", { lang: "en" }, claim.quantity), "）："]
  : [h("span", { lang: "en" }, claim.quantity), lang() === "ja" ? "：" : ": "]);

const money = (p) => `${plain(p.value)}${lang() === "ja" ? "" : " "}${pick(p.unit_text)}`;

/** Bring the controls in line with the active plan. */
export function updateMeasures() {
  const plan = activePlan();
  for (const measure of measureIds()) {
    const now = measureState(plan, measure);
    const { toggle, count, start, slider, output } = groups.get(measure);
    const strength = now.strength ?? now.mean;
    if (Number(slider.value) !== strength) slider.value = String(strength);
    slider.style.setProperty("--fill", `${strength}%`);
    output.textContent = now.strength === null ? t("mixed") : `${strength}%`;
    slider.setAttribute("aria-valuetext", now.strength === null ? t("mixed") : t("strength_text", { n: strength }));
    toggle.checked = now.on === now.of;
    toggle.indeterminate = now.on > 0 && now.on < now.of;
    count.textContent = t("measure_count", now);
    setYears(start, now.start, now.start === null ? [["", t("mixed")]] : []);
  }
  for (const [id, { row, toggle, slider, output, start, about }] of rows) {
    const part = plan.parts[id];
    row.classList.toggle("off", !part.on);
    toggle.checked = part.on;
    if (Number(slider.value) !== part.strength) slider.value = String(part.strength);
    slider.style.setProperty("--fill", `${part.strength}%`);
    slider.setAttribute("aria-valuetext", t("strength_text", { n: part.strength }));
    output.textContent = `${part.strength}%`;
    setYears(start, part.start);
    if (!about.hidden && about.dataset.mode !== state.discount) put(about, basis(id));
    about.dataset.mode = state.discount;
  }
}

function setYears(select, chosen, before = []) {
  const list = years();
  if (chosen !== null && !list.includes(chosen)) list.push(chosen);
  const key = JSON.stringify([list, before]);
  if (select.dataset.list !== key) {
    select.dataset.list = key;
    put(select, options([...before, ...list.map((year) => [year, t("start_year", { year })])], chosen));
  }
  select.value = chosen === null ? "" : String(chosen);
}
