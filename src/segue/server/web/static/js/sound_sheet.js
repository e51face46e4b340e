// How it sounds and when it stops: loudness, crossfade, the sleep timer. One sheet for all three.

import { LONGEST_FADE_S } from "./player.js";
import { Sleep } from "./sleep.js";
import { _, ngettext } from "./words.js";

export function startSoundSheet(player) {
  const sheet = document.getElementById("sound");
  const fade = sheet.querySelector("[name=fade]");
  const left = sheet.querySelector("[data-sleep-left]");
  const sleep = new Sleep(player);
  fade.max = LONGEST_FADE_S;

  function show() {
    for (const radio of sheet.querySelectorAll("[name=loudness]")) radio.checked = radio.value === player.loudness;
    fade.value = player.fadeS;
    fade.dispatchEvent(new Event("input", { bubbles: true }));
    showSleep();
  }

  function showSleep() {
    const { chosen, leftS } = sleep;
    for (const button of sheet.querySelectorAll("[data-sleep]")) {
      const { sleep: choice } = button.dataset;
      button.setAttribute("aria-pressed", String(choice === chosen));
    }
    left.hidden = leftS === null;
    const minutes = Math.ceil((leftS || 0) / 60);
    left.textContent = leftS === null ? "" : ngettext("Stops within a minute.", "Stops in %(n)s minutes.", minutes);
    document.querySelector('[data-act="sound"]').classList.toggle("is-on", chosen !== "off");
  }

  sheet.addEventListener("change", (event) => {
    if (event.target.name === "loudness") player.setLoudness(event.target.value);
    if (event.target.name === "fade") player.setFade(Number(fade.value));
  });
  fade.addEventListener("input", () => {
    const seconds = Number(fade.value);
    const words = seconds === 0 ? _("No fade, no gap") : ngettext("%(n)s second", "%(n)s seconds", seconds);
    fade.setAttribute("aria-valuetext", words);
    sheet.querySelector("output").textContent = words;
  });
  for (const button of sheet.querySelectorAll("[data-sleep]")) {
    button.addEventListener("click", () => {
      const { sleep: choice } = button.dataset;
      if (choice === "track") sleep.set("track");
      else sleep.set(choice === "off" ? null : Number(choice));
    });
  }
  sleep.addEventListener("change", showSleep);
  showSleep();
  return {
    open() {
      show();
      sheet.showModal();
    },
  };
}
