// The bar at the bottom: shows the player, hands presses on. It grows to a page on request.

import { marksOf, paintButton, rowsOf } from "./feedback.js";
import { setIcon } from "./icons.js";
import { clock, coverUrl, drawnCover, names } from "./tracks.js";
import { startWaveform } from "./waveform.js";
import { _ } from "./words.js";

const element = (id) => document.getElementById(id);
export function startPlayerBar(player) {
  const bar = element("player");
  const seek = element("player-seek");
  const volume = element("player-volume");
  const wave = startWaveform(player);
  let seeking = false;

  function showTrack() {
    const track = player.track;
    for (const control of bar.querySelectorAll("button[disabled], input[disabled]")) {
      if (track) control.disabled = false;
    }
    if (!track) return;
    const title = element("player-title");
    title.textContent = track.title;
    title.href = track.album_id ? `/albums/${track.album_id}` : `/tracks/${track.id}`;
    element("player-by").textContent = names(track);
    const cover = element("player-cover");
    cover.onerror = () => {
      cover.onerror = null;
      cover.src = drawnCover(track);
    };
    cover.src = coverUrl(track, bar.classList.contains("is-grown") ? 640 : 160);
    showMarks();
    showPlaying();
  }

  function showMarks() {
    if (!player.track) return;
    const marks = marksOf(player.track);
    for (const button of bar.querySelectorAll("#player-feel [data-act]")) paintButton(button, marks);
  }

  // Only rows of the track that plays and of the one before it are touched.
  function showPlaying() {
    const id = player.track?.id;
    const rows = new Set(document.querySelectorAll("[data-track-id].is-playing"));
    if (id) for (const row of rowsOf(id)) rows.add(row);
    for (const row of rows) {
      const here = row.dataset.trackId === id;
      row.classList.toggle("is-playing", here);
      const start = row.querySelector(":scope > .track-start");
      if (start) setIcon(start, here && !player.paused ? "pause" : "play");
    }
  }

  function showState() {
    const button = bar.querySelector('[data-act="toggle"]');
    setIcon(button, player.paused ? "play" : "pause");
    button.setAttribute("aria-label", player.paused ? _("Play") : _("Pause"));
    bar.classList.toggle("is-buffering", player.waiting);
    const mute = bar.querySelector('[data-act="mute"]');
    const silent = player.muted || player.volume === 0;
    setIcon(mute, silent ? "muted" : "volume");
    mute.setAttribute("aria-pressed", String(silent));
    volume.value = String(Math.round((player.muted ? 0 : player.volume) * 100));
    volume.style.setProperty("--part", `${volume.value}%`);
    showPlaying();
    showTime();
  }

  function showTime() {
    const { position, duration } = player;
    element("player-elapsed").textContent = clock(position);
    element("player-length").textContent = clock(duration);
    if (!seeking) seek.value = String(duration ? Math.round((position / duration) * 1000) : 0);
    seek.style.setProperty("--part", `${Number(seek.value) / 10}%`);
    seek.setAttribute("aria-valuetext", _("%(position)s of %(length)s", { position: clock(position), length: clock(duration) }));
  }

  seek.addEventListener("input", () => {
    seeking = true;
    seek.style.setProperty("--part", `${Number(seek.value) / 10}%`);
    wave.show(Number(seek.value) / 1000);
    element("player-elapsed").textContent = clock((Number(seek.value) / 1000) * player.duration);
  });
  seek.addEventListener("change", () => {
    seeking = false;
    player.seek((Number(seek.value) / 1000) * player.duration);
  });
  volume.addEventListener("input", () => player.setVolume(Number(volume.value) / 100));

  player.addEventListener("track", () => {
    showTrack();
    element("player-says").textContent = _("Now playing %(title)s by %(artist)s", {
      title: player.track.title,
      artist: names(player.track),
    });
  });
  player.addEventListener("state", showState);
  player.addEventListener("time", showTime);
  document.body.addEventListener("segue:marks", showMarks);
  document.body.addEventListener("htmx:afterSettle", showPlaying);

  showTrack();
  showState();
  return {
    grow(grown) {
      bar.classList.toggle("is-grown", grown);
      document.documentElement.style.setProperty("overflow", grown ? "hidden" : "");
      showTrack();
      bar.querySelector(`[data-act="${grown ? "shrink" : "grow"}"]`).focus();
    },
    get grown() {
      return bar.classList.contains("is-grown");
    },
  };
}
