// All words of the page, in one place for code and tests: {key: [Japanese, English]}.
import { PAGE } from "./words_page.js";
import { PLAN } from "./words_plan.js";
import { RUNS } from "./words_runs.js";
import { VIEW_WORDS } from "./words_views.js";

export const WORDS = { ...PAGE, ...PLAN, ...VIEW_WORDS, ...RUNS };
