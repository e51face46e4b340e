"""`segue evaluate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli.output import JsonOption, emit, emit_table, progress_bar
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError
from segue.evaluation.comparison import Comparison, Estimate
from segue.evaluation.report import html_report


@cli.command()
def evaluate(
    context: typer.Context,
    models: Annotated[
        str, typer.Option("--models", help="Names with commas; without it those in training.")
    ] = "",
    split: Annotated[
        str, typer.Option("--split", help="temporal, leave-last, random, listeners or cold.")
    ] = "temporal",
    k: Annotated[int, typer.Option("--k", help="Length of the lists.")] = 20,
    repeats: Annotated[
        bool,
        typer.Option("--repeats", help="Count tracks heard before too, and report them apart."),
    ] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Measure new listeners after 1, 5, 20 and 100 events."),
    ] = False,
    vectors: Annotated[
        Path | None,
        typer.Option("--vectors", help="Write one value a listener to this .npz or .csv file."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write an HTML page to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare models on your own listens; nothing in the library changes."""
    names = [name.strip() for name in models.split(",") if name.strip()]
    chosen: Any = split  # the service checks it and names the allowed ones
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        comparison = app.evaluation.compare(
            progress, names, chosen, (k,),
            repeats=repeats, history=history or report is not None, vectors=vectors,
        )  # fmt: skip
    if report is not None:
        _write(report, html_report(comparison))
    if as_json:
        emit(comparison, as_json)
        return
    _print(comparison)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInputError(f"the report cannot be written to {path}: {error}") from error


def _print(comparison: Comparison) -> None:
    k = comparison.k
    measures = [f"ndcg@{k}", f"recall@{k}", f"hit@{k}"]
    parts = [f"repeat_ndcg@{k}", f"exploration_ndcg@{k}"]
    measures += [part for part in parts if all(part in m.accuracy for m in comparison.models)]
    rows = [
        (model.name, *(_bounds(model.accuracy[name]) for name in measures),
         "best" if model.p_best is None else f"{model.p_best:.3f}",
         f"{model.beyond[f'coverage@{k}']:.3f}", f"{model.fit_s:.2f}",
         f"{model.size_bytes / 1e6:.1f}")
        for model in comparison.models
    ]  # fmt: skip
    head = ("model", *measures, "p", f"coverage@{k}", "fit s", "MB")
    emit_table(f"{comparison.n_listeners:,} listeners, {comparison.split}", head, rows)


def _bounds(value: Estimate) -> str:
    return f"{value.mean:.4f} [{value.low:.4f}, {value.high:.4f}]"
