// A form for the fields of a question: what each field is comes from the server (api/forms), where
// the command line has it from too.
import { h, options, put } from "./dom.js";
import { pick, t } from "./i18n.js";

const SCALES = ["1/1000", "1/200", "1/100", "1/20", "1/10", "1"];

/** What a form holds before anything is filled in. */
export const defaultsOf = (form) => Object.fromEntries(form.fields.map((field) => [field.name, field.default ?? empty(field)]));

const empty = ({ kind }) => ({ texts: [], pairs: {} })[kind] ?? null;

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** "ID=VALUE" on each line. What is no number goes out as null: the server says what is wrong. */
const pairsOf = (text) => Object.fromEntries(lines(text).map((line) => {
  const at = line.lastIndexOf("=");
  const number = at < 0 ? NaN : Number(line.slice(at + 1));
  return [(at < 0 ? line : line.slice(0, at)).trim(), Number.isFinite(number) ? number : null];
}));

/** What is typed into a field, as it is sent. */
const READ = {
  choice: (input) => input.value || null,
  flag: (input) => input.checked,
  number: (input) => (input.value === "" ? null : Number(input.value)),
  pairs: (input) => pairsOf(input.value),
  share: (input) => input.value,
  text: (input) => input.value,
  texts: (input) => lines(input.value),
  whole: (input) => (input.value === "" ? null : Number(input.value)),
};

function inputOf(field, value, about) {
  const props = { "data-role": field.name, "aria-describedby": about };
  if (field.kind === "flag") return h("input", { ...props, type: "checkbox", checked: value });
  if (field.kind === "choice") {
    const named = field.choices.map((choice) => [choice.id, pick(choice.name)]);
    return h("select", props, options(field.optional ? [["", t("field_open")], ...named] : named, value ?? ""));
  }
  if (field.kind === "share") return h("select", props, options(SCALES.map((one) => [one, one]), value));
  if (field.kind === "texts") return h("textarea", { ...props, rows: 2, value: value.join("\n") });
  if (field.kind === "pairs") return h("textarea", { ...props, rows: 2, value: Object.entries(value).map(([id, number]) => `${id}=${number ?? ""}`).join("\n") });
  if (field.kind === "text") return h("input", { ...props, type: "text", maxlength: 200, value });
  const step = field.kind === "whole" ? 1 : "any";
  return h("input", { ...props, type: "number", min: field.low, max: field.high, step, required: !field.optional, value: value ?? "" });
}

/** A field with its label and help; `changed` is called after `values` has what was typed. */
function element(field, values, changed) {
  const about = `help-${field.name}`;
  const input = inputOf(field, values[field.name], about);
  const take = () => {
    values[field.name] = READ[field.kind](input);
    changed();
  };
  input.addEventListener("input", take);
  const help = h("span", { class: "note", id: about }, pick(field.help));
  if (field.kind === "flag") return h("div", { class: "field" }, h("label", { class: "check" }, input, " ", pick(field.label)), help);
  return h("label", { class: "field" }, h("span", { class: "field-label" }, pick(field.label)), input, help);
}

/** Put the fields of a form into a node: the parameters that few need stand folded below. */
export function renderFields(node, form, values, changed) {
  const seldom = (field) => field.kind === "pairs" || field.name === "seed";
  const drawn = (keep) => form.fields.filter(keep).map((field) => element(field, values, changed));
  put(node,
    h("div", { class: "controls" }, drawn((field) => !seldom(field))),
    h("details", {}, h("summary", {}, t("field_more")), h("div", { class: "controls" }, drawn(seldom))));
}
