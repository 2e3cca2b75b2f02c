// Lets the keyboard reach formulas that scroll sideways, as long as they do; not every browser does so by itself.
const words = { en: "Formula", zh: "公式" };

const observer = new ResizeObserver(entries => {
  for (const equation of new Set(entries.map(({ target }) => target.closest(".equation")))) {
    const scrolls = equation.scrollWidth > equation.clientWidth;
    const label = words[equation.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en"];
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", label]]) {
      if (scrolls) equation.setAttribute(name, value);
      else equation.removeAttribute(name);
    }
  }
});

// Attends to the formulas within these elements.
export function attend(elements) {
  // The formula grows by itself when its font arrives.
  for (const element of elements) {
    for (const part of element.querySelectorAll("math")) {
      const equation = part.closest(".equation");
      if (!equation) continue;
      observer.observe(equation);
      observer.observe(part);
    }
  }
}

export function start() {
  attend([document.body]);
}
