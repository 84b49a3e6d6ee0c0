"""The command line. Nothing is imported before it is needed, so that the program starts fast."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gitopsmith import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program, and returns its exit code; it raises nothing."""
    if list(sys.argv[1:] if arguments is None else arguments) == ["--version"] and _said(f"gitopsmith {__version__}"):
        return 0
    from gitopsmith.cli import program  # noqa: PLC0415 - the version is told without it, four times as fast

    return program.main(arguments)


def run() -> None:
    """Is the console script."""
    sys.exit(main())


def _said(text: str) -> bool:
    try:
        print(text, flush=True)  # noqa: T201 - click is not here yet
    except (OSError, ValueError, AttributeError):
        return False
    return True
