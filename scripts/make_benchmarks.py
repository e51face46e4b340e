"""docs/benchmarks.md from the figures that benchmarks print.

Usage: make bench ID=S8 >>docs/figures.jsonl; python scripts/make_benchmarks.py
Of several lines of one figure the last one counts.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures.jsonl"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Measured on 2 shared cores and 24 GiB without a GPU; each figure is what `make bench ID=...`
printed, and a target that was missed says so. This page is made from `docs/figures.jsonl` by
`scripts/make_benchmarks.py`.

Targets are those that Segue aims for, not what it has. "Met" is empty where there is no target.
"""


def main() -> int:
    """Write the page."""
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for line in FIGURES.read_text("utf-8").splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            latest[row["id"], row["metric"], row["data"]] = row
    sections = [HEAD]
    for id_ in sorted({key[0] for key in latest}, key=lambda id_: (id_[0], int(id_[1:]))):
        rows = [row for key, row in latest.items() if key[0] == id_]
        sections.append(section(id_, rows))
    PAGE.write_text("\n".join(sections), "utf-8")
    return 0


def section(id_: str, rows: list[dict[str, Any]]) -> str:
    """One table of the page."""
    lines = [
        f"## {id_}",
        "",
        "| figure | value | target | met | data | n |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        target = "" if row["target"] is None else f"{row['target']:g}"
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        value = f"{row['value']:.4g} {row['unit']}"
        lines.append(
            f"| {row['metric']} | {value} | {target} | {met} | {row['data']} | {row['n']:,} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
