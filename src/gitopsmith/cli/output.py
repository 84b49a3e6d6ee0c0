"""What commands write to stdout."""

from __future__ import annotations

import os
import sys


def show(text: str) -> None:
    """Writes all of a text, whatever characters it has."""
    left = memoryview(text.encode("utf-8", "replace"))
    while left:  # where PYTHONUNBUFFERED is set, one call may write a part only
        left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.buffer.flush()


def colored(color: str) -> bool:
    """Tells whether to write in colours: ``always``, ``never``, or ``auto`` for where a terminal shows them."""
    if color != "auto":
        return color == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
