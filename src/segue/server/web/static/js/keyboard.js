// Keys for everything one does often. Never while typing, never with a modifier.

const SEEK_S = 10;

export function startKeyboard({ player, act, close }) {
  const keys = {
    " ": () => act("toggle"),
    n: () => act("next"),
    p: () => act("previous"),
    ArrowLeft: () => player.seek(player.position - SEEK_S),
    ArrowRight: () => player.seek(player.position + SEEK_S),
    l: () => act("love"),
    m: () => act("mute"),
    q: () => act("queue"),
    "/": () => act("search"),
    "?": () => act("keys"),
    Escape: close,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focus = event.target;
    const typing = focus.closest?.("input:not([type=range]), textarea, select, [contenteditable]");
    if (typing && event.key !== "Escape") return;
    // a button or slider in focus keeps its own keys
    if (event.key === " " && focus.closest?.("button, a, summary")?.checkVisibility()) return;
    if (event.key.startsWith("Arrow") && focus.closest?.("input, [role=group]")) return;
    if (document.querySelector("dialog[open]")) return;
    const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}
