"""Reads what stands in Secrets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import mapping
from gitopsmith.secrets.credentials import certain
from gitopsmith.secrets.shapes import decoded, is_harmless, is_public


def plain_values(body: dict[str, Any]) -> Iterator[tuple[Route, str, str]]:
    """Yields (route, key, text) of each value in a Secret's data that anybody can read and that is not public.

    The text is empty where the value is binary.
    """
    for name in ("data", "stringData"):
        for key, value in mapping(body, name).items():
            if not isinstance(value, str):
                continue
            content = decoded(value) if name == "data" else value
            if certain(content) or not (is_harmless(value) or _is_harmless(name, value, content)):
                yield (name, key), key, content


def _is_harmless(field: str, value: str, content: str) -> bool:
    if content:
        return is_harmless(content) or is_public(content)
    return field == "data" and _is_blank(value)


def _is_blank(value: str) -> bool:
    """Tells whether base64 stands for nothing."""
    try:
        return not base64.b64decode(value, validate=True).strip()
    except (binascii.Error, ValueError):
        return False
