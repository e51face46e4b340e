"""Pictures for the README and the documentation from a running server. Needs Chromium.

Usage: python scripts/screenshots.py http://localhost:8000 demo PASSWORD [folder [path ...]]

Paths, such as /discover, are photographed instead of the usual pages.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = {"home": "/", "library": "/library/albums", "you": "/you"}
SIZES = (("wide", 1440, 900, "light"), ("phone", 375, 780, "dark"))


def main() -> int:
    """Sign in and photograph every page in both sizes."""
    address, name, password = sys.argv[1:4]
    folder = Path(sys.argv[4] if len(sys.argv) > 4 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    asked = {path.strip("/").replace("/", "-") or "home": path for path in sys.argv[5:]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for size, width, height, scheme in SIZES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.goto(f"{address}/sign-in")
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", password)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            for title, path in (asked or PAGES).items():
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{title}-{size}.jpg", type="jpeg", quality=88)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
