// What a reader has done, by kind (exercise, challenge, section, guess) and id: kept in this browser's storage alone,
// under one key. Without storage, or with a full one, it is kept until the page is left.
const KEY = "why-it-generalizes.progress";
const VERSION = 1;

let kept = {};
let storing = true;
const listeners = new Set();

// What the storage holds; another version's, or anyone else's, counts as nothing.
function read() {
  try {
    const { version, kinds } = JSON.parse(localStorage.getItem(KEY)) ?? {};
    return version === VERSION && kinds && typeof kinds === "object" ? kinds : {};
  } catch {
    return {};
  }
}

// The value that was set, or undefined.
export function get(kind, id) {
  return kept[kind]?.[id];
}

// Keeps a value that JSON can write; undefined forgets it.
export function set(kind, id, value) {
  // Other pages of the book may have written since.
  if (storing) kept = read();
  replace({ ...kept, [kind]: { ...kept[kind], [id]: value } });
}

// Everything that was set: values by kind and id.
export function all() {
  return kept;
}

// Keeps this and nothing else.
export function replace(kinds) {
  kept = kinds;
  try {
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, kinds }));
  } catch {
    // From here on the page's own memory is the only one that is whole.
    storing = false;
  }
  tell();
}

// Whether what is set outlives the page.
export function lasts() {
  try {
    localStorage.setItem(`${KEY}.trial`, "");
    localStorage.removeItem(`${KEY}.trial`);
    return storing;
  } catch {
    return false;
  }
}

// Calls back after every change, of this page's or another's; returns what ends that.
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// The id of something within the chapter that this page shows, the same in both languages.
export function place(id) {
  const chapter = document.querySelector("article[data-chapter]")?.dataset.chapter;
  return chapter ? `${chapter}/${id}` : id;
}

function tell() {
  for (const listener of listeners) listener();
}

kept = read();
function renew() {
  if (!storing) return;
  kept = read();
  tell();
}
addEventListener("storage", ({ key }) => {
  if (key === null || key === KEY) renew();
});
// A page that the browser put aside hears nothing until its reader comes back to it.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) renew();
});
