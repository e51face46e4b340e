// One shape for a track, wherever it comes from: the page's data attributes or the REST API.

import { _ } from "./words.js";

export function fromElement(element) {
  return JSON.parse(element.dataset.track);
}

export function fromRest(entry) {
  const track = entry.track || entry;
  return {
    id: track.id,
    title: track.title,
    artists: track.artists || [],
    album: track.album || "",
    album_id: track.album_id || null,
    cover_id: track.cover_id || null,
    duration_s: track.duration_s || null,
    gain_db: track.track_gain_db ?? null,
    album_gain_db: track.album_gain_db ?? null,
    peak: track.track_peak ?? null,
    playable: Boolean(track.has_file),
    loved: Boolean(entry.loved),
    disliked: Boolean(entry.disliked),
    rating: entry.rating ?? null,
    why: entry.reasons?.[0]?.text || "",
  };
}

export const names = (track) => track.artists.map((artist) => artist.name).join(", ") || _("Unknown artist");

export const drawnCover = (track) =>
  `/covers/drawn/${encodeURIComponent(track.album_id || track.id)}.svg`;

export const coverUrl = (track, size) =>
  track.cover_id ? `/v1/covers/${encodeURIComponent(track.cover_id)}/${size}` : drawnCover(track);

export const streamUrl = (track) => `/v1/tracks/${encodeURIComponent(track.id)}/stream`;

export function clock(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return "0:00";
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}
