// Starts everything, and is the one place where a press on a button becomes an act.

import { getJson } from "./api.js";
import { flush, startEvents } from "./events.js";
import { neverPlay, rate, rowsOf, toggleDislike, toggleLove } from "./feedback.js";
import { startKeyboard } from "./keyboard.js";
import { startFields } from "./fields.js";
import { startMediaSession } from "./media_session.js";
import { startModules } from "./modules.js";
import { chooseTheme, goToSearch, startPage } from "./page.js";
import { closePanels, panelIsOpen, startPanel, toggleQueue } from "./panel.js";
import { moreNew } from "./newness.js";
import { Player } from "./player.js";
import { startPlayerBar } from "./player_bar.js";
import { startPlayerPage } from "./player_page.js";
import { saveAsPlaylist, saveListOf } from "./playlists.js";
import { Queue } from "./queue.js";
import { startQueueList } from "./queue_list.js";
import { beginRadio, keepGoing, steer, tell } from "./radio.js";
import { startSelection } from "./selection.js";
import { startSoundSheet } from "./sound_sheet.js";
import { oneAtATime } from "./tabs.js";
import { toast } from "./toasts.js";
import { fromElement, fromRest } from "./tracks.js";
import { _, ngettext } from "./words.js";

const VOLUME_STEP = 0.05;

const queue = new Queue();
const player = new Player(queue);
const bar = startPlayerBar(player);
const playerPage = startPlayerPage(player);

// The track that a button belongs to: its row's, or the one that plays.
function trackOf(button) {
  const row = button?.closest?.("[data-track]");
  return row ? fromElement(row) : player.track;
}

function sourceOf(button) {
  return button?.closest?.("[data-source]")?.dataset.source || player.queue.source;
}

function playFrom(list, row) {
  const rows = Array.from(list.querySelectorAll("[data-track]"));
  const tracks = rows.map(fromElement);
  let index = row ? rows.indexOf(row) : tracks.findIndex((track) => track.playable);
  if (row && tracks[index].id === player.track?.id && player.queue.source === list.dataset.source) {
    player.toggle();
    return;
  }
  player.playList(tracks, index, list.dataset.source || "web");
}

function playListOf(button) {
  const named = button.dataset.list && document.getElementById(button.dataset.list);
  const root = named || button.closest("[data-list-root]");
  const list = root.matches("[data-queue]") ? root : root.querySelector("[data-queue]");
  playFrom(list, null);
}

async function playQueueOf(button) {
  const tracks = (await getJson(button.dataset.queueUrl)).map(fromRest);
  const first = tracks.findIndex((track) => track.playable);
  if (first < 0) toast(_("There is no file to play here."));
  else player.playList(tracks, first, button.dataset.source);
}

// Several tracks at once come from a list whose marks are set, one from its row.
async function add(button, where) {
  const { queueUrl } = button.dataset;
  const tracks = queueUrl ? (await getJson(queueUrl)).map(fromRest) : [trackOf(button)];
  addTracks(tracks.map((track) => ({ ...track, from: sourceOf(button) })), where);
}

function addTracks(tracks, where) {
  const n = player.add(tracks, where);
  if (!n) toast(_("There is no file to play here."));
  else if (tracks.length === 1) {
    const { title } = tracks[0];
    toast(where === "next" ? _("%(title)s will come next.", { title }) : _("%(title)s stands in the queue.", { title }));
  } else toast(where === "next"
    ? ngettext("%(n)s track will come next.", "%(n)s tracks will come next.", tracks.length)
    : ngettext("%(n)s track stands in the queue.", "%(n)s tracks stand in the queue.", tracks.length));
}

async function startRadio(button) {
  const { seed, name } = button.dataset;
  const { session, tracks } = await beginRadio(seed);
  if (!tracks.some((track) => track.playable)) {
    toast(_("Nothing else in your library is close to this yet."));
    return;
  }
  player.playList(tracks, tracks.findIndex((track) => track.playable), "radio", seed, session);
  toast(_("Radio from %(name)s", { name }));
}

function never(button) {
  const track = trackOf(button);
  neverThis({ dataset: { scope: "track", id: track.id, name: track.title } });
}

const covers = {
  track: (id) => (track) => track.id === id,
  artist: (id) => (track) => track.artists.some((artist) => artist.id === id),
  album: (id) => (track) => track.album_id === id,
};

