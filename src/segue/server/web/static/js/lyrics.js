// Words that know their times: the line that is sung is marked and kept in view, a press seeks.
//
// One line is in the order of the Tab key, the present one; arrows go on from there. Who scrolls by
// hand is left alone for a while.

const LEFT_ALONE_MS = 6000;
const FROM_TOP = 0.35; // of the height of the words, where the present line stands

export function start(element, { player }) {
  const lines = Array.from(element.querySelectorAll(".lyric"));
  const starts = lines.map((line) => Number(line.dataset.start));
  const buttons = lines.filter((line) => line.matches("button"));
  let now = -1; // the last line that has begun
  let soon = 0;
  let leftAloneUntil = 0;

  const isOurs = () => player.track?.id === element.dataset.of;

  function lineAt(seconds) {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  const isWalked = () => element.querySelector(":focus-visible") !== null; // by keys

  function reach(button) {
    for (const one of buttons) one.tabIndex = one === button ? 0 : -1;
  }

  // Lines that begin together, as a line and its translation, are present together.
  function mark(index) {
    now = index;
    lines.forEach((line, at) => {
      const here = index >= 0 && starts[at] === starts[index];
      line.classList.toggle("is-now", here);
      if (here) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    });
    if (!isWalked()) reach(buttons.find((one) => one.matches(".is-now")) || buttons[0]);
  }

  function follow() {
    if (performance.now() < leftAloneUntil || isWalked()) return;
    const line = lines[Math.max(0, starts.indexOf(starts[now]))];
    const top = now < 0 ? 0 : line.offsetTop - FROM_TOP * element.clientHeight;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollTo({ top, behavior: still ? "instant" : "smooth" });
  }

  function look() {
    clearTimeout(soon);
    if (!isOurs()) return;
    const index = lineAt(player.position);
    if (index !== now) {
      mark(index);
      follow();
    }
    // the clock of the sound ticks four times a second; a line must not be late by as much
    const wait = starts[index + 1] - player.position;
    if (!player.paused && wait < 0.3) soon = setTimeout(look, Math.max(20, wait * 1000));
  }

  function step(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.target.matches("button")) return;
    event.preventDefault();
    event.stopPropagation();
    const to = buttons[buttons.indexOf(event.target) + by];
    if (!to) return;
    reach(to);
    to.focus();
  }

  const leaveAlone = () => (leftAloneUntil = performance.now() + LEFT_ALONE_MS);
  element.addEventListener("click", (event) => {
    const line = event.target.closest(".lyric");
    if (!line || !isOurs()) return;
    leftAloneUntil = 0;
    player.seek(Number(line.dataset.start));
    look();
  });
  element.addEventListener("keydown", step);
  element.addEventListener("wheel", leaveAlone, { passive: true });
  element.addEventListener("touchmove", leaveAlone, { passive: true });
  const shown = new IntersectionObserver(([entry]) => entry.isIntersecting && follow());
  shown.observe(element);
  for (const name of ["time", "state"]) player.addEventListener(name, look);
  mark(-1);
  look();
  return () => {
    clearTimeout(soon);
    shown.disconnect();
    for (const name of ["time", "state"]) player.removeEventListener(name, look);
  };
}
