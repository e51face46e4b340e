// Media keys and the lock screen (W3C Media Session).

import { coverUrl, names } from "./tracks.js";

export function startMediaSession(player) {
  const session = navigator.mediaSession;
  if (!session) return;
  player.addEventListener("track", () => {
    const track = player.track;
    session.metadata = new MediaMetadata({
      title: track.title,
      artist: names(track),
      album: track.album,
      artwork: [320, 640].map((size) => ({ src: coverUrl(track, size), sizes: `${size}x${size}` })),
    });
  });
  player.addEventListener("state", () => {
    session.playbackState = player.paused ? "paused" : "playing";
    const { duration, position } = player;
    if (duration > 0 && position <= duration) {
      session.setPositionState?.({ duration, position, playbackRate: 1 });
    }
  });
  const acts = {
    play: () => player.play(),
    pause: () => player.pause(),
    nexttrack: () => player.next(),
    previoustrack: () => player.previous(),
    seekto: (details) => player.seek(details.seekTime),
    seekbackward: (details) => player.seek(player.position - (details.seekOffset || 10)),
    seekforward: (details) => player.seek(player.position + (details.seekOffset || 10)),
  };
  for (const [name, act] of Object.entries(acts)) {
    try {
      session.setActionHandler(name, act);
    } catch {
      // this browser does not know the action
    }
  }
}
