// Light or dark: what the reader chose, else what the system says. Runs before the first paint, so nothing flashes.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const key = "broadsheet-scheme";
  let choice = null;

  const isDark = () => (choice ? choice === "dark" : system.matches);

  const show = () => {
    try {
      choice = localStorage.getItem(key);
    } catch {} // storage is forbidden: the choice holds for this page
    if (choice) root.dataset.scheme = choice;
    else delete root.dataset.scheme;
    for (const button of document.querySelectorAll("button.scheme")) button.setAttribute("aria-pressed", isDark());
  };

  const turn = () => {
    choice = isDark() === system.matches ? (isDark() ? "light" : "dark") : null; // as the system is: follow it again
    try {
      if (choice) localStorage.setItem(key, choice);
      else localStorage.removeItem(key);
    } catch {}
    show();
  };

  root.classList.add("has-script");
  show();
  document.addEventListener("DOMContentLoaded", show); // now the button is there
  document.addEventListener("click", (event) => event.target.closest?.("button.scheme") && turn());
  system.addEventListener("change", show);
  addEventListener("storage", show); // chosen in another tab
  addEventListener("pageshow", show); // a page that comes back as it was left
})();
