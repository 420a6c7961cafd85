"""Makes the text of others notify nobody and link to nothing, however a mention or a reference is written."""

from __future__ import annotations

import re
from html import unescape

_BREAK = "\u200b"
"""GitHub looks for mentions and references in the rendered text. A blank of no width inside hides them."""
_REFERENCE = re.compile(r"&(?:#0*\d{1,7}|#x0*[\da-f]{1,6}|commat);?", re.IGNORECASE)
_DECODED = re.compile(r"[A-Za-z0-9@]")
_HASH = r"(?:#|&#0*35;|&#x0*23;|&num;)"
_DASH = r"(?:-|&#0*45;|&#x0*2d;)"
_SLASH = r"(?:/|%2f|&#0*47;|&#x0*2f;|&sol;)"
_APART = re.compile(
    rf"@(?!{_BREAK})"
    rf"|(?<!&){_HASH}(?=[\d<\\*_`~])|(?<=&)#(?=\d+(?![\d;]))"
    rf"|\bGH{_DASH}(?=[\d<\\*_`~])"
    rf"|{_SLASH}(?:issues|pulls?|discussions|commit){_SLASH}(?=[\w%&])",
    re.IGNORECASE,
)


def undone(text: str) -> str:
    r"""Return Markdown in which every mention, issue number and issue address is broken up.

    >>> undone("@all &#64;all a/b#1 GH-2 &#35;3 https://github.com/a/b/issues/4 &#124; ## 5").replace("\u200b", "|")
    '@|all @|all a/b#|1 GH-|2 &#35;|3 https://github.com/a/b/issues/|4 &#124; ## 5'
    """
    return _APART.sub(rf"\g<0>{_BREAK}", _REFERENCE.sub(_letter, text))


def _letter(reference: re.Match[str]) -> str:
    """Return the letter, digit or ``@`` that a reference stands for; other marks may be escaped for a reason."""
    meant = unescape(reference[0])
    return meant if _DECODED.fullmatch(meant) else reference[0]
