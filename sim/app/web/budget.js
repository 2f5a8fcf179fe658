// Which plans may cost more than the budget, in which years, as far as our assumptions of cost go.
import { h } from "./dom.js";
import { chance } from "./format.js";
import { lang, t } from "./i18n.js";
import { LETTERS } from "./plans.js";
import { results } from "./results.js";
import { state } from "./store.js";

const NOTABLE = 0.05; // share of draws over the budget from which a year is named

/** A line for each plan. */
export function budgetLines() {
  if (state.budget === null) return [];
  return results.scenarios.filter((one) => one.place !== null && one.over).map((one) => {
    const years = results.years.filter((_, place) => one.over[place] > NOTABLE);
    const letter = LETTERS[one.place];
    if (!years.length) return h("p", { class: "message good" }, t("budget_within", { letter, limit: chance(NOTABLE) }));
    const share = chance(Math.max(...one.over));
    return h("p", { class: "message warning" }, t("budget_over", { letter, years: spans(years), share }));
  });
}

/** Years as text, neighbours together: 2026–2028, 2031. */
function spans(years) {
  const out = [];
  for (const year of years) {
    const last = out.at(-1);
    if (last && last[1] === year - 1) last[1] = year;
    else out.push([year, year]);
  }
  const text = out.map(([a, b]) => (a === b ? String(a) : `${a}–${b}`)).join(lang() === "ja" ? "・" : ", ");
  return lang() === "ja" ? `${text}年度` : `FY${text}`;
}
