"""docs/benchmarks.md and its plots in docs/images from the figures that benchmarks print.

Usage: make bench ID=S8 >>docs/figures.jsonl; python scripts/make_benchmarks.py
Of several lines of one figure the last one counts. Run it where Segue is installed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from segue.evaluation.plots import curves, scatter

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures.jsonl"
IMAGES = ROOT / "docs" / "images"
LENGTHS = (1, 5, 20, 100)
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Measured on 2 shared cores and 24 GiB without a GPU; each figure is what `make bench ID=...`
printed, and a target that was missed says so. This page is made from `docs/figures.jsonl` by
`scripts/make_benchmarks.py`.

Targets are those that Segue aims for, not what it has. "Met" is empty where there is no target.
"""
NOTES = {
    "ALIKE": """Of the 10 nearest by other artists, the share of the same genre; see
[alike](algorithms/alike.md).""",
    "EARS-MUTATED": """Damaged and lying files through the workers that listen; "hung" were stopped
after 60 seconds and recorded.""",
    "F29": """Ratings of 1 to 5 predicted, five folds; Surprise on the same folds, with as many
settings tried.""",
    "HOUSEHOLDS": """Discover for the few listeners of one server, models fitted on them alone.
"With terms" is what training publishes, [collective EDLAE](algorithms/collective.md), "without" is
EDLAE, published before. What terms bring holds for real playlists and for planted listeners.""",
    "Q-MATCH": """Rows as other services and careless people spell them, of tracks that the library
has and of tracks that it lacks. "Matched" is what is taken without asking.""",
    "Q3": """All chosen on what came before the last entry, and asked once. The hit rate reaches its
target with the artists' attributes; NDCG misses it by .0007 without them and by .0028 with them.
1,090 listeners cannot tell these apart: the interval of the latter is .051 to .074. Tried without
gain: SLIST over the whole sequence, and EDLAE tuned on the same three entries, which loses to plain
EASE on the test.""",
    "Q4": """Each model got 4 random draws from its space, tried on the validation part of one split
of HetRec and tested once on its test part: few draws, but alike for all. Our fusion has no draws:
its members are as chosen, its weights were found on the validation part. `collective`, and with it
the fusion, reads tags, which no peer can; EDLAE reads what the peers read. A difference is met
where its whole 95 % interval, paired by listener, lies above zero.""",
    "Q6": """Listeners of whom training saw none, asked after their first events: NDCG@20 of
Discover over that of the ranking by planted taste. The targets are missed, and that of five events
seems out of reach: who knows how these listeners are made (the last two lines, an estimate) gets
about half of the best out of five events. "Taste alone" leaves out the rules that spread artists,
albums and genres: they cost a fifth to a third of it. What was tried stands in
[learned fusion](algorithms/learned_fusion.md).""",
    "Q5": """Tracks that training knows no listener of. The target, three times the cosine, is
missed everywhere; what was tried to come nearer stands in [bridge](algorithms/bridge.md).""",
    "Q7": """Moods from words (R2) and requests in words; see [ask](algorithms/ask.md) for what
favours "ask" here.""",
    "Q9": """Of the 10 nearest by other artists, the share of one kind; see
[similarity by sound](algorithms/sound.md).""",
    "PAGES": """A browser opens each page with an empty cache; bounds are those that web.dev calls
good. "phone" has a processor four times slower: there the first page, search and the jump into the
middle of 100,000 rows keep it busier than they should.""",
    "MAP": """The map is moved and zoomed for 300 frames in a browser without a graphics card, while
others used the machine (load 8 on two cores); a frame is late when more than one and a half
sixtieths of a second lie before it. At a load of 11 from 5 to 13 % of frames were late.""",
    "S4": """"First" finds nothing kept of the listener, as after an event; "filtered" differs in a
filter from the list before, "next" only in an order. The last alone reaches the target at 100,000
tracks, and at a million, where a filtered list does by its median. Where the time of a first list
goes, and what each step brought, stands in [how a list is made fast](fast_lists.md).""",
    "S5": """Of an hour in which nothing else ran here, and yet all was about a quarter slower than
before: lists served again, which nothing of the code touched, had been 5,300 a second. Lists that
differ in an order had missed 500 by a tenth.""",
    "S11": """Of a million tracks others used the machine a lot (load 10 on two cores): there the
processor time says more than the clock. What they took before, and how that was compared, stands in
[how a list is made fast](fast_lists.md). Resident memory counts mapped pages too.""",
    "S6": """Most of it is the first list after the event (S4). Of the same slower hour as S5: in
turns with the code before catalogues were mapped that had 38 and 36 ms, this one 43 and 30.""",
    "S9": """The import of a whole history reads, matches and stores; its rate holds over ten
million rows, and so does its memory. The row of ten million is of a quiet machine, before rows were
written a thousand in a statement (SQLite then works beside Python, not in turn with it) and tables
read by the piece. In turns on a crowded machine, 300,000 rows each, that brought 2,000 and 2,100 a
second to 3,300 and 2,900, and once it was quieter 10,500 to 16,100. Once all names
are known, a row costs 8, 10 and 17 microseconds of reading, matching and writing where it
cost 10, 13 and 27 (medians of batches, one thread, crowded). Not done: a process of its own for
reading, since what is left of it is the smallest of the three, and matching has to stay with the
library. The export of 5 GB went in whole: memory counts there, which grew by 5 MB after the
562,000th row. Its rate is of a crowded machine (load 7 to 11 on two cores, at low priority).""",
    "S1": """Of wall and CPU seconds the latter count here: others used the machine meanwhile.""",
    "VERSIONS": """Files of one recording, changed and encoded again; which pairs of other files
were found is told in [similarity by sound](algorithms/sound.md#cut-and-faded-versions). Composed
libraries hold some recordings on two albums, so that many of their "different" pairs are one.""",
    "S2": """Wall seconds of a busy machine: only the ratio of what took turns means something.""",
}
MODELS_HEAD = """## Models

Every registered model on each data set (`make bench ID=MODELS`): all tracks ranked, tracks of the
profile masked, in brackets the 95 % bootstrap interval over listeners. One process a model: "CPU s"
is processor time of the fit, "MB" the most memory the process held, data and ranking included, "ms"
what ranking one listener costs in a batch. Seconds are of a machine that others used meanwhile. The
parameters stand in `benchmarks/quality/model_data.py`; a model without a line refused the data.
Models of terms, sound or stars find none in bare pairs, score all tracks alike and rank them in the
order of their rows, which is chance; the plots leave out what is below a twentieth of the best.
"After n" is NDCG@20 of listeners whom the model never saw, when their newest n events are known.
"""
LISTS_HEAD = """## Lists

Lists of 20 made by the pipeline from the models that training publishes (`make bench ID=LISTS`):
each source alone, both fusions before and after the stages that spread and mix, and the list as
served with one control changed. In brackets 95 % bootstrap intervals; differences are paired by
listener, with the p-value of the paired randomisation test after Holm. Plain lists and the list as
served are compared with plain rank fusion, the others with the list as served. Near repeats are
places whose artist stands within the three before; the distance of genres is in nats.

What is relevant is what a listener liked next. A list that repeats what was heard wins by that
measure, so For you, which holds three parts heard to seven new, pays for its new part; Discover is
judged on new tracks alone. HetRec has no times: nothing can teach a ranker there, and each of its
artists is one track.
"""
LIST_MEASURES = ("artists", "coverage", "gini of tracks", "gini of artists", "popularity lift",
                 "diversity", "heard before", "distance of genres", "near repeats of an artist",
                 "lists with two versions")  # fmt: skip