function neverThis({ dataset: { scope, id, name, days } }) {
  neverPlay(scope, id, name, () => {
    for (const row of rowsOf(id)) row.classList.add("is-leaving");
    dropWhere(covers[scope](id));
  }, days ? Number(days) : null);
}

function dropWhere(unwanted) {
  queue.removeWhere(unwanted);
  if (player.track && unwanted(player.track)) player.dropCurrent();
}

function dislike(button) {
  const track = trackOf(button);
  const now = toggleDislike(track, sourceOf(button));
  if (now && track.id === player.track?.id) player.next();
}

// Play with nothing chosen begins the listener's radio.
async function toggle() {
  if (player.track) {
    player.toggle();
    return;
  }
  const list = await getJson("/v1/recommendations/for_you?n=30");
  const tracks = list.tracks.map(fromRest);
  const first = tracks.findIndex((track) => track.playable);
  if (first < 0) toast(_("There is nothing to play yet. Add music first."));
  else player.playList(tracks, first, "for_you");
}

const sheet = startSoundSheet(player);
const selection = startSelection({ addTracks, dropWhere });

const acts = {
  toggle,
  next: () => player.next(),
  previous: () => player.previous(),
  mute: () => player.toggleMute(),
  grow: () => (bar.grown ? bar.grow(false) : player.track && grow()),
  shrink: () => bar.grow(false),
  queue: () => (bar.grown ? playerPage.show("next") : toggleQueue()),
  shuffle: () => queue.setShuffled(!queue.shuffled),
  select: () => selection.toggle(),
  "save-queue": () => saveAsPlaylist(queue.tracks.slice(Math.max(0, queue.index)).map((track) => track.id), ""),
  "clear-queue": () => queue.clearUpcoming(),
  "play-next": (button) => add(button, "next"),
  "add-to-queue": (button) => add(button, "last"),
  louder: () => player.setVolume(player.volume + VOLUME_STEP),
  quieter: () => player.setVolume(player.volume - VOLUME_STEP),
  "close-panel": closePanels,
  "play-row": (button) => playFrom(button.closest("[data-queue]"), button.closest("[data-track]")),
  "play-list": playListOf,
  "play-queue": playQueueOf,
  radio: startRadio,
  love: (button) => trackOf(button) && toggleLove(trackOf(button), sourceOf(button)),
  dislike,
  rate: (button) => rate(trackOf(button), Number(button.dataset.value), sourceOf(button)),
  never,
  "never-this": neverThis,
  "never-artist": ({ dataset: { id, name } }) => neverThis({ dataset: { scope: "artist", id, name } }),
  "never-album": ({ dataset: { id, name } }) => neverThis({ dataset: { scope: "album", id, name } }),
  "more-new": moreNew,
  "save-playlist": saveListOf,
  "map-list": (button) => button.setAttribute("aria-pressed", String(button.closest(".map-page").classList.toggle("is-list"))),
  search: goToSearch,
  keys: () => document.getElementById("keys").showModal(),
  sound: () => sheet.open(),
  theme: (button) => chooseTheme(button.dataset.themeChoice),
};

function grow() {
  closePanels();
  bar.grow(true);
  playerPage.refresh();
}

function act(name, button = null) {
  Promise.resolve(acts[name]?.(button)).catch((error) => toast(error.message));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-act]");
  if (button && !button.disabled) act(button.dataset.act, button);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  flush();
  player.signOut();
});

player.addEventListener("trouble", (event) => {
  const { title } = event.detail;
  toast(navigator.onLine
    ? _("%(title)s could not be played. Going on.", { title })
    : _("%(title)s could not be played. You are offline.", { title }));
});

startEvents();
startPage();
startPanel();
startFields();
startModules({ player, queue });
startQueueList(queue, player);
oneAtATime(player);
startMediaSession(player);
startKeyboard({
  player,
  act,
  close: () => {
    if (bar.grown) bar.grow(false);
    else if (panelIsOpen()) closePanels();
  },
});
player.addEventListener("reported", ({ detail: { kind, trackId, playedS } }) => {
  if (!queue.session) return;
  tell(kind, trackId, playedS);
  if (kind === "skip") steer(queue);
});
keepGoing(queue);
navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // only where the address is secure
document.body.dataset.ready = "yes"; // for tests: from here on every button works
