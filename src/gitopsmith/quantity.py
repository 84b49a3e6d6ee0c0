"""A quantity of a resource, such as ``100m`` and ``1.5Gi``, as a number.

Facts: ``pkg/api/resource/quantity.go`` of Kubernetes' apimachinery.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_SYNTAX = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL = dict(zip("num", (Decimal(10) ** -power for power in (9, 6, 3)), strict=True)) | dict(
    zip("kMGTPE", (Decimal(10) ** power for power in (3, 6, 9, 12, 15, 18)), strict=True)
)
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}


def parse(value: Any) -> Decimal | None:
    """Returns the number that a quantity stands for, None when it is none."""
    found = _SYNTAX.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if found is None:
        return None
    number, suffix = Decimal(found[1]), found[2] or ""
    factor = _DECIMAL.get(suffix) or _BINARY.get(suffix)
    return number * factor if factor else number * Decimal(10) ** min(int(suffix[1:] or 0), 99) if suffix else number
