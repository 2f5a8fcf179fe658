// Tables: sortable by their heads, with a caption, scrolling by themselves where they are wide.
import { h, put, saveText } from "./dom.js";
import { t } from "./i18n.js";
import { profileId } from "./names.js";
import { results } from "./results.js";
import { fixedData, state } from "./store.js";

/**
 * A table whose rows can be sorted.
 * columns: [{id, head, cell(row) -> text or nodes, sort(row) -> value, numeric, wide, rowHead}]
 */
export class SortTable {
  constructor({ caption, columns, rowProps = () => ({}), sort = null, hideCaption = true }) {
    Object.assign(this, { columns, rowProps, sort, rows: [] });
    this.body = h("tbody");
    this.head = h("tr");
    this.table = h("table", {}, h("caption", { class: hideCaption ? "visually-hidden" : "" }, caption), h("thead", {}, this.head), this.body);
    this.element = h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption }, this.table);
    this.drawHead();
  }

  drawHead() {
    const focused = this.head.contains(document.activeElement) ? document.activeElement.dataset.sort : null;
    put(this.head, this.columns.map((column) => {
      const chosen = this.sort?.id === column.id;
      return h("th", { scope: "col", class: column.numeric ? "numeric" : "", "aria-sort": chosen ? (this.sort.down ? "descending" : "ascending") : null },
        column.sort
          ? h("button", { type: "button", class: "sort", "data-sort": column.id, title: t("sort_by", { name: column.head }), on: { click: () => this.sortBy(column.id) } }, column.head, h("span", { class: "sort-mark", "aria-hidden": "true" }, chosen ? (this.sort.down ? " ▼" : " ▲") : " ↕"))
          : column.head);
    }));
    if (focused) this.head.querySelector(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
  }

  sortBy(id) {
    const column = this.columns.find((one) => one.id === id);
    // Numbers are first wanted from the largest down, names from the first on.
    this.sort = this.sort?.id === id ? { id, down: !this.sort.down } : { id, down: Boolean(column.numeric) };
    this.drawHead();
    this.show(this.rows);
  }

  /** Show rows, in the order chosen. */
  show(rows) {
    this.rows = rows;
    const column = this.columns.find((one) => one.id === this.sort?.id);
    const sorted = column ? [...rows].sort((a, b) => compare(column.sort(a), column.sort(b), this.sort.down)) : rows;
    put(this.body, sorted.map((row) => h("tr", this.rowProps(row), this.columns.map((one) =>
      h(one.rowHead ? "th" : "td", { scope: one.rowHead ? "row" : null, class: one.numeric ? "numeric" : one.wide ? "wide" : "" }, one.cell(row))))));
  }
}

/** Missing values stay at the end in both directions. */
function compare(a, b, down) {
  const none = (value) => value === null || value === undefined || value === "" || Number.isNaN(value);
  if (none(a) || none(b)) return none(a) - none(b);
  const sign = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "ja", { numeric: true });
  return down ? -sign : sign;
}

/** A table without sorting: heads and rows of cells; the first cell of a row is its head. */
export const plainTable = (caption, heads, rows, numericFrom = 1) =>
  h("div", { class: "table-scroll fixed-table", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, heads.map((text, n) => h("th", { scope: "col", class: n >= numericFrom ? "numeric" : "" }, text)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, n) => h(n ? "td" : "th", { scope: n ? null : "row", class: n >= numericFrom ? "numeric" : "" }, cell)))))));

/** Settings, status and credits: the same in every row, for a file is read without its page. */
const originColumns = () => ({
  profile: profileId(), discount: state.discount, draws: results.draws ?? "",
  version: fixedData.meta?.version ?? "", status: t("honesty"), credits: (fixedData.meta?.credits ?? []).join(" / "),
});

/** A button that saves rows as CSV that Excel opens (with a byte order mark). */
export const csvButton = (name, rows) => h("button", { type: "button", class: "small", "data-action": "csv", on: { click: () => {
  const quote = (value) => (/[",\n]/.test(String(value ?? "")) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
  const [heads, ...lines] = rows();
  const origin = originColumns();
  const all = [[...heads, ...Object.keys(origin)], ...lines.map((row) => [...row, ...Object.values(origin)])];
  saveText(name, `\ufeff${all.map((row) => row.map(quote).join(",")).join("\r\n")}\r\n`, "text/csv");
} } }, t("csv"));
