"""What shuts people out of a page, as axe-core sees it.

axe-core 4.14.1 (Deque, MPL 2.0) is vendored for these tests alone; see vendor.
"""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any) -> list[str]:
    """What axe-core finds, each as rule and element."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async tags => (await axe.run(document, { runOnly: tags })).violations.flatMap("
        "v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 140)}`))",
        RULES,
    )
    return list(found)
