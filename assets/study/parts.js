// What the panels around a lab are made of.

const words = {
  en: { copied: "Copied", failed: "The browser does not let this page copy. The text is selected." },
  zh: { copied: "已复制", failed: "浏览器不允许本页复制，文字已选中。" },
};

export function make(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

export function button(text, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

// Where a panel says what came of an act.
export const answer = () => make("p", { class: "take-answer", role: "status" });

// Copies what a field holds, or selects it for the reader to copy where the browser refuses.
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return false;
  }
}

// A button that copies what a field holds, and says what came of it.
export function copier(code, text, field, voice) {
  return button(text, async () => {
    voice.textContent = words[code][(await copy(field)) ? "copied" : "failed"];
  });
}

// Saves a file by that name.
export function save(name, type, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  make("a", { href: address, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// What the address leaves out of a lab.
export function hidden(key) {
  return new URLSearchParams(location.search).getAll(key).join().split(",").map(name => name.trim());
}

// The lab's own page with these settings: the experiment as an address.
export function addressOf({ code, figure }, settings) {
  const address = new URL(`${document.documentElement.dataset.root}${code}/lab/${figure.dataset.lab}/`, document.baseURI);
  address.search = new URLSearchParams(settings);
  return address.href;
}

export const titleOf = ({ figure }) => figure.querySelector(".lab-title").textContent.trim();
