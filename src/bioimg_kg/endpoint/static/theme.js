// Light or dark: what the reader has chosen, or what the system says. Runs in the head, so that nothing flashes.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const show = () => {
    const dark = (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "dark" : "light";
    document.getElementById("theme")?.setAttribute("aria-pressed", String(dark));
  };
  const turn = () => {
    const wanted = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      if ((wanted === "dark") === system.matches) localStorage.removeItem("theme");
      else localStorage.setItem("theme", wanted);
    } catch { root.dataset.theme = wanted; return; }
    show();
  };
  show();
  system.addEventListener("change", show);
  addEventListener("storage", show);
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", turn);
    show();
  });
})();
