// Runs before the first paint: marks that scripts run, and keeps the reader's theme, unless the address asks for one.
(function () {
  var root = document.documentElement;
  var system = matchMedia("(prefers-color-scheme: dark)");
  // A system that sets the colors, as for high contrast, sets the theme with them.
  var forced = matchMedia("(forced-colors: active)").matches;
  // Browsers start no modules, workers or programs from a disk: such a page is one without script, which says so.
  if (location.protocol !== "file:") {
    root.classList.add("js");
    // Where even what reports failures does not load, somebody has to say so.
    addEventListener("error", function (event) {
      if (event.target.type === "module" || /\/boot-[^/]*$/.test(event.filename)) root.dataset.still = "failed";
    }, true);
  } else {
    var disk = document.createElement("script");
    disk.src = document.currentScript.src.replace(/[^/]*$/, "__DISK__");
    document.head.append(disk);
  }
  var asked = /[?&]theme=(dark|light)\b/.exec(location.search);
  function wear() {
    if (forced) return;
    try {
      var kept = asked ? asked[1] : localStorage.getItem("theme");
      if (kept === "light" || kept === "dark") root.dataset.theme = kept;
      else delete root.dataset.theme;
    } catch (_) {
      // No storage: the system's theme stands.
    }
  }
  wear();
  if (parent !== self) root.dataset.framed = "";
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  }
  function show() {
    document.querySelectorAll("button.theme").forEach(function (button) {
      button.setAttribute("aria-pressed", isDark());
    });
  }
  // What the reader chose on another page: beside this one, or before coming back to it.
  function follow() {
    if (asked) return;
    wear();
    show();
  }
  // A page that opens at its beginning lays its paragraphs out as they come near, and the others when it is at rest. One
  // that opens elsewhere, or where the reader left it, needs every place at once.
  var way = performance.getEntriesByType("navigation")[0];
  if (way && way.type === "navigate" && !/#/.test(way.name + location)) root.dataset.opening = "";
  addEventListener("storage", function (event) {
    if (event.key === null || event.key === "theme") follow();
  });
  addEventListener("pageshow", function (event) {
    if (event.persisted) follow();
  });
  document.addEventListener("DOMContentLoaded", show);
  system.addEventListener("change", show);
  document.addEventListener("click", function (event) {
    if (forced || !event.target.closest("button.theme")) return;
    var theme = isDark() ? "light" : "dark";
    // The system's own theme is not kept but followed: that is the way back to the system.
    var follows = (theme === "dark") === system.matches;
    if (follows) delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      if (follows) localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch (_) {
      // A full or closed storage forgets the choice; the page has it all the same.
    }
    show();
  });
})();
