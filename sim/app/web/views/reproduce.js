// How to make the same results with a command.
import { post } from "../api.js";
import { announce, copyText, h, put, saveText } from "../dom.js";
import { duration, plain } from "../format.js";
import { lang, t } from "../i18n.js";
import { defaultRequest } from "../jobs.js";
import { LETTERS } from "../plans.js";
import { results } from "../results.js";
import { fixedData } from "../store.js";

let parts = {};
let round = 0;

export function render(root) {
  parts = { body: h("div") };
  put(root, h("h2", {}, t("view_reproduce")), h("p", { class: "lead" }, t("reproduce_intro")), parts.body);
  void update();
}

export const leave = () => {};

export async function update() {
  const now = ++round;
  const own = results.source === "run" ? results.job : null;
  try {
    const found = own ?? await post("api/reproduce", defaultRequest());
    if (now === round) show(found, own);
  } catch (error) {
    if (now === round) put(parts.body, h("p", { class: "message error" }, error.text ?? String(error)));
  }
}

const copyButton = (text, action) => h("button", { type: "button", class: "small", "data-action": action, on: { click: async () => announce((await copyText(text)) ? t("copied") : t("copy_failed")) } }, t("copy"));

/** Which plans' numbers the command gives again, and which differ. */
function exactness() {
  const plans = results.scenarios.filter((one) => one.place !== null);
  const names = (list) => list.map((one) => LETTERS[one.place]).join(lang() === "ja" ? "・" : ", ") || t("none");
  return t("reproduce_plans", { exact: names(plans.filter((one) => one.exact)), other: names(plans.filter((one) => !one.exact)) });
}

function show(found, own) {
  put(parts.body,
    h("p", {}, t("reproduce_version", { version: fixedData.meta?.version ?? "" })),
    !own && h("p", { class: "note", "data-role": "exactness" }, t("reproduce_instant"), " ", exactness()),
    h("div", { class: "code-head" }, h("h3", {}, t("reproduce_command")), copyButton(found.command, "copy-command")),
    h("pre", { class: "code", tabindex: "0", "data-role": "command" }, found.command),
    !own && h("p", { class: "note" }, t("reproduce_estimate", { runs: plain(found.runs), time: duration(found.estimate_seconds), residents: plain(found.residents) })),
    h("h3", {}, t("reproduce_files")),
    found.files.map((file) => h("section", { class: "yaml-file" },
      h("div", { class: "code-head" }, h("h4", {}, file.name),
        h("span", {}, copyButton(file.yaml, "copy-yaml"), " ", h("button", { type: "button", class: "small", on: { click: () => saveText(file.name, file.yaml, "application/yaml") } }, t("save_file", { name: file.name })))),
      h("pre", { class: "code", tabindex: "0" }, file.yaml))));
}
