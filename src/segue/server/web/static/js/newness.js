// How new the radio is: the slider on the home page, and "More new" in the panel.

import { toast } from "./toasts.js";
import { _ } from "./words.js";

const USUAL = 70; // as in segue.server.web.newness
const STEP = 20;

export function newness() {
  const kept = document.cookie.match(/(?:^|; )segue_newness=(\d{1,3})(?:;|$)/);
  return kept ? Math.min(100, Number(kept[1])) : USUAL;
}

// As the REST API names it, or nothing where the station decides.
export const familiarPart = () => (newness() === USUAL ? "" : `&familiar=${(1 - newness() / 100).toFixed(2)}`);

async function turn(value) {
  const response = await fetch("/parts/for-you", {
    method: "POST",
    credentials: "same-origin",
    body: new URLSearchParams({ newness: value }),
  });
  if (!response.ok) throw new Error(_("That was not kept. Try again in a moment."));
  document.body.dispatchEvent(new CustomEvent("segue:feedback"));
}

export async function moreNew() {
  const before = newness();
  if (before >= 100) {
    toast(_("Your radio is all new already."));
    return;
  }
  await turn(Math.min(100, before + STEP));
  toast(_("Your radio will bring more that is new."), _("Undo"), () => turn(before));
}
