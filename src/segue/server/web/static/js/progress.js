// What is being done, live: the server tells by events, and the page comes anew when it matters.

export function start(root) {
  const lines = root.querySelector("[data-live-jobs]");
  const words = root.querySelector("[data-live-words]");
  let wasBusy = Boolean(root.dataset.busy);
  let hadNone = root.dataset.nTracks === "0";
  const source = new EventSource("/live/progress");

  function lineOf(job) {
    let line = lines.querySelector(`[data-job="${CSS.escape(job.id)}"]`);
    if (!line) {
      line = document.createElement("div");
      line.className = "listening";
      line.dataset.job = job.id;
      const said = document.createElement("p");
      said.className = "numbers";
      line.append(said, document.createElement("progress"));
    }
    const [said, bar] = line.children;
    if (said.textContent !== job.words) said.textContent = job.words;
    bar.setAttribute("aria-label", job.words);
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    } else bar.removeAttribute("value");
    return line;
  }

  // While something is typed the page is left alone.
  function comeAnew() {
    if (root.closest("#page")?.querySelector("input:focus")) return false;
    window.htmx.ajax("GET", location.pathname + location.search, { target: "#page", select: "#page", swap: "outerHTML" });
    return true;
  }

  source.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    lines.replaceChildren(...now.jobs.map(lineOf));
    words.textContent = now.words;
    const matters = (hadNone && now.n_tracks > 0) || (wasBusy && !now.jobs.length);
    if (matters && comeAnew()) {
      hadNone = false;
      wasBusy = false;
    }
    wasBusy ||= now.jobs.length > 0;
  });
  return () => source.close();
}
