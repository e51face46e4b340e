"""Print how heavy our own scripts and style sheets are, gzipped: what the first page brings.

Usage: python scripts/page_weight.py
"""

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

STATIC = Path(__file__).parents[1] / "src" / "segue" / "server" / "web" / "static"
TARGET_KB = 100.0


def imported(module: Path, seen: set[Path]) -> set[Path]:
    """A script and everything that it imports statically."""
    if module in seen:
        return seen
    seen.add(module)
    for name in re.findall(r'^(?:import|export)[^"]*"(\.[^"]+)";', module.read_text(), re.M):
        imported((module.parent / name).resolve(), seen)
    return seen


def gzipped_kb(files: Iterable[Path]) -> float:
    """Kilobytes (1000 bytes) of files, each compressed as the server does (level 4)."""
    return sum(len(gzip.compress(path.read_bytes(), 4)) for path in files) / 1000


def main() -> None:
    """Print the sums."""
    first = imported((STATIC / "js" / "main.js").resolve(), set()) | {STATIC / "js" / "theme.js"}
    every = set((STATIC / "js").rglob("*.js"))
    sheets = set((STATIC / "css").glob("*.css"))
    rows = {
        "scripts of every page": gzipped_kb(first),
        "style sheets": gzipped_kb(sheets),
        "both": gzipped_kb(first) + gzipped_kb(sheets),
        "scripts of single pages": gzipped_kb(every - first),
        "htmx, which is not ours": gzipped_kb((STATIC / "vendor").glob("*.js")),
    }
    for what, kilobytes in rows.items():
        print(f"{what:28}{kilobytes:8.1f} kB")
    print(f"{'target for both':28}{TARGET_KB:8.1f} kB")


if __name__ == "__main__":
    main()
