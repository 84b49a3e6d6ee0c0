"""Words as YAML takes them, and as people mistype them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gitopsmith import documents


def is_plain(value: str) -> bool:
    """Tells whether a text stays itself where a manifest holds it without quotes: ``no`` and ``1.30`` do not."""
    return bool(documents.load(value) == value)


def nearest(word: str, known: Iterable[str]) -> str:
    """Returns a question that names the known word next to a mistyped one, empty when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
