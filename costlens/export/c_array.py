"""A model file as an array of C, for programs that have no file system: one text, the same for the same bytes."""

import re
import unicodedata

ALIGNMENT = 16
"""Bytes to which the array is aligned: TensorFlow Lite Micro reads weights where they lie, as wide as int64."""
_PER_LINE = 12
_KEYWORDS = frozenset(
    [
        "alignas",
        "alignof",
        "and",
        "asm",
        "auto",
        "bool",
        "break",
        "case",
        "catch",
        "char",
        "class",
        "concept",
        "const",
        "constexpr",
        "continue",
        "default",
        "delete",
        "do",
        "double",
        "else",
        "enum",
        "explicit",
        "export",
        "extern",
        "false",
        "float",
        "for",
        "friend",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "mutable",
        "namespace",
        "new",
        "not",
        "nullptr",
        "operator",
        "or",
        "private",
        "protected",
        "public",
        "register",
        "requires",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "template",
        "this",
        "throw",
        "true",
        "try",
        "typedef",
        "typeid",
        "typename",
        "union",
        "unsigned",
        "using",
        "virtual",
        "void",
        "volatile",
        "while",
        "xor",
        "main",
        "data",
    ]
)


def identifier(name: str) -> str:
    """Return a name that C and C++ take and reserve nowhere, as near to this one as can be.

    >>> identifier("ds_cnn_s-int8"), identifier("8 bits"), identifier("__Größe"), identifier("float"), identifier("名")
    ('ds_cnn_s_int8', 'model_8_bits', 'Gro_e', 'model_float', 'model')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    plain = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[A-Za-z])\?(?=[A-Za-z])", "", plain)).strip("_")
    if not plain:
        return "model"
    return f"model_{plain}" if plain[0].isdigit() or plain in _KEYWORDS else plain


def c_array(data: bytes, name: str, about: str, *, header: bool) -> str:
    """Write bytes as an array called ``name`` and its length, ``name_len``.

    about: one line that says what it is. header: for ``#include`` in one file, guarded, else a source file that
    declares both for others to link with, by their C names.
    """
    said = " ".join(about.split()).replace("\\", "/")
    array, length = f"const unsigned char {name}[] = {{\n{_numbers(data)}\n}};", f"const unsigned int {name}_len"
    guard = f"{name.upper()}_H_"
    lines = [f"// {said}"]
    if header:
        lines += [f"#ifndef {guard}", f"#define {guard}", "", *_ALIGNAS, ""]
        lines += [f"alignas({ALIGNMENT}) static {array}", f"static {length} = {len(data)};", ""]
        lines += [f"#endif  // {guard}"]
    else:
        lines += ["", *_ALIGNAS, "", "#ifdef __cplusplus", 'extern "C" {', "#endif", ""]
        lines += [f"extern const unsigned char {name}[];", f"extern {length};", ""]
        lines += [f"alignas({ALIGNMENT}) {array}", f"{length} = {len(data)};", ""]
        lines += ["#ifdef __cplusplus", "}", "#endif"]
    return "\n".join([*lines, ""])


_ALIGNAS = ("#ifndef __cplusplus", "#include <stdalign.h>", "#endif")


def _numbers(data: bytes) -> str:
    rows = (data[first : first + _PER_LINE] for first in range(0, len(data), _PER_LINE))
    return ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
