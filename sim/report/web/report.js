// The report's own script: draws its charts, shows and hides scenarios, changes the year, sorts.
import { draw, numberText, swatch } from "./charts.js";

const report = JSON.parse(document.getElementById("report-data").textContent);
const handles = new Map();
const known = new Set(report.scenarios.map((s) => s.id));
const shown = new Set(known);
let year = null;

function rowsOf(id) {
  const chart = report.charts[id];
  let rows = chart.rows;
  if (chart.kind === "intervals" && year !== null && year !== chart.year) {
    const path = report.charts[id.replace(/_horizon$/, "_path")];
    if (path && path !== chart) {
      const place = new Map(chart.rows.map((row) => [row.scenario, row.order]));
      rows = path.rows.filter((row) => row.fiscal_year === year)
        .map((row) => ({ ...row, order: place.get(row.scenario) }));
    }
  }
  if (!report.scenarios.length) return rows;
  rows = rows.filter((row) => !known.has(row.scenario) || shown.has(row.scenario));
  if (chart.kind !== "trajectory") return rows;
  const banded = bands();
  return rows.map((row) => ({ ...row, band: banded.includes(row.scenario) }));
}

// The rule of sim/report/charts/bands.py (banded), which gives its numbers and names, among the
// scenarios that are shown.
function bands() {
  const ids = report.scenarios.map((s) => s.id).filter((id) => shown.has(id));
  const { most, baseline, fullest } = report.bands;
  if (ids.length <= most) return ids;
  const last = ids.includes(fullest) ? fullest : ids[ids.length - 1];
  return ids.filter((id) => id === baseline || id === last);
}

function titleOf(id) {
  const chart = report.charts[id];
  if (chart.kind !== "intervals" || year === null || chart.year === null) return chart.title;
  return chart.title.replaceAll(report.years[chart.year], report.years[year]);
}

async function drawAll() {
  for (const box of document.querySelectorAll("[data-chart]")) {
    const id = box.dataset.chart;
    const chart = report.charts[id];
    const spec = { ...report.specs[chart.spec], description: chart.description };
    handles.set(id, await draw(box, spec, rowsOf(id)));
    legend(box);
    // the page stays alive while the rest is drawn
    if (handles.size % 4 === 0) await new Promise((done) => { setTimeout(done); });
  }
  document.documentElement.dataset.drawn = "true";
}

function legend(box) {
  const list = box.closest("figure").querySelector(".legend");
  if (!list) return;
  const own = report.charts[box.dataset.chart].legend;
  list.replaceChildren(...(own || report.scenarios.filter((s) => shown.has(s.id))).map((s) => {
    const item = document.createElement("li");
    item.append(swatch(s.slot), s.name);
    return item;
  }));
}

async function redraw() {
  delete document.documentElement.dataset.drawn;
  const jobs = [];
  for (const box of document.querySelectorAll("[data-chart]")) {
    const id = box.dataset.chart;
    if (!handles.has(id)) continue;
    jobs.push(handles.get(id).update(rowsOf(id)));
    legend(box);
    if (!report.charts[id].small) box.parentElement.querySelector("h4").textContent = titleOf(id);
  }
  for (const box of document.querySelectorAll("details[open] [data-table]")) table(box);
  await Promise.all(jobs);
  document.documentElement.dataset.drawn = "true";
}

function tools() {
  const form = document.querySelector(".tools");
  if (!form) return;
  const fieldset = form.querySelector("fieldset");
  for (const scenario of report.scenarios) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", checked: true, value: scenario.id });
    box.addEventListener("change", () => {
      if (box.checked) shown.add(scenario.id); else shown.delete(scenario.id);
      redraw();
    });
    label.append(box, swatch(scenario.slot), scenario.name);
    fieldset.append(label);
  }
  const select = form.querySelector("select");
  const years = Object.keys(report.years);
  for (const key of years) select.append(new Option(report.years[key], key));
  year = Number(years[years.length - 1]);
  select.value = String(year);
  select.addEventListener("change", () => { year = Number(select.value); redraw(); });
  form.addEventListener("submit", (event) => event.preventDefault());
}

function cellText(value, column) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (column.plain) return String(value);
  const scaled = value * (column.factor || 1);
  if (column.digits) return numberText(scaled, column.digits, column.suffix || "", column.sign);
  return scaled.toLocaleString("en", { maximumSignificantDigits: 4 });
}

function table(box) {
  const id = box.dataset.table;
  const { columns } = report.charts[id];
  // drawings have the baseline last, tables first
  const rows = [...rowsOf(id)].sort((a, b) => (a.order || 0) - (b.order || 0));
  const { sort, down } = box.dataset;
  if (sort) {
    const sign = down === "true" ? -1 : 1;
    rows.sort((a, b) => sign * compare(a[sort], b[sort]));
  }
  const head = document.createElement("tr");
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = `col-${column.field}`;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = column.title;
    button.title = `${report.words.sort} ${column.title}`;
    if (sort === column.field) cell.setAttribute("aria-sort", down === "true" ? "descending" : "ascending");
    button.addEventListener("click", () => {
      box.dataset.down = String(sort === column.field && down !== "true");
      box.dataset.sort = column.field;
      table(box);
      [...box.querySelectorAll("th button")][columns.indexOf(column)].focus();
    });
    cell.append(button);
    head.append(cell);
  }
  const body = document.createElement("tbody");
  for (const row of rows) {
    const line = body.insertRow();
    for (const column of columns) {
      const cell = line.insertCell();
      cell.textContent = cellText(row[column.field], column);
      cell.className = `col-${column.field}`;
      if (typeof row[column.field] === "number") cell.classList.add("number");
    }
  }
  const all = document.createElement("table");
  all.createTHead().append(head);
  all.append(body);
  box.replaceChildren(all);
}

function compare(a, b) {
  const none = (value) => value === null || value === undefined;
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
}

for (const box of document.querySelectorAll("[data-table]")) {
  const details = box.closest("details");
  if (!details) table(box);
  else details.addEventListener("toggle", () => { if (details.open) table(box); });
}
// Charts fill the width of the paper: letters keep their size, and no chart is cut.
function fit(printing) {
  document.documentElement.classList.toggle("printing", printing);
  const tip = document.getElementById("chart-tip");
  if (tip) tip.hidden = true;
  for (const box of document.querySelectorAll("[data-chart]")) {
    const handle = handles.get(box.dataset.chart);
    if (!handle) continue;
    const { kind, small } = report.charts[box.dataset.chart];
    if (kind === "trajectory" && !small) handle.view.height(printing ? 230 : 300);
    handle.view.width(box.clientWidth).run();
  }
}
window.addEventListener("beforeprint", () => fit(true));
window.addEventListener("afterprint", () => fit(false));
tools();
drawAll();
