"""Writes docs/reference from the code: settings, errors, commands, stations and the API.

Run by hand after a change of any of them, and by `make docs`; with `--check` it only compares.
"""

import inspect
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic_core import PydanticUndefined

from segue import errors
from segue.cli.main import cli
from segue.pipeline.stations import STATIONS
from segue.server.docs import operations_by_tag
from segue.settings import ENVIRONMENT_PREFIX, Settings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by scripts/make_reference.py; change the code, not this page. -->\n\n"
_EXITS = (
    "Exit codes: 0 done; 1 it failed, the reason is on standard error; 2 the command line is "
    "wrong; 3 done, but some files or rows could not be used; 130 interrupted.\n"
)


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are not up to date."""
    stale = [name for name, text in pages().items() if _read(FOLDER / name) != text]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/reference/{name} is not up to date", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


def pages() -> dict[str, str]:
    """Every page by its file name."""
    made = {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "cli.md": cli_page(),
        "stations.md": stations_page(),
        "api.md": api_page(),
    }
    return {name: NOTE + text.rstrip() + "\n" for name, text in made.items()}


def settings_page() -> str:
    """Every setting with its variable, default, bounds and meaning."""
    rows = [
        f"| `{name}` | `{ENVIRONMENT_PREFIX}{name.upper()}` | {_default(field)} | {_bounds(field)} "
        f"| {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = (
        "# Settings\n\nDefaults are overruled by the settings file (TOML), it by environment "
        "variables, and they by flags. An unknown name is refused.\n\n"
        "| setting | variable | default | allowed | what it does |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def errors_page() -> str:
    """Every error class with its stable code."""
    rows = [f"| `{kind.code}` | `{kind.__name__}` | {_first(kind)} |" for kind in error_classes()]
    head = (
        "# Errors\n\nEvery answer that is not a success is a problem document (RFC 9457) with one "
        "of these codes, which stay the same across releases. The API adds `internal` (unexpected; "
        "the log has it under the request id), `too_large`, `method_not_allowed` and `refused`.\n\n"
        "| code | class | meaning |\n|---|---|---|\n"
    )
    return head + "\n".join(rows)


def error_classes() -> list[type[errors.SegueError]]:
    """The whole tree, in the order of the module."""
    found = [kind for kind in vars(errors).values() if inspect.isclass(kind)]
    return [kind for kind in found if issubclass(kind, errors.SegueError)]


def cli_page() -> str:
    """Every command with its arguments and options."""
    parts = [f"# Commands\n\n{_EXITS}\n`--json` prints one JSON value instead of text.\n"]
    for words, command in commands():
        parts.append(f"\n## `segue {words}`\n\n{_first(command.callback)}\n\n")
        parts += [f"- {_parameter(one)}\n" for one in command.params]
    return "".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Visible commands with the words that call them."""

    def walk(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if command.hidden:
                continue
            if hasattr(command, "commands"):
                yield from walk(command, (*words, name))
            else:
                yield " ".join((*words, name)), command

    yield from walk(typer.main.get_command(cli), ())


def stations_page() -> str:
    """Every station with what it is made of."""
    rows = [
        f"| `{name}` | {recipe.title} | {', '.join(b.source for b in recipe.blend)} "
        f"| {', '.join(recipe.fallback)} | {recipe.needs or '-'} |"
        for name, recipe in STATIONS.items()
    ]
    head = (
        "# Stations\n\nA station is a recipe: sources that propose tracks, what fills the list "
        "when they give too few, and what a request must name.\n\n"
        "| station | title | sources | fallback | needs |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def api_page() -> str:
    """Every operation of the REST API."""
    parts = [
        "# API\n\nThe running server has the same as a page at `/docs` and as OpenAPI 3.1 at "
        "`/docs/schema/openapi.json`. Sign in with `POST /v1/session` and send the token as "
        "`Authorization: Bearer`.\n"
    ]
    for group in operations_by_tag(_openapi()):
        shown = [one for one in group["operations"] if one["path"].startswith(("/v1/", "/health"))]
        if shown:
            parts.append(f"\n## {group['tag'].capitalize()}\n")
        parts += [_operation(one) for one in shown]
    return "".join(parts)


def _openapi() -> dict[str, Any]:
    from segue.bootstrap import build_app
    from segue.server.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = build_app(Settings(data_dir=Path(folder)), purpose="test")
        try:
            return create_app(app).openapi_schema.to_schema()
        finally:
            app.close()


def _operation(one: dict[str, Any]) -> str:
    lines = [f"\n### `{one['method']} {one['path']}`\n\n{one['description'] or one['summary']}\n"]
    given = [(p["name"], p) for p in one["parameters"]]
    given += [(f"{field['name']} (body)", field) for field in one["body"] or ()]
    if given:
        lines.append("\n")
    for name, part in given:
        required = ", required" if part["required"] else ""
        words = f". {part['description']}" if part["description"] else ""
        lines.append(f"- `{name}`: {part['type']}{required}{words}\n")
    return "".join(lines)


def _parameter(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
    if one.param_type_name == "argument":
        names = f"`{one.name.upper()}`"
    words = getattr(one, "help", "") or ""
    return f"{names}{': ' + words if words else ''}"


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "by the machine"
    if isinstance(field.default, tuple):
        return f"`{', '.join(field.default)}`" if field.default else "none"
    text = str(field.default)  # a secret is shown as stars, an empty one as nothing
    return f"`{text.lower() if isinstance(field.default, bool) else text}`" if text else "none"


def _bounds(field: Any) -> str:
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if low is not None:
        return f"{low} to {high}" if high is not None else f"{low} or more"
    choices = getattr(field.annotation, "__args__", ())
    return ", ".join(map(str, choices)) if all(isinstance(c, str) for c in choices) else ""


def _first(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").split("\n\n")[0].replace("\n", " ")


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
