"""The content that the program carries with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith import content


@pytest.mark.parametrize(
    "path",
    [
        content.POLICIES / "suppression" / "suppression_unused.py",
        content.PEERS / "kube-linter.yaml",
        content.SCHEMAS / "config" / "config.schema.json",
        content.ROOT / "README.md",
    ],
    ids=["policies", "peers", "schemas", "root"],
)
def test_content_is_found_in_a_checkout(path: Path) -> None:
    """The self-packaging test does the same for a wheel."""
    assert path.is_file()
