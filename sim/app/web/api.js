// Requests to this server. There is no other: the content policy of the page forbids it.
import { saveBlob } from "./dom.js";
import { lang, t } from "./i18n.js";

/** An error that the server explains: what, where, hint. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error.what);
    this.status = status;
    this.where = error.where ?? "";
    this.hint = error.hint ?? "";
  }

  /** All of it as one text. */
  get text() {
    return [this.message, this.where && t("error_where", { where: this.where }), this.hint].filter(Boolean).join(" ");
  }
}

const address = (path) => `${path}${path.includes("?") ? "&" : "?"}lang=${lang()}`;

async function request(path, init = {}) {
  let response;
  try {
    response = await fetch(address(path), { credentials: "same-origin", ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { what: t("error_network"), hint: t("error_network_hint") });
  }
  if (response.status === 204) return null;
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  if (!response.ok || body === null) {
    throw new ApiError(response.status, body?.error ?? { what: t("error_status", { status: response.status }) });
  }
  return body;
}

export const get = (path, init) => request(path, init);

export const post = (path, body, init = {}) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...init });

export const postText = (path, text) =>
  request(path, { method: "POST", headers: { "Content-Type": "text/plain; charset=utf-8" }, body: text });

export const remove = (path) => request(path, { method: "DELETE" });

const kept = new Map();
/** Fixed data, asked for once. A failed request may be tried again. */
export function fixed(path) {
  if (!kept.has(path)) {
    kept.set(path, get(path).catch((error) => {
      kept.delete(path);
      throw error;
    }));
  }
  return kept.get(path);
}

let session = null;
/** A session, which only the exact runs need. */
export function ensureSession() {
  session ??= get("api/session").catch((error) => {
    session = null;
    throw error;
  });
  return session;
}

/** Where an <a download> finds a file of a run. */
export const fileOf = (job, format) => address(`api/jobs/${job}/files/${format}`);

/** Where a frame finds the report on a run. */
export const reportOf = (job) => address(`api/jobs/${job}/report`);

/** Let the report be made, so that an error is said here and not in the frame. */
export async function probe(job) {
  const response = await fetch(reportOf(job), { credentials: "same-origin" }).catch(() => null);
  if (!response) throw new ApiError(0, { what: t("error_network"), hint: t("error_network_hint") });
  if (!response.ok) await refused(response);
}

async function refused(response) {
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error ?? { what: t("error_status", { status: response.status }) });
}

/** Fetch a file of a run and hand it over: an error can be shown, which a plain link cannot. */
export async function download(job, format) {
  const response = await fetch(fileOf(job, format), { credentials: "same-origin" }).catch(() => null);
  if (!response) throw new ApiError(0, { what: t("error_network"), hint: t("error_network_hint") });
  if (!response.ok) await refused(response);
  const said = response.headers.get("Content-Disposition") ?? "";
  // the real name (RFC 5987) before the one in ASCII
  const real = /filename\*=UTF-8''([^;]+)/.exec(said);
  const named = real ? [said, decodeURIComponent(real[1])] : /filename="?([^";]+)"?/.exec(said);
  saveBlob(named?.[1] ?? `${job}.${format}`, await response.blob());
}
