// Icons of the vendored sprite, whose address is known from those that the page carries.

const SPRITE = document.querySelector(".player use").getAttribute("href").split("#")[0];
const SVG = "http://www.w3.org/2000/svg";

export function setIcon(button, name) {
  const use = button.querySelector("use");
  const href = `${SPRITE}#${name}`;
  if (use.getAttribute("href") !== href) use.setAttribute("href", href); // setting it draws it anew
}

export function cloneIcon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}
