"""`segue tune`."""

from typing import Annotated, Any

import typer

from segue.cli.output import JsonOption, emit, progress_bar
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError
from segue.evaluation.search import Budget


@cli.command()
def tune(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A registered model, such as collective.")],
    budget: Annotated[
        str, typer.Option("--budget", help="Trials, such as 40, or seconds, such as 600s.")
    ] = "40",
    method: Annotated[
        str, typer.Option("--method", help="tpe, or random for the baseline.")
    ] = "tpe",
    split: Annotated[
        str, typer.Option("--split", help="temporal, leave-last, random, listeners or cold.")
    ] = "temporal",
    k: Annotated[int, typer.Option("--k", help="Length of the lists.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Search good parameters of a model on your own listens; run it again to go on."""
    wanted: tuple[Any, Any] = (method, split)  # the service checks them and names the allowed ones
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        found = app.tuning.tune(progress, model, budget_of(budget), *wanted, k, seed)
    default = "-" if found.default_value is None else f"{found.default_value:.4f}"
    params = ", ".join(f"{name}={value}" for name, value in found.best_params.items())
    emit(
        found,
        as_json,
        f"{found.model}: {found.metric} {found.best_value:.4f} on {found.split} (defaults "
        f"{default}) after {len(found.trials)} trials and {found.seconds:.0f} s\n{params}",
    )


def budget_of(text: str) -> Budget:
    """A budget from words: "40" are trials, "600s" seconds.

    >>> budget_of("600s").seconds, budget_of("40").trials
    (600.0, 40)
    """
    try:
        if text.endswith("s"):
            return Budget(seconds=float(text[:-1])).check()
        return Budget(trials=int(text)).check()
    except ValueError as error:
        raise InvalidInputError(
            f"a budget is trials, such as 40, or seconds, such as 600s; got {text!r}"
        ) from error
