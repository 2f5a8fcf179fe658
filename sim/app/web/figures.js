// Charts of the page: specifications come ready made from the server (sim/report/charts/browser.py), and the
// drawing is that of the reports (sim/report/web/charts.js). Here: rows in, chart kept up to date.
import { get } from "./api.js";
import { chanceRange } from "./errors.js";
import { chance, isPercent, scale } from "./format.js";
import { lang, t } from "./i18n.js";
import { h } from "./dom.js";
import { draw } from "./charts.js";

// Places in SLOTS of sim/report/palette.py, where the plans are plan_a, plan_b and plan_c.
const SLOTS = { baseline: 0, A: 9, B: 10, C: 11 };
const SCALED = [
  "median", "low", "high", "p25", "p75", "target", "effect_median", "value", "start", "end",
  "step_low", "step_high", "reference",
];

// The large script of the charts is read while the first answer is computed.
const drawing = window.kyodoVega
  ? Promise.resolve()
  : new Promise((done, failed) => {
    const script = document.getElementById("bundle");
    script.addEventListener("load", done);
    script.addEventListener("error", () => failed(new Error("bundle.js")));
  });

const specs = new Map();
/** The specifications of a kind of chart by unit; asked for once a language. */
export function specsOf(kind) {
  const key = `${kind}|${lang()}`;
  if (!specs.has(key)) {
    specs.set(key, get(`api/specs/${kind}`).catch((error) => {
      specs.delete(key);
      throw error;
    }));
  }
  return specs.get(key);
}

export const slotOf = (id) => SLOTS[id] ?? 1;

/** The unit of differences of a unit: those of shares are points, not per cent. */
export const ofDifferences = (unit) => (isPercent(unit) && !unit.startsWith("relative") ? "difference of shares" : unit);

/** Rows in display units, with style and the chance in words. `banded`: whose bands are drawn. */
export function display(rows, unit, banded = []) {
  const factor = scale(unit);
  const out = rows.map((row, order) => {
    const shown = { ...row, order };
    for (const name of SCALED) {
      if (typeof row[name] === "number") shown[name] = row[name] * factor;
    }
    if ("scenario" in row) Object.assign(shown, { slot: slotOf(row.scenario), band: banded.includes(row.scenario) });
    if ("probability_target" in row) {
      shown.chance = row.probability_target === null || row.probability_target === undefined ? "" : row.reachable === false ? "✕" : chance(row.probability_target);
      shown.chance_range = row.reachable === false ? "" : chanceRange(row);
    }
    return shown;
  });
  // What comes last is drawn on top: the dashed baseline stays visible on other lines.
  return "fiscal_year" in (rows[0] ?? {}) ? out.sort((a, b) => (a.slot === 0) - (b.slot === 0)) : out;
}

/** Ends of the bars of a waterfall: levels from 0, steps from where they are. */
export function waterfall(rows) {
  let here = 0;
  return rows.map((row) => {
    const start = row.kind === "step" ? here : 0;
    here = start + (row.value ?? 0);
    const ends = {};
    if (row.low !== null && row.low !== undefined) ends.step_low = start + row.low;
    if (row.high !== null && row.high !== undefined) ends.step_high = start + row.high;
    return { ...row, start, end: here, ...ends };
  });
}

/** A chart in an element. `show` draws it once and afterwards only changes its rows. */
export class Figure {
  /** kind: of sim/pages/page.py, or "trajectory_small". `label`: what a screen reader says. */
  constructor(kind, label = t("results"), words = {}) {
    this.kind = kind;
    this.words = words; // words of the specification -> words of this chart
    this.label = label;
    this.element = h("div", { class: `figure figure-${kind}`, role: "img", "aria-label": label });
    this.busy = Promise.resolve();
    this.turn = 0;
  }

  /** Draw rows (data units). Only the newest of several waiting calls is carried out. */
  show(rows, unit, { banded = [], label } = {}) {
    const turn = ++this.turn;
    if (label) this.element.setAttribute("aria-label", label);
    const values = display(this.kind === "waterfall" ? waterfall(rows) : rows, unit, banded);
    this.busy = this.busy.then(async () => {
      if (turn !== this.turn || this.gone) return;
      const key = `${unit}|${lang()}|${this.kind === "heatmap" ? values.length : ""}`;
      if (this.handle && this.key === key) return void (await this.handle.update(values));
      const [all] = await Promise.all([specsOf(this.kind), drawing]);
      if (this.gone) return;
      this.handle?.remove();
      this.key = key;
      // The container speaks for the chart: nothing inside it needs to be read out mark by mark.
      this.handle = await draw(this.element, this.reworded(all[unit] ?? Object.values(all)[0]), values);
      this.element.querySelector("svg")?.setAttribute("aria-hidden", "true");
      if (!performance.getEntriesByName("kyodo:first-chart").length) {
        requestAnimationFrame(() => performance.mark("kyodo:first-chart")); // for tests/benchmarks/page.py
      }
    }).catch((error) => {
      console.error(error);
      this.element.textContent = t("chart_failed");
    });
    return this.busy;
  }

  /** The specification with this chart's words, and with the interval of a chance in its tooltip. */
  reworded(spec) {
    const text = Object.entries(this.words).reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(spec));
    const own = JSON.parse(text);
    const rows = own.usermeta?.kyodo?.tooltip?.rows ?? [];
    const place = rows.findIndex((row) => row.field === "chance");
    if (place >= 0) rows.splice(place + 1, 0, { field: "chance_range", title: t("p_range"), suffix: "" });
    return own;
  }

  remove() {
    this.gone = true;
    this.handle?.remove();
  }
}

let observer = null;
const seen = new WeakMap();
/** Call `listener(visible)` when an element comes near the window, or leaves. */
export function watch(element, listener) {
  observer ??= new IntersectionObserver(
    (entries) => entries.forEach((entry) => seen.get(entry.target)?.(entry.isIntersecting)),
    { rootMargin: "120px" },
  );
  seen.set(element, listener);
  observer.observe(element);
}

export const unwatch = (element) => observer?.unobserve(element);
