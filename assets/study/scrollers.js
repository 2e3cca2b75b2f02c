// Lets the keyboard reach formulas that scroll sideways, as long as they do; not every browser does so by itself.
const words = { en: "Formula", zh: "公式" };

const observer = new ResizeObserver(entries => {
  const equations = new Set(entries.map(({ target }) => target.closest(".equation")));
  // All are measured before any is marked: to do both in turn would lay the page out once for each.
  const measured = Array.from(equations, equation => [equation, equation.scrollWidth > equation.clientWidth]);
  for (const [equation, scrolls] of measured) {
    if (scrolls === equation.hasAttribute("tabindex")) continue;
    const label = words[equation.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en"];
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", label]]) {
      if (scrolls) equation.setAttribute(name, value);
      else equation.removeAttribute(name);
    }
  }
});

// Attends to the formulas within these elements. A formula grows by itself when its font arrives.
export function attend(elements) {
  for (const element of elements) {
    for (const part of element.querySelectorAll(".equation, .equation math")) observer.observe(part);
  }
}

export function start() {
  attend([document.body]);
}
