// The language of the page and its words.
import { WORDS } from "./words.js";

let current = document.documentElement.lang === "en" ? "en" : "ja";

export const lang = () => current;

/** Change the language of the page. */
export function setLang(value) {
  current = value === "en" ? "en" : "ja";
  document.documentElement.lang = current;
}

/** The text of a key with its {fields} filled in; a missing key shows as itself. */
export function t(key, values = {}) {
  const pair = WORDS[key];
  if (!pair) return key;
  const text = pair[current === "ja" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A text of the server in the page's language: {ja, en}, or a plain string. */
export function pick(texts) {
  if (texts === null || texts === undefined) return "";
  if (typeof texts === "string") return texts;
  return texts[current] ?? texts.ja ?? texts.en ?? "";
}

/** A key that exists, else the fallback: for words that depend on data (units, states). */
export const tOr = (key, fallback) => (WORDS[key] ? t(key) : fallback);
