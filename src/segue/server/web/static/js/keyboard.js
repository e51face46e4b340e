// Keys for everything one does often. Never while typing, never with a modifier.

const SEEK_S = 10;

export function startKeyboard({ player, act, close }) {
  const keys = {
    " ": () => act("toggle"),
    n: () => act("next"),
    p: () => act("previous"),
    ArrowLeft: () => player.seek(player.position - SEEK_S),
    ArrowRight: () => player.seek(player.position + SEEK_S),
    ArrowUp: () => act("louder"),
    ArrowDown: () => act("quieter"),
    l: () => act("love"),
    d: () => act("dislike"),
    m: () => act("mute"),
    s: () => act("shuffle"),
    q: () => act("queue"),
    f: () => act("grow"),
    t: () => act("sound"),
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
    if (event.key.startsWith("Arrow") && focus.closest?.("input, select, [role=group], [role=radiogroup]")) return;
    // up and down scroll the page, unless the player is all there is
    if (["ArrowUp", "ArrowDown"].includes(event.key) && !focus.closest?.(".player")) return;
    if (document.querySelector("dialog[open]")) return;
    const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}
