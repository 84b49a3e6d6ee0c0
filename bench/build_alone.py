"""Builds the directories that a file names, one a line, with kustomize's library: what a run cannot do without."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from gitopsmith.render import library


def main() -> None:
    found = library.find(120)
    if found is None:
        raise SystemExit(f"{library.PROGRAM} is needed: run `make tools`")
    for directory in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        found.build(directory)
    found.close()


if __name__ == "__main__":
    main()
