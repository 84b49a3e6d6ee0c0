"""Puts kustomize's library beside the kustomize program: is every build the same, and what do both cost?

    python bench/renderer.py                        every directory of the corpora that needs no network
    python bench/renderer.py --repository vixens    one repository; may be repeated

Of a build that succeeds the bytes are compared, of one that fails what is complained of. The library builds one
directory after the other, in an order by chance: what one build leaves behind must not show in another.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import repositories
from bench.figures import Costs, Figures

from gitopsmith import tools
from gitopsmith.render import kustomize, library
from gitopsmith.render.kustomize import Renderer
from gitopsmith.render.library import Library
from gitopsmith.tools import Output

TIMEOUT = 120.0
SEED = 7


def compare(figures: Figures, name: str, renderer: Renderer, costs: Costs) -> None:
    """Builds every directory of a repository with both."""
    root = repositories.CORPORA / name
    known = repositories.truth(repositories.CORPORA, "builds.json")["repos"][name]
    good = sorted(known["ok_dirs"])
    failing = sorted(row["dir"] for row in known["fail_dirs"] if row["class"] != "remote")
    paths = [str(root / directory) for directory in (*good, *failing)]
    with costs.stage(f"{name}: program"):
        expected = _each(paths, lambda path: tools.run(*renderer.command, path, timeout=renderer.timeout))
    quick = _library()
    with costs.stage(f"{name}: library"):
        found = _each(random.Random(SEED).sample(paths, len(paths)), quick.build)
        quick.close()
    different = [path for path in paths if found[path] != expected[path]]
    same = len(paths) - len(different)
    costly, cheap = (costs.stages[f"{name}: {which}"].children for which in ("program", "library"))
    figures.goal(
        f"{name}, {len(good)} that build and {len(failing)} that fail",
        f"{same} of {len(paths)} equal; CPU {cheap:.2f} s of {costly:.2f} s",
        "all equal",
        met=not different,
    )
    figures.detail(different)


def _each(
    paths: Iterable[str], build: Callable[[str], Output | None]
) -> dict[str, tuple[bool, bytes, tuple[str, ...]] | None]:
    """Returns for each path whether it builds, to what, and the complaint; None where that cannot be said."""
    built = ((path, build(path)) for path in paths)
    return {path: None if done is None else (done.status == 0, done.stdout, _complaint(done)) for path, done in built}


def _complaint(done: Output) -> tuple[str, ...]:
    return tuple(line for line in done.complaint.splitlines() if done.status and not line.startswith("# Warning"))


def _library() -> Library:
    found = library.find(TIMEOUT)
    if found is None:
        raise SystemExit(f"{library.PROGRAM} is needed: run `make tools` (Go) or name its folder in GITOPSMITH_HELPER")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", action="append", help="only this one; may be repeated")
    arguments = parser.parse_args()
    repositories.prefer_built_tools()
    figures, costs, renderer = Figures(), Costs(), kustomize.find_renderer(TIMEOUT)
    quick = _library()
    quick.close()
    figures.say(f"{quick} beside {renderer}")
    for name in arguments.repository or sorted(repositories.urls()):
        compare(figures, name, renderer, costs)
    total = [
        sum(cost.children for stage, cost in costs.stages.items() if stage.endswith(which))
        for which in ("program", "library")
    ]
    figures.say(
        f"CPU of the library {total[1]:.2f} s, of the program {total[0]:.2f} s: {total[0] / total[1]:.1f} times"
    )
    return min(1, figures.missed)


if __name__ == "__main__":
    sys.exit(main())
