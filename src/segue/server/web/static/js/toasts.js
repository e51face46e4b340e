// Short messages at the lower edge, with at most one thing to do.

import { _ } from "./words.js";

const LIFE_MS = 7000;

export function toast(words, action = "", onAction = null) {
  const place = document.getElementById("toasts");
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("span");
  text.textContent = words;
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action;
    button.addEventListener("click", () => {
      box.remove();
      Promise.resolve(onAction()).catch(() => toast(_("That did not work. Try again in a moment.")));
    });
    box.append(button);
  }
  place.append(box);
  setTimeout(() => box.remove(), LIFE_MS);
}
