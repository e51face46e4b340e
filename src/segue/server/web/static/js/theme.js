// Light, dark or as the system says: set before the first paint, so that nothing flashes.
const chosenTheme = localStorage.getItem("segue.theme");
if (chosenTheme === "light" || chosenTheme === "dark") {
  document.documentElement.dataset.theme = chosenTheme;
}
