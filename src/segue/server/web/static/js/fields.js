// Sliders show how far they are, say it in words, and menus close when one leaves them.

function paintRange(range) {
  const low = Number(range.min || 0);
  const high = Number(range.max || 100);
  range.style.setProperty("--part", `${high > low ? ((range.value - low) / (high - low)) * 100 : 0}%`);
}

// <input type="range" data-words="Mostly familiar|Half and half|Mostly new"> reads out in words
function sayRange(range) {
  const words = range.dataset.words?.split("|");
  if (!words) return;
  const low = Number(range.min || 0);
  const part = (range.value - low) / (Number(range.max || 100) - low || 1);
  const said = words[Math.min(words.length - 1, Math.floor(part * words.length))];
  range.setAttribute("aria-valuetext", said);
  const output = range.closest(".slider")?.querySelector("output");
  if (output) output.textContent = said;
}

function settle() {
  for (const range of document.querySelectorAll("input.range")) {
    paintRange(range);
    sayRange(range);
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

export function startFields() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("input.range")) return;
    paintRange(event.target);
    sayRange(event.target);
  });
  document.addEventListener("click", (event) => {
    const menu = event.target.closest?.("details.menu");
    const chosen = event.target.closest?.(".menu-item");
    closeMenus(chosen ? null : menu);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  }, true);
  document.body.addEventListener("htmx:afterSettle", settle);
  settle();
}
