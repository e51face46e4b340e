"""A comparison as one HTML page that needs nothing else: no script, no request, plots as SVG."""

from collections.abc import Iterable, Sequence
from html import escape

from segue.evaluation.comparison import Comparison, Estimate, ModelResult
from segue.evaluation.plots import Point, curves, scatter

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #1c1c1c; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
.wide { overflow-x: auto } .plots { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0 } svg { max-width: 100%; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: currentColor }
small { color: #595959 }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #161616 }
  small { color: #a8a8a8 } th, td { border-color: #3a3a3a } }
"""


def html_report(comparison: Comparison) -> str:
    """The whole page; every plotted number also stands in a table."""
    title = f"{len(comparison.models)} models on {comparison.n_listeners:,} listeners"
    body = (
        f"<h1>{escape(title)}</h1>{_setting(comparison)}"
        f"<h2>Accuracy</h2>{accuracy_table(comparison)}"
        f"<div class=plots>{_plots(comparison)}</div>"
        f"{history_table(comparison)}<h2>What the lists are like</h2>{beyond_table(comparison)}"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def accuracy_table(comparison: Comparison) -> str:
    """One row a model: every measure with its 95 % interval, then what it costs."""
    names = list(comparison.models[0].accuracy)
    head = ("model", *names, "p", "fit s", "rank s", "size MB")
    rows = [
        (
            escape(model.name),
            *(_cell(model.accuracy[name]) for name in names),
            "best" if model.p_best is None else f"{model.p_best:.3f}",
            f"{model.fit_s:.2f}",
            f"{model.rank_s:.2f}",
            f"{model.size_bytes / 1e6:.1f}",
        )
        for model in comparison.models
    ]
    return _table(head, rows)


def beyond_table(comparison: Comparison) -> str:
    """One row a measure, one column a model; "-" where a measure is not defined."""
    rows = [
        (name, *(_number(model.beyond[name]) for model in comparison.models))
        for name in comparison.models[0].beyond
    ]
    return _table(("measure", *(escape(model.name) for model in comparison.models)), rows)


def history_table(comparison: Comparison) -> str:
    """One row a model, one column a number of events; nothing where it was not measured."""
    lengths = list(comparison.models[0].history)
    if not lengths:
        return ""
    rows = [
        (escape(model.name), *(_cell(model.history[n]) for n in lengths))
        for model in comparison.models
    ]
    return (
        f"<h2>After the first events</h2><p>ndcg@{comparison.k} of listeners whom the model never "
        "saw, when only their newest events are known.</p>"
        + _table(("model", *(f"{n} events" for n in lengths)), rows)
    )


def _setting(comparison: Comparison) -> str:
    dropped = f"; {comparison.n_dropped:,} listeners had nothing held out"
    return (
        f"<p>Split: {escape(comparison.split)}. {comparison.n_held_out:,} tracks of "
        f"{comparison.n_listeners:,} listeners held out, all {comparison.n_tracks:,} tracks ranked"
        f"{dropped if comparison.n_dropped else ''}.</p>"
        "<p><small>In brackets: 95 % bootstrap interval over listeners. p: chance of a difference "
        f"from the best in ndcg@{comparison.k} this large between equal models, corrected for the "
        "number of models (Holm).</small></p>"
    )


def _plots(comparison: Comparison) -> str:
    k, models = comparison.k, comparison.models
    measure = f"ndcg@{k}"
    by_time = [_point(model, model.fit_s, measure) for model in models]
    by_coverage = [_point(m, m.beyond[f"coverage@{k}"] or 0.0, measure) for m in models]
    plots = [
        scatter(by_time, "seconds to fit (logarithmic)", measure, log_x=True),
        scatter(by_coverage, f"coverage@{k}, share of the catalogue shown", measure),
    ]
    lines = {m.name: [(float(n), e.mean) for n, e in m.history.items()] for m in models}
    if all(lines.values()):
        plots.append(curves(lines, "events known of a new listener (logarithmic)", measure))
    return "".join(f"<figure>{plot}</figure>" for plot in plots)


def _point(model: ModelResult, x: float, measure: str) -> Point:
    return model.name, x, model.accuracy[measure].mean


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{c}</td>" for c in row[1:]) + "</tr>"
        for row in rows
    )
    return (
        f"<div class=wide tabindex=0><table><thead><tr>{columns}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def _cell(value: Estimate) -> str:
    return f"{value.mean:.4f}<br><small>[{value.low:.4f}, {value.high:.4f}]</small>"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
