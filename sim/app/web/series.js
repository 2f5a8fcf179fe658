// Rows of the server as series: per scenario and indicator, one array a column over the years.
import { errorOf } from "./errors.js";
import { indicator, indicatorName } from "./names.js";
import { results } from "./results.js";

const SINGLE = new Set(["scenario", "indicator", "unit", "target", "current", "reachable", "ward", "month", "fiscal_year"]);

/** {scenario: Map(indicator -> {unit, years, target, current, status, <column>: [...]})}. */
export function seriesOf(columns, rows) {
  const at = Object.fromEntries(columns.map((name, place) => [name, place]));
  const perYear = Object.keys(at).filter((name) => !SINGLE.has(name));
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

/**
 * The values of a series in one year; the last year where `year` is null. `low` and `high` (and
 * `effect_low`, `effect_high`) are the 90 % interval or, under 50 draws, the range of the runs;
 * `p05` and `p95` are there from 50 draws on only.
 */
export function inYear(series, year) {
  if (!series) return null;
  const place = year === null ? series.years.length - 1 : series.years.indexOf(year);
  if (place < 0) return null;
  const out = { fiscal_year: series.years[place], unit: series.unit, target: series.target, reachable: series.reachable };
  for (const [name, values] of Object.entries(series)) {
    if (Array.isArray(values) && name !== "years") out[name] = values[place] ?? null;
  }
  return out;
}

/** What charts need of the chance of a target. */
const chances = (now) => ({
  reachable: now.reachable, probability_target: now.probability_target,
  probability_low: now.probability_low, probability_high: now.probability_high,
});

/** Rows of a "trajectory" chart: the baseline first, then the scenarios given. */
export function trajectory(id, scenarios, { bands = true } = {}) {
  const band = (value) => (bands ? value ?? null : null);
  return scenarios.flatMap((scenario) => {
    const series = scenario.series?.get(id);
    return (series?.years ?? []).map((year) => {
      const now = inYear(series, year);
      return {
        scenario: scenario.id, name: scenario.name, fiscal_year: year, median: now.median, target: now.target,
        low: band(now.low), high: band(now.high), p25: band(now.p25), p75: band(now.p75),
        effect_median: now.effect_median ?? null, ...chances(now),
      };
    });
  });
}

/** Rows of an "intervals" chart in one year. */
export function intervals(id, scenarios, year) {
  return scenarios.flatMap((scenario) => {
    const now = inYear(scenario.series?.get(id), year);
    if (!now) return [];
    return [{
      scenario: scenario.id, name: scenario.name, median: now.median, low: now.low, high: now.high, target: now.target, ...chances(now),
    }];
  });
}

const COLUMNS = [
  "median", "interval_kind", "low", "high", "p05", "p95", "effect_median", "effect_low", "effect_high", "effect_p05", "effect_p95",
  "target", "reachable", "probability_target", "probability_low", "probability_high", "probability_target_baseline",
];

/** What is shown as rows of a CSV file, one row a scenario, indicator and year; heads first. */
export const csvRows = (ids, years, scenarios = results.scenarios) => [
  ["indicator", "name", "class", "scenario", "scenario_name", "fiscal_year", "unit", ...COLUMNS, "answer", "typical_error_of_effect", "error_of_probability"],
  ...ids.flatMap((id) => scenarios.flatMap((one) => years.map((year) => {
    const now = inYear(one.series.get(id), year) ?? {};
    const error = errorOf(one, id);
    const answer = results.source === "run" ? "run" : one.exact ? "exact" : "interpolated";
    return [id, indicatorName(id), indicator(id)?.kind, one.id, one.name, year, now.unit, ...COLUMNS.map((name) => now[name] ?? ""), answer, error?.typical ?? "", error?.chance ?? ""];
  }))),
];
