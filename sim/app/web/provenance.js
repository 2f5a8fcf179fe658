// Where a number comes from: a link to its row under Assumptions.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { closeDialog } from "./shell.js";
import { look } from "./store.js";

/** A link to the row `id`. Its text is the id, which tables and files show too. */
export const provenance = (id, text = id) => h("a", {
  class: "provenance", href: `#focus=${encodeURIComponent(id)}&view=assumptions`, title: t("to_assumption", { id }), "data-source": id,
  on: { click: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    closeDialog();
    look({ view: "assumptions", focus: id, search: "" }, true);
  } },
}, text);
