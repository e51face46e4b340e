"""How commands speak: tables and progress for a person, one JSON value with ``--json``.

Exit codes: 0 done; 1 it failed, the reason is on standard error; 2 the command line is wrong;
3 done, but some files or rows could not be used; 130 interrupted.
"""

import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

EXIT_FAILED = 1
EXIT_PARTLY = 3
EXIT_INTERRUPTED = 130

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON value instead of text for a person.")
]
_stdout = Console()
_stderr = Console(stderr=True)


class ConsoleProgress:
    """Progress bar on standard error; silent when standard error is not a terminal or with JSON."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task: Any = bar.add_task("", total=None, rate="") if bar else None

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Move the bar."""
        if self._bar is None:
            return
        speed = self._bar.tasks[self._task].speed
        rate = f"{done:,} {unit}" + (f", {speed:,.0f} a second" if speed else "") if unit else ""
        self._bar.update(self._task, completed=done, total=total, description=message, rate=rate)

    def should_stop(self) -> bool:
        """A command is stopped by Ctrl-C, not by a flag."""
        return False


@contextmanager
def progress_bar(*, quiet: bool) -> Generator[ConsoleProgress]:
    """A progress bar while the block runs."""
    if quiet or not sys.stderr.isatty():
        yield ConsoleProgress(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=_stderr, transient=True) as bar:
        yield ConsoleProgress(bar)


def emit(value: Any, as_json: bool, text: str | None = None) -> None:
    """Print a result: JSON, or a line for a person."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    elif text is not None:
        _stdout.print(text, markup=False, highlight=False, soft_wrap=True)


def emit_table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for a person."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        # text from tags is not markup
        table.add_row(*(_plain(cell) for cell in row))
    _stdout.print(table)


def utc_minute(moment: float) -> str:
    """A Unix time (s) as UTC, to the minute.

    >>> utc_minute(1.7e9)
    '2023-11-14 22:13'
    """
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")


def complain(message: str) -> None:
    """Say on standard error why it failed."""
    _stderr.print(f"segue: {message}", markup=False, highlight=False, soft_wrap=True)


def _plain(cell: object) -> str:
    from rich.markup import escape

    return escape(str(cell))
