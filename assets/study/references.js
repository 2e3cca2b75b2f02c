// Puts a BibTeX entry on the clipboard, or selects it where the clipboard is closed to this page.
export function start() {
  for (const list of document.querySelectorAll(".works")) {
    list.addEventListener("click", async event => {
      const button = event.target.closest("button");
      if (!button) return;
      const entry = document.getElementById(button.getAttribute("aria-describedby"));
      const status = button.parentElement.querySelector("[role=status]");
      try {
        await navigator.clipboard.writeText(entry.textContent + "\n");
        status.textContent = list.dataset.copied;
      } catch {
        getSelection().selectAllChildren(entry);
        status.textContent = list.dataset.byHand;
      }
    });
  }
}
