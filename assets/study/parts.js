// What the panels around a lab are made of.

export function make(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

export function button(text, act) {
  const made = make("button", { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
}

// Where a panel says what came of an act.
export const answer = () => make("p", { class: "take-answer", role: "status" });

// Copies what a field holds, or selects it for the reader to copy where the browser refuses.
export async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return false;
  }
}

// The lab's own page with these settings: the experiment as an address.
export function addressOf({ code, figure }, settings) {
  const address = new URL(`${document.documentElement.dataset.root}${code}/lab/${figure.dataset.lab}/`, document.baseURI);
  address.search = new URLSearchParams(settings);
  return address.href;
}

export const titleOf = ({ figure }) => figure.querySelector(".lab-title").textContent.trim();
