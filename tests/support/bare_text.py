"""Finds words that a listener would read and that no catalogue knows.

What looks like words: a capital with a small letter after it at the start, or two words of small
letters with a blank between. Names of classes, keys and addresses look like neither.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes
from pygments.lexers import JavascriptLexer
from pygments.token import Token

TRANSLATING = frozenset({"_", "gettext", "ngettext", "pgettext", "later", "each"})
READ_ATTRIBUTES = re.compile(r"title|aria-label|placeholder|alt|data-[\w-]+|hx-confirm")
LETTERS = re.compile(r"[^\W\d_]{2}")
WORDS = re.compile(r"^[^\w<]*[A-Z][a-z’]+(?=[ .,:;!?…]|$)|[a-z’]{2} [a-z]{2}")
TRANS = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
NAMES = frozenset({"Segue"})


class _Texts(HTMLParser):
    """Text nodes and attributes that are read out or shown, outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        for name, value in attrs:
            if value and READ_ATTRIBUTES.fullmatch(name) and _is_read(name, value):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent and LETTERS.search(data) and data.strip(" ·\n") not in NAMES:
            self.found.append(data.strip())


def _is_read(name: str, value: str) -> bool:
    return bool((WORDS if name.startswith("data-") else LETTERS).search(value))


def in_template(source: str, jinja: Environment) -> Iterator[str]:
    """Bare texts of a template: outside and inside its expressions."""
    texts = _Texts()
    texts.feed(JINJA.sub("", TRANS.sub("", source)))
    texts.close()
    yield from texts.found
    for node, said in _constants(jinja.parse(source)):
        if WORDS.search(node.value) and not said:
            yield node.value


def _constants(node: nodes.Node, said: bool = False) -> Iterator[tuple[nodes.Const, bool]]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child, said
        is_call = isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name)
        yield from _constants(child, said or (is_call and child.node.name in TRANSLATING))


def in_python(source: str) -> Iterator[str]:
    """Bare texts of a module of pages; docstrings, errors and logs are for others."""
    yield from _of_tree(ast.parse(source))


def _of_tree(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Raise) or (
        isinstance(node, ast.Call) and _name_of(node) in TRANSLATING | {"warning", "compile"}
    ):
        return
    # keys of tables are looked up, their values are shown
    children = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node)
    for child in children:
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if WORDS.search(child.value):
                yield child.value
        else:
            yield from _of_tree(child)


def _name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def in_script(source: str) -> Iterator[str]:
    """Bare texts of a page script, template literals included; what is put into one reads "0"."""
    depth, before = 0, ""
    for token, value in _script_tokens(source):
        if token in Token.Punctuation and value in "()":
            opens = value == "("
            if depth or (opens and before in TRANSLATING):
                depth += 1 if opens else -1
        if token in Token.Literal.String and not depth and WORDS.search(value):
            yield value
        before = value


def _script_tokens(source: str) -> Iterator[tuple[Any, str]]:
    """Tokens with strings without their marks; a template literal is one, after what is in it."""
    open_literals: list[list[str]] = []
    inside = [False]  # for each open literal, whether an expression of it is being read
    for token, value in JavascriptLexer().get_tokens(source):
        if token in Token.Literal.String.Interpol:
            inside[-1] = value == "${"
            if inside[-1]:
                open_literals[-1].append("0")
        elif token in Token.Literal.String.Backtick and value != "`":
            open_literals[-1].append(value)
        elif token in Token.Literal.String.Backtick and open_literals and not inside[-1]:
            inside.pop()
            yield token, "".join(open_literals.pop())
        elif token in Token.Literal.String.Backtick:
            open_literals.append([])
            inside.append(False)
        elif token in Token.Literal.String.Regex or token in Token.Comment:
            continue
        elif token in Token.Literal.String:
            yield token, value[1:-1]
        elif value.strip():
            yield token, value


def files(folder: Path, pattern: str, *but: str) -> list[Path]:
    """Files below a folder, in order, without some."""
    return sorted(path for path in folder.rglob(pattern)
                  if path.relative_to(folder).as_posix() not in but)  # fmt: skip
