"""A browser that opens pages from the disk, watched: what it says, asks for and refuses."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
                "")  # fmt: skip
WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Yield a browser without a window; skip where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium here; Debian's package is called chromium")
    with browser() as started:
        yield started


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@dataclass
class Opened:
    """An open page, with each console message, error and request but the one for the page itself."""

    page: Any
    heard: list[str] = field(default_factory=list)

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def unfold(self) -> None:
        """Open everything that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")


@contextmanager
def opened(browser: Any, path: Path, *, width: int = 1440, dark: bool = False, script: bool = True) -> Iterator[Opened]:
    """Open a page in a window of a width, in light or dark, with JavaScript or without."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    context.add_init_script(WATCH)
    found = Opened(context.new_page())
    address = path.resolve().as_uri()
    found.page.on("console", lambda message: found.heard.append(message.text))
    found.page.on("pageerror", lambda error: found.heard.append(str(error)))
    found.page.on(
        "request",
        lambda request: None if request.url.partition("#")[0] == address else found.heard.append(request.url),
    )
    found.page.goto(address)
    try:
        yield found
    finally:
        context.close()
