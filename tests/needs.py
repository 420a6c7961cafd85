"""What a test needs besides Python and this package, read from the imports that it reaches and from its marks."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.places import ROOT

NEEDS: dict[str, tuple[str, ...]] = {
    "tensorflow": (
        "tensorflow", "keras", "tf2onnx", "costlens.export.build", "costlens.export.export_and_prove",
        "costlens.frameworks", "costlens.export.onnx_file", "costlens.export.proof", "costlens.readers.keras",
    ),
    "onnx": ("onnx", "onnxruntime", "ai_edge_litert", "tests.cases.onnx_cases"),
    "git": ("tests.fakes.git_repository",),
    "process": ("subprocess", "multiprocessing", "nbclient", "playwright", "axe_playwright_python"),
    "many": ("hypothesis",),
    "measures": (),
}  # fmt: skip
"""The modules whose import shows a need. What an import does not show is marked by hand."""
_HEAVY = (*NEEDS["tensorflow"][:3], *NEEDS["onnx"][:3])


@dataclass(frozen=True)
class Module:
    """A module of tests: what each of its names uses, what importing it imports, what is marked by hand."""

    imports: dict[str, str]
    at_once: frozenset[str]
    uses: dict[str, set[str]]
    marked: frozenset[str]

    def reached(self, names: Iterable[str]) -> frozenset[str]:
        """Return the modules that names reach, through other names of this module and other modules of tests."""
        seen: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                left += self.uses.get(name, ())
        direct = {self.imports[name] for name in seen if name in self.imports} | self.at_once
        return frozenset(direct | {module for each in direct for module in reached_from(each)})


def needs_of_test(path: Path, names: Iterable[str]) -> frozenset[str]:
    """Return what a test needs by its own name and the names of its fixtures in its module."""
    in_shipped = ["many"] if path.parent.name == "shipped" else []  # every spec, report and table there is
    return frozenset(in_shipped).union(*map(_needs_shown, module(path).reached(names)))


def has_fast_tests(path: Path) -> bool:
    """Tell whether a module may hold a test that needs nothing; a fixture of conftest can need something still."""
    found = module(path)
    tests = {name for name in found.uses if name.startswith(("test", "Test"))} - found.marked
    return "pytestmark" not in found.marked and not all(needs_of_test(path, (name,)) for name in tests)


@cache
def module(path: Path) -> Module:
    """Read a module of tests without importing it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_once = {name for node in tree.body for _, name in _imported(node) if _is_of(name, _HEAVY)}
    imports: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    marked: set[str] = set()
    for statement in tree.body:
        names: set[str] = set()
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found = dict(_imported(node))
                imports |= found
                names |= found.keys()
        for defined in _defined(statement):
            uses[defined] = names | uses.get(defined, set())
            if _marks_a_need(statement):
                marked.add(defined)
    return Module(imports, frozenset(at_once), uses, frozenset(marked))


@cache
def _needs_shown(name: str) -> frozenset[str]:
    """Return the needs that importing a module, or a name of one, shows."""
    return frozenset(need for need, signs in NEEDS.items() if _is_of(name, signs))


def needs_of_import(name: str) -> frozenset[str]:
    """Return the needs that a name of a module of ``tests/`` reaches."""
    return frozenset().union(*map(_needs_shown, reached_from(name)))


@cache
def reached_from(name: str) -> frozenset[str]:
    """Return all that a module of ``tests/``, or the module of a name there, imports; nothing for other modules."""
    is_shared = name.startswith(("tests.cases.", "tests.fakes.", "tests.draw."))
    path = next((path for path in _files(name) if path.is_file()), None) if is_shared else None
    direct = frozenset(module(path).imports.values()) if path else frozenset()
    return direct.union(*map(reached_from, direct))


def _files(name: str) -> Iterator[Path]:
    """Yield where a module may lie: ``a.b.c`` is a file, or a name in the file of ``a.b``."""
    for parts in (name.split("."), name.split(".")[:-1]):
        yield ROOT.joinpath(*parts).with_suffix(".py")


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        yield from ((each.asname or each.name.partition(".")[0], each.name) for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _marks_a_need(node: ast.stmt) -> bool:
    """Tell whether a statement gives ``pytestmark``, or the name that it defines, the mark of a need."""
    places = ast.walk(node) if "pytestmark" in _defined(node) else getattr(node, "decorator_list", ())
    return any(isinstance(each, ast.Attribute) and each.attr in NEEDS for each in places)


def _is_of(name: str, modules: Iterable[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in modules)
