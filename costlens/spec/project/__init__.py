"""What a project settles for all its specs: ``[tool.costlens]`` of its pyproject.toml."""

from __future__ import annotations

from costlens.spec.project.reading import Project, find, read

__all__ = ["Project", "find", "read"]
