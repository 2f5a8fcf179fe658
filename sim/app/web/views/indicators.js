// The 24 indicators as small multiples, outcomes and deliveries apart.
import { h, put } from "../dom.js";
import { chanceError, chanceRange, errorText, mark } from "../errors.js";
import { Figure, slotOf, unwatch, watch } from "../figures.js";
import { chance, difference, fiscal, number } from "../format.js";
import { t } from "../i18n.js";
import { indicatorName } from "../names.js";
import { LETTERS } from "../plans.js";
import { swatch } from "../charts.js";
import { results, shownYear } from "../results.js";
import { inYear, trajectory } from "../series.js";
import { fixedData, look, state } from "../store.js";
import { openDetail, updateDetail } from "./detail.js";

const KINDS = ["outcome", "delivery"];
let cards = [];
let parts = {};
let round = 0;

/** The scenario that the cards put in front: the active plan, if it has an answer. */
const front = () => results.scenarios.find((one) => one.place === state.active) ?? results.scenarios.find((one) => one.place !== null);

export function render(root) {
  leave();
  parts = { legend: h("div", { class: "legend", role: "group", "aria-label": t("legend") }), other: h("div"), grids: {}, reached: {} };
  put(root, parts.legend, parts.other, KINDS.map((kind) => {
    parts.grids[kind] = h("div", { class: "cards" });
    parts.reached[kind] = h("p", { class: "reached" });
    return h("section", { class: `kind kind-${kind}` },
      h("div", { class: "kind-head" }, h("h2", {}, t(`${kind}_title`))),
      h("p", { class: "note" }, t(`${kind}_note`)), parts.grids[kind], parts.reached[kind]);
  }), h("p", { class: "note" }, t("never_added")));
  update();
}

export function leave() {
  for (const card of cards) {
    unwatch(card.element);
    card.figure.remove();
  }
  cards = [];
}

/** Build the cards as soon as there are results: their order does not need the fixed data. */
function build() {
  const base = results.scenarios[0];
  const known = fixedData.meta?.indicators;
  const ids = known ? known.filter((one) => one.level !== "auxiliary").map((one) => one.id) : [...base.series.keys()].slice(0, 24);
  if (cards.length === ids.length && parts.known === Boolean(known)) return;
  leave();
  parts.known = Boolean(known);
  const kindOf = new Map((known ?? []).map((one) => [one.id, one.kind]));
  for (const kind of KINDS) put(parts.grids[kind]);
  for (const id of ids) {
    const kind = kindOf.get(id) ?? "outcome";
    cards.push(makeCard(id, parts.grids[kind]));
  }
}

function makeCard(id, grid) {
  const card = { id, figure: new Figure("trajectory_small", `${id} ${indicatorName(id)}`), near: false, drawn: -1 };
  card.open = h("button", { type: "button", class: "card-title", "data-indicator": id, "aria-haspopup": "dialog", on: { click: () => look({ indicator: id }) } },
    h("span", { class: "card-id" }, id), h("span", {}, indicatorName(id)));
  card.value = h("p", { class: "card-value" });
  card.foot = h("dl", { class: "card-foot" });
  card.element = h("article", { class: "card", "data-card": id }, h("h3", {}, card.open), card.value, card.figure.element, card.foot);
  card.figure.element.addEventListener("click", () => look({ indicator: id }));
  grid.append(card.element);
  watch(card.element, (near) => {
    card.near = near;
    if (near) void drawCard(card);
  });
  return card;
}

/** Bring all cards in line; charts near the window first, the others when there is time. */
export async function update() {
  if (!results.ready) return;
  build();
  renderLegend();
  renderReached();
  const now = ++round;
  for (const card of cards) writeCard(card);
  const seen = cards.filter((card) => card.near || inWindow(card.element));
  await Promise.all(seen.map((card) => drawCard(card)));
  if (now === round) rest();
  if (state.indicator) showDetail();
}

function inWindow(element) {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < window.innerHeight;
}

/** Draw what is out of sight in idle moments, a chart at a time. */
function rest() {
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 30));
  const now = round;
  const step = () => {
    if (now !== round) return;
    const card = cards.find((one) => one.drawn !== round);
    if (!card) return;
    void drawCard(card).then(() => idle(step));
  };
  idle(step);
}

