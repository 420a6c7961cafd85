"""What is installed: the parts of ``costlens/errors/packages.py`` are the extras of ``pyproject.toml``."""

import re
import tomllib
from typing import Any

import pytest

from costlens.errors.packages import BASE, PACKAGES, PARTS, install, package_of
from tests.places import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OTHERS = {"gpu", "all", "dev"}
"""Extras that are no part: a part in another build, several parts, what the tests need."""


def named(lines: list[str]) -> set[str]:
    """Return the packages of some requirements; those of other extras of ours are left out."""
    return {re.split(r"[^\w.-]", line)[0] for line in lines if not line.startswith(f"{PROJECT['name']}[")}


def test_every_part_is_an_extra() -> None:
    assert set(PARTS) - {BASE} == set(EXTRAS) - OTHERS


@pytest.mark.parametrize("part", PARTS)
def test_a_part_brings_its_packages(part: str) -> None:
    lines = named(EXTRAS[part] if part else PROJECT["dependencies"])
    own = {package for package, its_part in PACKAGES.items() if its_part == part}
    assert own <= lines
    assert lines - own <= {"numpy"}  # which LiteRT needs as well as the ONNX files


def test_all_is_every_part() -> None:
    assert EXTRAS["all"] == [f"{PROJECT['name']}[{','.join(part for part in PARTS if part)}]"]
    assert f"{PROJECT['name']}[all]" in EXTRAS["dev"]
    assert install("all") == f'pip install "{PROJECT["name"]}[all]"'


def test_the_build_for_graphics_cards_is_of_the_same_versions() -> None:
    assert [line.replace("-gpu", "") for line in EXTRAS["gpu"]] == EXTRAS["onnx"]


def test_a_version_is_limited_in_one_way() -> None:
    limits: dict[str, set[str]] = {}
    for line in (line for lines in (PROJECT["dependencies"], *EXTRAS.values()) for line in lines):
        limits.setdefault(re.split(r"[^\w.-]", line)[0], set()).add(line)
    assert {name: found for name, found in limits.items() if len(found) > 1 and name != PROJECT["name"]} == {}


def test_modules_lead_to_packages() -> None:
    modules = ("google.protobuf", "ruamel.yaml", "ai_edge_litert.interpreter", "onnx", "typing")
    assert [*map(package_of, modules)] == ["protobuf", "ruamel.yaml", "ai-edge-litert", "onnx", None]
