"""Lints what random edits, deletions and renames reach, and compares that with linting everything.

    python bench/changes.py                     500 changes: of the demonstration, and of five of the corpora
    python bench/changes.py --count 20          fewer
    python bench/changes.py --repository NAME   those of one repository alone; may be repeated

A run about a change (``--base``, ``--staged``) owes every finding that the change brings to a whole run, and says
nothing that a whole run does not say.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import figures

import changes
import checkout

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
IDENTITY = {f"GIT_{role}_{key}": "bench@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
PARTS = {"demo": 300, "dreamkast-infra": 80, "eoepca-plus": 80, "gitops-catalog": 30, "vixens": 10}
"""How many of five hundred changes are made to which repository."""


@contextlib.contextmanager
def copied(name: str) -> Iterator[Path | None]:
    """Yields a committed copy of a repository, in which the program runs; None where it is not here."""
    source = checkout.DEMO if name == "demo" else CORPORA / name
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        if not source.is_dir():
            yield None
            return
        shutil.copytree(source, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        checkout.commit(copy)
        with contextlib.chdir(copy):
            yield copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=sum(PARTS.values()))
    parser.add_argument("--repository", action="append", choices=PARTS, default=[])
    given = parser.parse_args()
    os.environ |= IDENTITY
    told, made, failed = figures.Figures(), 0, 0
    for name in given.repository or PARTS:
        count = max(1, given.count * PARTS[name] // sum(PARTS.values()))
        with copied(name) as folder:
            if folder is None:
                told.say(f"{name}: not here")
                continue
            short = changes.replay(folder, range(count), told.say)
        told.say(f"{name}: {count} changes, {short} of {2 * count} runs fall short")
        made, failed = made + count, failed + short
    told.goal("runs about a change that fall short", f"{failed} of {2 * made}", "0", met=failed == 0)
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
