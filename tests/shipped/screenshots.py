"""Draw reports/screenshots/, pages as a browser shows them: ``python -m tests.shipped.screenshots``, needs Chromium."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.cases.results import written
from tests.cases.web_pages import SEVEN
from tests.fakes.browser import browser, opened
from tests.places import ROOT

FOLDER = ROOT / "reports" / "screenshots"


class Shot(NamedTuple):
    """How a page is shown: the size of the window in pixels, its colours, and the heading that it is scrolled to."""

    width: int
    height: int
    dark: bool = False
    heading: str = ""


SHOTS = {
    "yamnet": Shot(1440, 1200, heading="Along-the-network"),
    "resnet152": Shot(1440, 1200, dark=True, heading="Along-the-network"),
    "onnx": Shot(768, 1200),
    "comparison-of-five": Shot(768, 1100, dark=True),
    "diff-of-two": Shot(360, 1600),
    "sweep-of-batches": Shot(1440, 1100, dark=True),
    "family": Shot(1000, 700, heading="By-two-figures"),
}
"""The picture of each page."""


def draw(chromium: Any, name: str, folder: Path) -> bytes:
    """Return a picture of a page."""
    path, shot = folder / f"{name}.html", SHOTS[name]
    path.write_text(written(SEVEN[name](), "html"), encoding="utf-8")
    with opened(chromium, path, width=shot.width, dark=shot.dark) as found:
        top = found.page.locator(f"#{shot.heading}").bounding_box()["y"] - 16 if shot.heading else 0
        clip = {"x": 0, "y": top, "width": shot.width, "height": shot.height}
        picture: bytes = found.page.screenshot(clip=clip, full_page=True)
        return picture


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with browser() as started, tempfile.TemporaryDirectory() as made:
        for each in SHOTS:
            drawn = draw(started, each, Path(made))
            (FOLDER / f"{each}.png").write_bytes(drawn)
            print(f"{each}: {len(drawn):,} bytes")  # noqa: T201
