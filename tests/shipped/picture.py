"""Draw the README's picture of a committed report: ``python -m tests.shipped.picture``, which needs Chromium.

The picture notes which report it is of, so that a test can tell when it is old.
"""

import struct
import zlib
from hashlib import sha256
from pathlib import Path

from tests.fakes.browser import browser, opened
from tests.places import ROOT

REPORT = ROOT / "reports" / "yamnet"
PICTURE = REPORT / "report.png"
_WIDTH, _HEIGHT = 1180, 834
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 25
_OF = b"Source\0"


def digest() -> str:
    """Return what the picture notes of the report that it is of."""
    return sha256((REPORT / "report.json").read_bytes()).hexdigest()


def noted(picture: bytes) -> str:
    """Return what a picture notes of its report; nothing where it notes nothing."""
    _, _, rest = picture.partition(b"tEXt" + _OF)
    return rest[: len(digest())].decode("ascii", "replace")


def draw() -> bytes:
    """Return the top of the report as a browser shows it."""
    with browser() as chromium, opened(chromium, REPORT / "report.html", width=_WIDTH) as found:
        found.page.evaluate("document.body.style.border = '1px solid #d0d7de'")
        shot: bytes = found.page.screenshot(clip={"x": 0, "y": 0, "width": _WIDTH, "height": _HEIGHT}, full_page=True)
    text = b"tEXt" + _OF + digest().encode()
    note = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return shot[:_HEADER_END] + note + shot[_HEADER_END:]


if __name__ == "__main__":
    PICTURE.write_bytes(draw())
    print(f"{PICTURE.relative_to(Path.cwd())}: {PICTURE.stat().st_size:,} bytes")  # noqa: T201
