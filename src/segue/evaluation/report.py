"""A comparison as one HTML page that needs nothing else: no script, no request, plots as SVG."""

from collections.abc import Iterable, Sequence
from html import escape
from math import log10

from segue.evaluation.comparison import Comparison, Estimate, ModelResult

WIDTH, HEIGHT, MARGIN = 440, 300, 56
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

Point = tuple[str, float, float]  # label, x, y


def html_report(comparison: Comparison) -> str:
    """The whole page; every plotted number also stands in a table."""
    title = f"{len(comparison.models)} models on {comparison.n_listeners:,} listeners"
    body = (
        f"<h1>{escape(title)}</h1>{_setting(comparison)}"
        f"<h2>Accuracy</h2>{accuracy_table(comparison)}"
        f"<div class=plots>{_plots(comparison)}</div>"
        f"<h2>What the lists are like</h2>{beyond_table(comparison)}"
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


def scatter(points: Sequence[Point], x_label: str, y_label: str, *, log_x: bool = False) -> str:
    """A scatter plot as one SVG element, axes from the least to the greatest value.

    Args:
        points: Label, x and y of each; x above zero with ``log_x``.
        x_label: Words below.
        y_label: Words above the axis.
        log_x: Spread x by its logarithm.
    """
    xs = [log10(max(x, 1e-9)) if log_x else x for _, x, _ in points]
    ys = [y for _, _, y in points]
    marks = "".join(
        _mark(label, _scale(x, xs, MARGIN, WIDTH - 2 * MARGIN),
              _scale(y, ys, HEIGHT - MARGIN, MARGIN))
        for (label, _, _), x, y in zip(points, xs, ys, strict=True)
    )  # fmt: skip
    low, high = (min(x for _, x, _ in points), max(x for _, x, _ in points))
    base = HEIGHT - MARGIN + 14
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{escape(y_label)} against {escape(x_label)}</title>"
        f'<path d="M{MARGIN - 10} {MARGIN - 14}V{base}H{WIDTH - 20}" fill="none" stroke="#888"/>'
        f'<text x="{MARGIN - 10}" y="{MARGIN - 24}">{escape(y_label)}</text>'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>'
        f"{_tick(MARGIN, base + 16, low, 'middle')}"
        f"{_tick(WIDTH - 2 * MARGIN, base + 16, high, 'middle')}"
        f"{_tick(MARGIN - 14, HEIGHT - MARGIN, min(ys), 'end')}"
        f"{_tick(MARGIN - 14, MARGIN, max(ys), 'end')}{marks}</svg>"
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
    plots = (
        scatter(by_time, "seconds to fit (logarithmic)", measure, log_x=True),
        scatter(by_coverage, f"coverage@{k}, share of the catalogue shown", measure),
    )
    return "".join(f"<figure>{plot}</figure>" for plot in plots)


def _point(model: ModelResult, x: float, measure: str) -> Point:
    return model.name, x, model.accuracy[measure].mean


def _scale(value: float, among: Sequence[float], start: float, stop: float) -> float:
    low, high = min(among), max(among)
    share = (value - low) / (high - low) if high > low else 0.5
    return round(start + share * (stop - start), 1)


def _mark(label: str, x: float, y: float) -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="5" fill="#0b7a75"/>'
        f'<text x="{x + 9}" y="{y + 4}">{escape(label)}</text>'
    )


def _tick(x: float, y: float, value: float, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{value:.3g}</text>'


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
