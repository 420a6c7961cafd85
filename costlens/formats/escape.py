r"""Text of others made harmless for what it is written into: Markdown, CSV, annotations, XML, addresses, the terminal.

Names, titles, paths, revisions and quoted YAML are whatever somebody put into a pull request. They are escaped here
and nowhere else. What is harmless stays as it is, byte for byte.
"""

import json
import re
from typing import Any
from unicodedata import category
from urllib.parse import quote

LIMIT = 2_000
"""The most characters of one text in a document; none of ours is as long."""
NAME = 200
"""The most characters of a name in a table, whose other lines are as wide."""

_INVISIBLE = {"Cc", "Cf", "Cs"}
_JOINERS = "\u200c\u200d"  # Indic scripts and emoji are spelled with them
_NO_CHARACTER = 0xFFFE
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_COMMAND = re.compile(
    r":(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|save-state|set-env"
    r"|set-output|stop-commands|warning)(?![\w-]))|##(?=\[)",
    re.IGNORECASE,
)
"""What a GitHub runner takes for a command of the job where a line begins with it; a table may break lines anywhere."""

_MARKUP = re.compile(
    r"[&<>|`\\$~]|(?P<bracket>[\[\]])"
    r"|(?<! )\*|\*(?! )"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|^(?:#{1,6}|[-+])(?=\s|$)|^=+$|^-[- ]*$|^/(?=\w)|(?<!\S)#+$|^(?P<number>\d{1,9})[.)](?=\s|$)"
    r"|(?P<apart>@(?=\w)|:(?=[\w+-]+:)|#(?=\d)|\bGH-(?=\d)|(?P<address>(?:https?|ftp)(?=://)|www(?=\.)))",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\[[^\[\]]*\](?![(\[:])")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NO_WIDTH = "&#8203;"
"""Mentions, issues, addresses and names of emoji are looked for in rendered text, where no escape is left of them."""
_NOT_IN_ADDRESS = re.compile(r"[^\w.:/-]", re.ASCII)
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")
_MESSAGE = 4_000
"""The most characters of an annotation."""


def plain(text: str, *, lines: bool = False) -> str:
    r"""Show as an escape what cannot be seen or would move the text around it.

    Shown are control characters (ANSI escapes among them), those that turn the direction of writing and those of no
    width; a line break becomes a blank unless ``lines``. The outcome can be written as UTF-8 and in XML, and nothing
    in it is a command of a GitHub job.

    >>> plain("a\nb \x1b[31mred \u202egnp.exe \udcff")
    'a b \\x1b[31mred \\u202egnp.exe \\udcff'
    >>> plain("::add-mask::e")
    ': :add-mask::e'
    """
    if lines:
        return "\n".join(map(plain, text.splitlines()))
    if not text.isprintable():
        text = "".join(
            each if _visible(each) else each.encode("unicode_escape").decode() for each in _BREAKS.sub(" ", text)
        )
    return _COMMAND.sub(r"\g<0> ", text) if "::" in text or "##[" in text else text


def _visible(character: str) -> bool:
    hidden = category(character) in _INVISIBLE or ord(character) & _NO_CHARACTER == _NO_CHARACTER
    return character in _JOINERS or not hidden


def shorten(text: str, limit: int) -> str:
    """Cut the middle out of a text of more than ``limit`` characters: both ends of a path tell something.

    >>> shorten("specs/very/long/path/yamnet.yaml", 20)
    'specs/very/lo…t.yaml'
    """
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 3
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"


def markdown(text: str, limit: int = LIMIT, *, links: bool = False) -> str:
    """Return one line that Markdown shows as it is, in a paragraph, a heading, a cell of a table, or HTML.

    Marks become character references, which mean the same in Markdown and in HTML. Mentions, numbers of issues and,
    unless ``links``, addresses are kept from becoming links, and nobody is notified. No ``:100:`` becomes an emoji.

    >>> markdown("a|b <script> `x` [0.9, 1.1] snake_case")
    'a&#124;b &lt;script&gt; &#96;x&#96; [0.9, 1.1] snake_case'
    >>> markdown("[click](https://x.y) @all, closes #1")
    '&#91;click&#93;(https&#8203;://x.y) @&#8203;all, closes #&#8203;1'
    """
    line = shorten(plain(text).strip(), limit)
    harmless = {place for pair in _PAIR.finditer(line) for place in (pair.start(), pair.end() - 1)}

    def escaped(found: re.Match[str]) -> str:
        mark = found[0]
        if found["apart"]:
            return mark if links and found["address"] else mark + _NO_WIDTH
        if found["bracket"] and found.start() in harmless:
            return mark
        number = found["number"] or ""
        return number + "".join(_NAMED.get(each, f"&#{ord(each)};") for each in mark.removeprefix(number))

    return _MARKUP.sub(escaped, line)


def code(text: str, limit: int = LIMIT) -> str:
    """Return a text as a span of code, in a table too.

    >>> code("specs/a.yaml:100:7"), code("a|b")
    ('`specs/a.yaml:100:7`', '<code>a&#124;b</code>')
    """
    line = shorten(plain(text).strip(), limit)
    if any(mark in line for mark in "`|<"):
        return f"<code>{markdown(line)}</code>"
    return f"`{line}`" if line else ""


def address(path: str) -> str:
    """Return a relative path as the target of a link.

    >>> address("a (b)/c.md"), address("javascript:alert(1)")
    ('a%20%28b%29/c.md', 'javascript%3Aalert%281%29')
    """
    return quote(path, safe="/", errors="surrogateescape")


def fragment(*parts: str) -> str:
    """Return the address of something within a page: for an attribute ``id``, and behind ``#`` as it is.

    >>> fragment("row", "standard", "stage3.depthwise"), fragment("a b~c")
    ('row-standard-stage3.depthwise', 'a~20~b~7e~c')
    """
    given = (_NOT_IN_ADDRESS.sub(lambda found: f"~{ord(found[0]):x}~", part) for part in parts if part)
    return shorten("-".join(given), NAME)


def json_text(text: str) -> str:
    r"""Return JSON text that means the same and shows in a terminal what ``plain`` would show.

    >>> json_text('{"name": "\u202egnp.exe ##[x]"}')
    '{"name": "\\u202egnp.exe ##\\u005bx]"}'
    """
    if not text.replace("\n", "").isprintable():
        text = "".join(each if each == "\n" or _visible(each) else json.dumps(each)[1:-1] for each in text)
    return text.replace("##[", "##\\u005b")


def csv_cell(value: Any) -> Any:
    """Return a value for a cell; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> csv_cell("=1+1"), csv_cell("a;-b"), csv_cell(-3), csv_cell("3x3")
    ("'=1+1", "a;'-b", -3, '3x3')
    """
    return _FORMULA.sub(r"\1\2'", plain(value)) if isinstance(value, str) else value


def annotation(text: str) -> str:
    r"""Return the message of a GitHub workflow command.

    >>> annotation("100 %\nof it")
    '100 %25%0Aof it'
    """
    return shorten(plain(text, lines=True), _MESSAGE).replace("%", "%25").replace("\n", "%0A")


def annotation_property(text: str) -> str:
    """Return a property of a GitHub workflow command, such as its file or title.

    >>> annotation_property("a,b: c")
    'a%2Cb%3A c'
    """
    return annotation(text).replace(":", "%3A").replace(",", "%2C")
