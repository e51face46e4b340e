// Jobs as they go on: bars move with the server's events, and the lists come anew when a job
// begins, ends or changes its state.

export function start(root) {
  const lists = root.querySelector("#admin-jobs");
  const source = new EventSource("/live/progress");

  const shown = () =>
    Array.from(lists.querySelectorAll("[data-job]"), (line) => `${line.dataset.job} ${line.dataset.state}`);

  function move(job) {
    const line = lists.querySelector(`[data-job="${CSS.escape(job.id)}"]`);
    const bar = line?.querySelector("progress");
    if (!bar) return;
    const said = line.querySelector("[data-said]");
    if (said.textContent !== job.words) said.textContent = job.words;
    bar.setAttribute("aria-label", job.words);
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    } else bar.removeAttribute("value");
  }

  source.addEventListener("progress", (event) => {
    const jobs = JSON.parse(event.data).jobs;
    const now = jobs.map((job) => `${job.id} ${job.state}`);
    if (now.sort().join() !== shown().sort().join()) {
      window.htmx.ajax("GET", "/parts/admin/jobs", { target: lists, swap: "innerHTML", select: "unset" });
    } else jobs.forEach(move);
  });
  return () => source.close();
}
