// What the browser remembers, kept apart for each listener. A full or blocked storage is survived.

const listener = document.body.dataset.listener || "nobody";
const keyOf = (name) => `segue.${listener}.${name}`;

export function remembered(name, otherwise) {
  try {
    const text = localStorage.getItem(keyOf(name));
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // no room, or storage is switched off: the page works on, it only forgets on reload
  }
}

export function forget(name) {
  try {
    localStorage.removeItem(keyOf(name));
  } catch {
    // as above
  }
}

// Names that begin so, of what is kept for this listener.
export function namesOf(start) {
  try {
    const prefix = keyOf(start);
    const whole = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    return whole.map((key) => key.slice(keyOf("").length));
  } catch {
    return [];
  }
}
