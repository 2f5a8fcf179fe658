// Names of plans and settings in the page's language.
import { lang, pick, t } from "./i18n.js";
import { fromServer, LETTERS } from "./plans.js";
import { changed, fixedData, presetOf, state } from "./store.js";

/** The name of a plan without its letter. */
export function planName(plan) {
  if (plan.name) return pick(plan.name);
  const preset = presetOf(plan);
  if (!preset) return t("plan_own");
  return changed(plan, fromServer) ? t("plan_changed", { name: pick(preset.name) }) : pick(preset.name);
}

/** The name of a plan with its letter, as charts and tables show it. */
export const planLabel = (place) => `${LETTERS[place]}${lang() === "ja" ? "：" : ": "}${planName(state.plans[place])}`;

/** Both names of a plan, for files. */
export function planNames(plan, place) {
  const preset = presetOf(plan);
  const letter = LETTERS[place];
  if (plan.name) {
    return typeof plan.name === "string" ? { ja: plan.name, en: plan.name } : plan.name;
  }
  if (!preset) return { ja: `案${letter}`, en: `Plan ${letter}` };
  if (!changed(plan, fromServer)) return preset.name;
  return { ja: `案${letter}（${preset.name.ja}を変更）`, en: `Plan ${letter} (${preset.name.en}, changed)` };
}

const named = (list, id) => pick(list?.find((one) => one.id === id)?.name) || id;

/** The profile that is in use: the chosen one, or the server's own. */
export const profileId = () => state.profile ?? fixedData.meta?.profile ?? "document";
export const profileName = (id = profileId()) => named(fixedData.meta?.profiles, id);
export const discountName = (id = state.discount) => t(`discount_${id}`);
export const indicator = (id) => fixedData.meta?.indicators.find((one) => one.id === id) ?? null;
export const indicatorName = (id) => pick(indicator(id)?.name) || id;
export const initiative = (id) => fixedData.meta?.initiatives.find((one) => one.id === id) ?? null;
export const initiativeName = (id) => pick(initiative(id)?.name) || id;
export const placeName = () => pick(fixedData.meta?.place);
export const measureName = (id) => pick(fixedData.meta?.measures.find((one) => String(one.id) === String(id))?.name) || id;
export const statusName = (status) => t(`status_${status}`);
