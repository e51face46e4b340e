// Two windows of one listener do not play at once: who begins tells the others to stop.

const listener = document.body.dataset.listener || "nobody";

export function oneAtATime(player) {
  if (!window.BroadcastChannel) return;
  const channel = new BroadcastChannel(`segue.${listener}`);
  let wasPaused = true;
  player.addEventListener("state", () => {
    if (wasPaused && !player.paused) channel.postMessage("playing");
    wasPaused = player.paused;
  });
  channel.addEventListener("message", (event) => {
    if (event.data === "playing" && !player.paused) player.pause();
  });
}
