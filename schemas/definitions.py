"""Reads CustomResourceDefinitions out of the files of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitopsmith import documents


def definitions(folder: Path, patterns: tuple[str, ...]) -> Iterator[Any]:
    """Yields the definitions in the files that match, pattern by pattern; ends where one matches nothing."""
    for pattern in patterns:
        paths = sorted(folder.glob(pattern))
        if not paths:
            raise SystemExit(f"{folder.name} has no {pattern}")
        for path in paths:
            for document in documents.read(path.read_bytes()).documents:
                if document.body.get("kind") == "CustomResourceDefinition":
                    yield document.body
