// Rows of the server as series: per scenario and indicator, one array a column over the years.
import { results } from "./answers.js";
import { indicator, indicatorName } from "./names.js";

/** {scenario: Map(indicator -> {unit, years, target, current, status, <column>: [...]})}. */
export function seriesOf(columns, rows) {
  const at = Object.fromEntries(columns.map((name, place) => [name, place]));
  const single = new Set(["scenario", "indicator", "unit", "target", "current", "reachable", "ward", "month"]);
  const perYear = columns.filter((name) => !single.has(name) && name !== "fiscal_year");
  const found = {};
  for (const row of rows) {
    const scenario = (found[row[at.scenario]] ??= new Map());
    let one = scenario.get(row[at.indicator]);
    if (!one) {
      one = { unit: row[at.unit], target: row[at.target] ?? null, current: row[at.current] ?? null, years: [] };
      one.reachable = row[at.reachable];
      for (const name of perYear) one[name] = [];
      scenario.set(row[at.indicator], one);
    }
    one.years.push(row[at.fiscal_year]);
    for (const name of perYear) one[name].push(row[at[name]]);
    if (one.target === null) one.target = row[at.target] ?? null;
  }
  return found;
}

/** The values of a series in one year: {median, p05, ...}; the last year where `year` is null. */
export function inYear(series, year) {
  if (!series) return null;
  const place = year === null ? series.years.length - 1 : series.years.indexOf(year);
  if (place < 0) return null;
  const out = { fiscal_year: series.years[place], unit: series.unit, target: series.target, reachable: series.reachable };
  for (const [name, values] of Object.entries(series)) {
    if (Array.isArray(values) && name !== "years") out[name] = values[place] ?? null;
  }
  // Under 50 draws there is no 90 % interval but the range of the runs.
  if (out.p05 === null || out.p05 === undefined) {
    Object.assign(out, { p05: out.low ?? null, p95: out.high ?? null });
    Object.assign(out, { effect_p05: out.effect_low ?? null, effect_p95: out.effect_high ?? null });
  }
  return out;
}

/** Rows of a "trajectory" chart: the baseline first, then the scenarios given. */
export function trajectory(id, scenarios, { bands = true } = {}) {
  const rows = [];
  for (const scenario of scenarios) {
    const series = scenario.series?.get(id);
    if (!series) continue;
    series.years.forEach((year, place) => {
      rows.push({
        scenario: scenario.id,
        name: scenario.name,
        fiscal_year: year,
        median: series.median[place],
        low: bands ? series.p05?.[place] ?? series.low?.[place] ?? null : null,
        high: bands ? series.p95?.[place] ?? series.high?.[place] ?? null : null,
        p25: bands ? series.p25?.[place] ?? null : null,
        p75: bands ? series.p75?.[place] ?? null : null,
        target: series.target,
        effect_median: series.effect_median?.[place] ?? null,
        probability_target: series.probability_target?.[place] ?? null,
      });
    });
  }
  return rows;
}

/** Rows of an "intervals" chart in one year. */
export function intervals(id, scenarios, year) {
  return scenarios.flatMap((scenario) => {
    const now = inYear(scenario.series?.get(id), year);
    if (!now) return [];
    return [{
      scenario: scenario.id, name: scenario.name, median: now.median, low: now.p05, high: now.p95,
      target: now.target, probability_target: now.probability_target,
    }];
  });
}

const COLUMNS = [
  "median", "p05", "p95", "effect_median", "effect_p05", "effect_p95", "target", "probability_target",
  "probability_target_baseline",
];

/** What is shown as rows of a CSV file, one row a scenario, indicator and year; heads first. */
export const csvRows = (ids, years) => [
  ["indicator", "name", "class", "scenario", "scenario_name", "fiscal_year", "unit", ...COLUMNS],
  ...ids.flatMap((id) => results.scenarios.flatMap((one) => years.map((year) => {
    const now = inYear(one.series.get(id), year) ?? {};
    return [id, indicatorName(id), indicator(id)?.kind, one.id, one.name, year, now.unit, ...COLUMNS.map((name) => now[name] ?? "")];
  }))),
];
