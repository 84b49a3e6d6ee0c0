"""Writes every file that the program itself makes and the tests compare: ``python tests/regenerate.py``."""

from __future__ import annotations

from collections.abc import Callable

from test_generator import write_example, write_variables_page
from test_report import write_goldens

GENERATORS: tuple[Callable[[], None], ...] = (write_goldens, write_variables_page, write_example)

if __name__ == "__main__":
    for generate in GENERATORS:
        generate()
