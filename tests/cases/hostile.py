"""Names that somebody could put into a pull request to break what is written about it."""

import re
from dataclasses import fields as fields_of
from dataclasses import is_dataclass, replace
from typing import Any

from markdown_it import MarkdownIt

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "pipe": "a|b || c",
    "backticks": "`a` ``` b",
    "newline": "two\nlines\r\n# three",
    "mention": "@octocat closes #1, GH-2",
    "long": "x" * 10_000,
    "right_to_left": "\u202egnp.exe \u05d0\u05d1 \u2067x\u2069",
    "formula": '=HYPERLINK("https://x.y","a")',
    "minus": "-1+1|cmd",
    "link": "[click](https://x.y) ![i](//x.y/z.png) www.x.y",
    "comment": "<!-- /costlens:check --> -->",
    "emphasis": "**b** _i_ ~~s~~ $m$ \\",
    "list": "- item",
    "setext": "===",
    "table_rule": "| :-- |",
    "details": "</details></summary>",
    "escape": "\x1b[2J\x1b]0;title\x07 \x08\x08 \x9b31m",
    "command": "::add-mask::e ##[error]x",
    "percent": "100%,a:b::c %0A",
    "entity": "&lt;b&gt; &#64;x",
    "undecodable": "caf\udce9",
    "xml": "]]> \x00 \ufffe",
    "rich": "[bold red]x[/] [link=https://x.y]y[/link]",
    "quick_action": "/close",
    "emoji": "specs/tiny.yaml:100:24: :+1: :tada::tada:",
}
"""What is hostile about it, and the text."""

KEPT = {"schema", "verdict", "status", "limited_by", "cpu_isa"}
"""Fields whose words are ours."""
_SOURCES = {"expect", "budget", "pyproject", "flag"}


def everywhere(value: Any, text: str, kept: frozenset[str] = frozenset(KEPT)) -> Any:
    """Return a result with a text in place of every name and sentence in it; fields called as in ``kept`` stay."""
    if isinstance(value, str):
        return value if value in _SOURCES else text
    if isinstance(value, tuple):
        return tuple(everywhere(each, text, kept) for each in value)
    if isinstance(value, dict):
        return dict.fromkeys([text], everywhere(next(iter(value.values())), text, kept)) if value else {}
    if is_dataclass(value) and not isinstance(value, type):
        named = {each.name: getattr(value, each.name) for each in fields_of(value) if each.name not in kept}
        return replace(value, **{name: everywhere(each, text, kept) for name, each in named.items()})
    return value


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def structure(document: str) -> list[str]:
    """Return what a reader makes of a document, without its words; a span of code may be written in two ways."""
    found = []
    for token in MARKDOWN.parse(document):
        if token.type == "html_block":
            found.append(re.sub(r"(<summary>).*(</summary>)", r"\1\2", token.content))
        elif token.type == "inline":
            kinds = [child.content if child.type == "html_inline" else child.type for child in token.children or ()]
            found += [{"code_inline": "<code>"}.get(kind, kind) for kind in kinds if kind not in {"text", "</code>"}]
        else:
            found.append(token.type)
    return found