function drawCard(card) {
  if (card.drawn === round || !results.ready) return Promise.resolve();
  card.drawn = round;
  const shown = front();
  const base = results.scenarios[0];
  const others = results.scenarios.filter((one) => one !== base && one !== shown);
  const rows = [
    ...trajectory(card.id, others, { bands: false }),
    ...trajectory(card.id, [shown].filter(Boolean)),
    ...trajectory(card.id, [base]),
  ];
  return card.figure.show(rows, unitOf(card.id), { banded: ["baseline", shown?.id], label: label(card.id) });
}

const unitOf = (id) => results.scenarios[0].series.get(id)?.unit ?? "";

function label(id) {
  const year = shownYear();
  const base = inYear(results.scenarios[0].series.get(id), year);
  const shown = front();
  const now = inYear(shown?.series.get(id), year);
  return t("card_label", {
    name: indicatorName(id), year: fiscal(year), letter: shown?.name ?? "", value: number(now?.median, base?.unit), base: number(base?.median, base?.unit),
  });
}

function writeCard(card) {
  const year = shownYear();
  const base = inYear(results.scenarios[0].series.get(card.id), year);
  const shown = front();
  const now = inYear(shown?.series.get(card.id), year) ?? base;
  if (!base) return;
  put(card.value,
    h("span", { class: "card-number" }, shown && h("span", { class: `card-letter plan-${LETTERS[shown.place]}`, title: shown.name }, LETTERS[shown.place]), h("strong", {}, number(now.median, base.unit))),
    h("span", { class: "card-effect" }, `${t("effect_short")} ${difference(now.effect_median ?? null, base.unit)}`,
      errorText(shown, card.id, base.unit) && h("small", { class: "card-error", title: t("source_instant_long") }, t("error_short", { error: errorText(shown, card.id, base.unit) }))));
  const target = base.target ?? now.target;
  put(card.foot, target === null || target === undefined
    ? h("div", {}, h("dt", {}, t("target")), h("dd", {}, t("no_target")))
    : [
      h("div", {}, h("dt", {}, t("target")), h("dd", {}, number(target, base.unit))),
      h("div", {}, h("dt", {}, t("p_target")), h("dd", {}, chanceText(now, shown, card.id))),
      h("div", { class: "base-chance" }, h("dt", {}, t("p_base")), h("dd", { title: chanceRange(base) || null }, chance(base.probability_target))),
    ]);
}

/** The chance; how far few runs may have it wrong is written out under 50 draws, else in the tooltip. */
function chanceText(now, shown, id) {
  if (now.reachable === false) return h("span", { title: t("unreachable") }, "✕");
  const range = chanceRange(now);
  const error = chanceError(shown, id);
  const title = [range, error && t("error_short", { error })].filter(Boolean).join("、");
  return [h("strong", { title: title || null }, chance(now.probability_target)), results.range && range && h("small", {}, range)];
}

function renderLegend() {
  const shown = front();
  const asked = LETTERS[state.active];
  put(parts.other, shown?.place !== state.active && h("p", { class: "message warning", "data-role": "other-plan" },
    shown ? t("cards_other", { asked, letter: LETTERS[shown.place] }) : t("cards_none", { asked })));
  put(parts.legend,
    results.scenarios.map((one) => h("span", { class: one === shown ? "entry front" : "entry" }, swatch(slotOf(one.id)), one.name, " ", mark(one))),
    h("span", { class: "entry" }, h("span", { class: "target-mark", "aria-hidden": "true" }), t("legend_target")),
    h("span", { class: "entry note" }, results.range ? t("bands_range", { draws: results.draws }) : t("bands_90")));
}

function renderReached() {
  const year = fiscal(results.years.at(-1));
  for (const kind of KINDS) {
    const own = results.scenarios.map((one) => [one, one.reached?.find((r) => r.kind === kind)]).filter(([, r]) => r);
    put(parts.reached[kind], own.length > 0 && [
      h("span", { class: "note" }, t("reached", { year }), " "),
      own.map(([one, r]) => h("span", { class: "reached-one" }, one.place === null ? t("baseline") : LETTERS[one.place], " ",
        h("strong", {}, t("reached_of", { n: Math.round(r.median * 10) / 10, of: r.targets })), h("span", { class: "note" }, t("reached_range", r)))),
    ]);
  }
}

function showDetail() {
  const known = results.scenarios[0]?.series.has(state.indicator);
  if (!known) return void look({ indicator: null });
  if (!updateDetail(state.indicator)) openDetail(state.indicator, () => look({ indicator: null }));
}
