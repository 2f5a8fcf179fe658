// What can be done with a plan: undo, reset, share, save it as a file, open a file.
import { want } from "./answers.js";
import { ApiError, post, postText } from "./api.js";
import { firstVisit } from "./address.js";
import { announce, copyText, h, put, saveText } from "./dom.js";
import { pick, t } from "./i18n.js";
import { planNames } from "./names.js";
import { fromServer, LETTERS, toServer } from "./plans.js";
import { canRedo, canUndo, edit, redo, shareLink, state, undo } from "./store.js";

const LARGEST = 256 * 1024; // bytes, the server's own limit: nothing larger is sent
const parts = {};

/** The buttons below the plan. */
export function renderFiles() {
  const button = (action, run, text = t(action)) =>
    (parts[action] = h("button", { type: "button", "data-action": action, on: { click: run } }, text));
  parts.error = h("div", { class: "upload-error", role: "alert" });
  parts.input = h("input", { type: "file", accept: ".yaml,.yml", class: "visually-hidden", id: "upload", "data-role": "upload", tabindex: "-1", "aria-hidden": "true", on: { change: (e) => {
    void open(e.target.files[0]);
    e.target.value = "";
  } } });
  const files = h("div", { class: "actions", role: "group", "aria-label": t("actions") },
    button("undo", () => { undo(); want(); }), button("redo", () => { redo(); want(); }),
    button("reset", reset), button("share", share),
    button("download", () => void save(), ""), button("upload_yaml", () => parts.input.click()), parts.input,
    h("p", { class: "note" }, t("upload_hint")), parts.error);
  const panel = document.getElementById("plan");
  panel.ondragover = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    panel.classList.add("drop");
  };
  panel.ondragleave = () => panel.classList.remove("drop");
  panel.ondrop = (event) => {
    event.preventDefault();
    panel.classList.remove("drop");
    void open(event.dataTransfer.files[0]);
  };
  return files;
}

/** Which of them can be used now. */
export function updateFiles() {
  parts.undo.disabled = !canUndo();
  parts.redo.disabled = !canRedo();
  // An error speaks of what was opened or saved: it goes with the next change of the plans.
  if (parts.errorOf && parts.errorOf !== JSON.stringify(state.plans)) clearError();
  parts.download.textContent = t("download_yaml", { letter: LETTERS[state.active] });
}

function reset() {
  const first = firstVisit();
  edit((now) => {
    for (const key of ["plans", "profile", "discount", "years", "budget", "active"]) now[key] = first[key];
  });
  want();
}

async function share() {
  announce((await copyText(shareLink())) ? t("share_done") : t("share_failed"));
}

async function save() {
  clearError();
  const place = state.active;
  try {
    const { yaml, plan } = await post("api/scenarios/yaml?years=10", { plan: toServer(state.plans[place], LETTERS[place], planNames(state.plans[place], place)) });
    saveText(`${plan.id}.yaml`, yaml, "application/yaml");
  } catch (error) {
    showError("", error);
  }
}

async function open(file) {
  if (!file) return;
  clearError();
  const place = state.active;
  try {
    if (file.size > LARGEST) throw new ApiError(413, { what: t("upload_large") });
    const { plan } = await postText("api/scenarios/plan?years=10", await file.text());
    edit((now) => { now.plans[place] = fromServer(plan); });
    want();
    announce(t("upload_done", { name: pick(plan.name), letter: LETTERS[place] }));
  } catch (error) {
    showError(file.name, error);
  }
}

function clearError() {
  parts.errorOf = null;
  put(parts.error);
}

function showError(name, error) {
  parts.errorOf = JSON.stringify(state.plans);
  put(parts.error, h("p", { class: "message error" },
    name && h("strong", {}, t("upload_failed", { file: name })), " ", error.message,
    error.where && h("span", { class: "where" }, ` ${t("error_where", { where: error.where })}`),
    error.hint && h("span", {}, ` ${error.hint}`)));
  parts.error.scrollIntoView({ block: "nearest" });
}