def main() -> int:
    """Write the page."""
    latest: dict[tuple[str, ...], dict[str, Any]] = {}
    for line in FIGURES.read_text("utf-8").splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            latest[row["id"], row["metric"], row["data"], row.get("peer", "")] = row
    sections = [HEAD]
    ids = {key[0] for key in latest} - {"MODELS", "LISTS"}
    for id_ in sorted(ids, key=_place):
        rows = [row for key, row in latest.items() if key[0] == id_]
        sections.append(section(id_, rows))
    for id_, made in (("LISTS", lists_section), ("MODELS", models_section)):
        rows = [row for key, row in latest.items() if key[0] == id_]
        if rows:
            sections.append(made(rows))
    PAGE.write_text("\n".join(sections), "utf-8")
    return 0


def _place(id_: str) -> tuple[str, int, str]:
    """By letter, then by number; ids without a number (Q-SPARSE) come after the others."""
    digits = id_[1:]
    return (id_[0], int(digits) if digits.isdigit() else sys.maxsize, digits)


def section(id_: str, rows: list[dict[str, Any]]) -> str:
    """One table of the page."""
    has_peer = any("peer" in row for row in rows)
    head = ("figure", "value", *(["beside"] if has_peer else []), "target", "met", "data", "n")
    note = [NOTES[id_], ""] if id_ in NOTES else []
    lines = [f"## {id_}", "", *note, f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        target = "" if row["target"] is None else f"{row['target']:g}"
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        value = f"{row['value']:.4g} {row['unit']}"
        if "interval" in row:
            value += " [{:.4g}, {:.4g}]".format(*row["interval"])
        peer = f"{row['peer']} {row['peer_value']:.4g}" if "peer" in row else ""
        cells = (row["metric"], value, *([peer] if has_peer else []), target, met, row["data"],
                 f"{row['n']:,}")  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    if id_ == "Q6":
        lines += ["", _planted_plot(rows)]
    return "\n".join(lines) + "\n"


def _planted_plot(rows: list[dict[str, Any]]) -> str:
    """The share of the best attainable by events known, as one plot; the words that show it."""
    series: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        name, _, length = row["metric"].partition(" after ")
        if length.isdigit():
            series.setdefault(name.rstrip(","), []).append((float(length), row["value"]))
    path = IMAGES / "q6-history.svg"
    plot = curves(series, "events known of a new listener (logarithmic)", "share of the best")
    path.write_text(plot.replace("currentColor", "#444") + "\n", "utf-8")
    return f"![Share of the best attainable against events known](images/{path.name})"


def lists_section(rows: list[dict[str, Any]]) -> str:
    """One table for each station and data set of the benchmark of lists."""
    parts = [LISTS_HEAD]
    for data in dict.fromkeys(row["data"] for row in rows):
        lists: dict[str, dict[str, dict[str, Any]]] = {}
        for row in rows:
            if row["data"] == data:
                name, _, metric = row["metric"].rpartition(": ")
                lists.setdefault(name, {})[metric] = row
        n = max(row["n"] for row in rows if row["data"] == data)
        parts.append(f"### {data} ({n:,} asked)\n\n{_lists_table(lists)}")
    return "\n".join(parts)


def _lists_table(lists: dict[str, dict[str, dict[str, Any]]]) -> str:
    head = ("list", "NDCG@20", "difference", "p", *LIST_MEASURES)
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, found in lists.items():
        less = next((row for metric, row in found.items() if metric.startswith("less ")), None)
        difference = ""
        if less is not None:
            difference = "{:+.4f} [{:+.4f}, {:+.4f}]".format(less["value"], *less["interval"])
        p = f"{found['p (Holm)']['value']:.3f}" if "p (Holm)" in found else ""
        measures = (f"{found[m]['value']:.3g}" if m in found else "" for m in LIST_MEASURES)
        cells = (name, _with_interval(found["ndcg@20"]), difference, p, *measures)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def models_section(rows: list[dict[str, Any]]) -> str:
    """A table and three plots for each data set of the model benchmark."""
    parts = [MODELS_HEAD]
    for source in dict.fromkeys(row["data"] for row in rows):
        models: dict[str, dict[str, dict[str, Any]]] = {}
        for row in rows:
            if row["data"] == source:
                name, _, metric = row["metric"].partition(" ")
                models.setdefault(name, {})[metric] = row
        whole = {name: m for name, m in models.items() if "ndcg@20" in m and "fit" in m}
        best_first = sorted(whole, key=lambda name: -whole[name]["ndcg@20"]["value"])
        parts.append(f"### {source}\n\n{_plots(source, whole)}\n")
        parts.append(_models_table({name: whole[name] for name in best_first}))
    return "\n".join(parts)


def _models_table(models: dict[str, dict[str, dict[str, Any]]]) -> str:
    columns = ("ndcg@20", "recall@20", "hit@20", "coverage@20", "fit", "fit cpu", "peak memory",
               "listener", *(f"ndcg@20 after {n}" for n in LENGTHS))  # fmt: skip
    head = ("NDCG@20", "Recall@20", "Hit@20", "coverage@20", "fit s", "CPU s", "MB", "ms",
            *(f"after {n}" for n in LENGTHS))  # fmt: skip
    lines = ["| model | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for name, row in models.items():
        cells = [_with_interval(row[column]) if column in row else "" for column in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _with_interval(row: dict[str, Any]) -> str:
    if row["unit"] != "share":
        return f"{row['value']:.3g}"
    bounds = row.get("interval")
    words = f"{row['value']:.4f}"
    return words if bounds is None else f"{words} [{bounds[0]:.4f}, {bounds[1]:.4f}]"


def _plots(source: str, models: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Write the plots of one data set, and return the words that show them."""
    best = max(row["ndcg@20"]["value"] for row in models.values())
    # what ranks by chance would only cover the axis
    models = {name: m for name, m in models.items() if m["ndcg@20"]["value"] > 0.05 * best}

    def points(metric: str) -> list[tuple[str, float, float]]:
        return [
            (name, row[metric]["value"], row["ndcg@20"]["value"]) for name, row in models.items()
        ]

    lines = {
        name: [(float(n), row[f"ndcg@20 after {n}"]["value"]) for n in LENGTHS]
        for name, row in models.items()
        if all(f"ndcg@20 after {n}" in row for n in LENGTHS)
    }
    plots = {
        "seconds": scatter(points("fit"), "seconds to fit (logarithmic)", "NDCG@20", log_x=True),
        "coverage": scatter(points("coverage@20"), "coverage@20", "NDCG@20"),
    }
    if lines:
        plots["history"] = curves(lines, "events known of a new listener (logarithmic)", "NDCG@20")
    shown: list[str] = []
    for kind, plot in plots.items():
        path = IMAGES / f"models-{source}-{kind}.svg"
        path.write_text(plot.replace("currentColor", "#444") + "\n", "utf-8")
        shown.append(f"![NDCG@20 on {source} against {kind}](images/{path.name})")
    return "\n".join(shown)


if __name__ == "__main__":
    sys.exit(main())
