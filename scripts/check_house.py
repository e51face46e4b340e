"""House rules that no linter knows: file and function length, lock files, no pickle, no markers.

Run by `make check`; prints every breach and exits with 1 when there is one.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
# ``pickle`` and its kin run code when they read; ``eval`` and shells run text
FORBIDDEN_IMPORTS = frozenset({"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"})
FORBIDDEN_CALLS = frozenset({"eval", "exec", "compile", "system", "popen"})
# SQL stays in ``store``; the databases of other programs are exports, read and never written
SQLITE_IMPORTERS = frozenset(
    f"src/segue/{name}.py"
    for name in ("store/schema", "cli/doctor", "sources/databases", "sources/beets",
                 "sources/navidrome")
)  # fmt: skip
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def main() -> int:
    """Print every breach; 1 when there is one."""
    breaches = [*breaches_of_source(), *breaches_of_locks()]
    for breach in breaches:
        print(breach, file=sys.stderr)
    return 1 if breaches else 0


def breaches_of_source() -> Iterator[str]:
    """Breaches in the package."""
    yield from _long_files("tests", "benchmarks", "scripts", "examples")
    for path in sorted((ROOT / "src").rglob("*.py")):
        if "versions" in path.parts:
            continue  # migrations are a record, one long function each
        text = path.read_text("utf-8")
        place = path.relative_to(ROOT)
        n_lines = text.count("\n")
        if n_lines > MAX_FILE_LINES:
            yield f"{place}: {n_lines} lines, at most {MAX_FILE_LINES}"
        if UNFINISHED.search(text):
            yield f"{place}: has a mark of unfinished work"
        yield from _breaches_of_tree(ast.parse(text), str(place))


def _long_files(*folders: str) -> Iterator[str]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            n_lines = path.read_text("utf-8").count("\n")
            if n_lines > MAX_FILE_LINES:
                yield f"{path.relative_to(ROOT)}: {n_lines} lines, at most {MAX_FILE_LINES}"


def breaches_of_locks() -> Iterator[str]:
    """Lock files pin by hash and name no place to download from."""
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text("utf-8")
        if re.search(r"https?://|--index-url|--find-links|@ file", text):
            yield f"{path.relative_to(ROOT)}: names an address"
        pins = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
        if len(pins) > text.count("--hash=sha256:"):
            yield f"{path.relative_to(ROOT)}: has pins without a hash"


def _breaches_of_tree(tree: ast.AST, place: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = _body_lines(node)
            if n_lines > MAX_FUNCTION_LINES:
                yield f"{place}:{node.lineno} {node.name}: {n_lines} lines in its body"
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            if name == "sqlite3" and place not in SQLITE_IMPORTERS:
                yield f"{place}:{node.lineno}: imports sqlite3; SQL stays in store"
            if name.partition(".")[0] in FORBIDDEN_IMPORTS:
                yield f"{place}:{node.lineno}: imports {name}, which runs code when it reads"
        if isinstance(node, ast.Call):
            yield from _breaches_of_call(node, place)


def _breaches_of_call(node: ast.Call, place: str) -> Iterator[str]:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    is_plain = isinstance(function, ast.Name) or name in ("system", "popen")
    if name in FORBIDDEN_CALLS and is_plain:
        yield f"{place}:{node.lineno}: calls {name}"
    for keyword in node.keywords:
        value = keyword.value
        is_true = isinstance(value, ast.Constant) and value.value is True
        if keyword.arg in ("shell", "allow_pickle") and is_true:
            yield f"{place}:{node.lineno}: {keyword.arg}=True"


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring is not counted
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


if __name__ == "__main__":
    sys.exit(main())
