// Small helpers to build the page's elements. Text always goes in as text, never as HTML, so no
// name from a scenario file can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "style") {
      // Single properties are allowed by the content policy; a style attribute is not.
      for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "open") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An HTML element: h("p", {class: "note", on: {click}}, "text", child). */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** An SVG element. */
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** Options of a select; `chosen` is compared as text. */
export const options = (pairs, chosen) =>
  pairs.map(([value, text]) => {
    const option = h("option", { value: String(value) }, text);
    option.selected = String(value) === String(chosen);
    return option;
  });

/** A labelled select. */
export function selectField(label, pairs, chosen, change, props = {}) {
  const select = h("select", { ...props, on: { change: (e) => change(e.target.value) } }, options(pairs, chosen));
  return h("label", { class: "field" }, h("span", { class: "field-label" }, label), select);
}

/** Replace the children of a node. */
export function put(node, ...children) {
  node.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Hand a text to the reader as a file. */
export const saveText = (name, text, type = "text/plain") =>
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));

/** The same for any content. */
export function saveBlob(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Copy a text. The newer interface exists on https and loopback only, hence the older way too. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

let speaker;
/** Tell screen readers, and show for a moment, what has happened. */
export function announce(text) {
  const place = document.getElementById("toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(speaker);
  speaker = setTimeout(() => place.classList.remove("shown"), 4000);
}
