// Numbers as the reports print them (the same rules as sim/pages/labels.py; a test compares both).
import { lang, t, tOr } from "./i18n.js";

const PERCENT = new Set([
  "share", "share per year", "difference of shares", "relative change", "relative change per year",
]);
const NONE = "–";
const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** Is the unit shown as per cent? */
export const isPercent = (unit) => PERCENT.has(unit);

/** What a value is multiplied by before it is shown. */
export function scale(unit) {
  if ((unit ?? "").startsWith("yen")) return lang() === "ja" ? 1e-8 : 1e-9;
  return isPercent(unit) ? 100 : 1;
}

function format(value, unit, signed) {
  if (missing(value)) return NONE;
  unit = unit ?? "";
  const shown = value * scale(unit);
  const gap = lang() === "ja" ? "" : " ";
  const fixed = (digits, useGrouping = true) =>
    shown.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping });
  let text;
  let end = "";
  if (isPercent(unit)) {
    text = fixed(1, false);
    end = gap + (signed && !unit.startsWith("relative change") ? t("points") : "%");
  } else if (unit === "sd") {
    text = fixed(2, false);
  } else if (unit.startsWith("yen")) {
    text = fixed(2);
    end = gap + t("unit_yen");
  } else {
    const small = Math.abs(shown) < 20 && Math.abs(shown - Math.round(shown)) > 0.05;
    text = fixed(small ? 1 : 0);
  }
  const zero = Number(text.replaceAll(",", "")) === 0;
  if (zero) text = text.replace("-", "");
  return (signed && shown > 0 && !zero ? "+" : "") + text + end;
}

/** A level with its unit: 62.8%, 1,850. */
export const number = (value, unit) => format(value, unit, false);

/** A difference with its sign: +4.3pt. */
export const difference = (value, unit) => format(value, unit, true);

/** An interval of levels, or of differences. */
export const interval = (low, high, unit, signed = false) =>
  missing(low) || missing(high) ? NONE : `${format(low, unit, signed)} – ${format(high, unit, signed)}`;

/** A probability without decimals; only an exact 0 or 1 prints as 0 % or 100 %. */
export function chance(value) {
  if (missing(value)) return NONE;
  const percent = lang() === "ja" ? "%" : " %";
  if (value > 0 && value < 0.005) return `<1${percent}`;
  if (value > 0.995 && value < 1) return `>99${percent}`;
  return `${(100 * value).toFixed(0)}${percent}`;
}

/** A unit in words. */
export const unitName = (unit) => (isPercent(unit) ? "%" : tOr(`unit_${(unit ?? "").replaceAll(" ", "_")}`, unit ?? ""));

/** Any figure of the registers: as many digits as it has, at most six. */
export function plain(value) {
  if (missing(value)) return NONE;
  if (typeof value !== "number") return String(value);
  return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumSignificantDigits: 6 });
}

/** A fiscal year. */
export const fiscal = (year) => t("fiscal_year", { year });

/** Seconds in words. */
export function duration(seconds) {
  if (missing(seconds)) return NONE;
  if (seconds < 60) return t("seconds", { n: Math.max(1, Math.round(seconds)) });
  return t("minutes", { n: Math.round(seconds / 6) / 10 });
}
