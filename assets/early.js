// Runs before the first paint: marks that there is script, and takes the reader's theme.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (_) {
    // No storage: the system's theme stands.
  }
})();
