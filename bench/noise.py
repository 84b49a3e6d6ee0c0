"""How much is said about real repositories: findings per 1,000 objects, beside kube-linter's and kube-score's.

    python bench/noise.py                     over all corpora, in the profile ``standard``
    python bench/noise.py --repository NAME   one of them; may be repeated

The other tools read what each directory of the corpora renders, a file a directory, because neither sees an
Application; every check of theirs that is on by default counts. Where one of them is not on PATH, that is said.
kube-score comes with ``go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0``; kube-linter has to be built from
its source. *Distinct* counts what is said of the same object once, in however many overlays it is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import renders, repositories, watch
from bench.figures import Figures

from gitopsmith import tools, tree
from gitopsmith.finding import Severity
from gitopsmith.manifest import mapping, sequence, text
from gitopsmith.render import Failed

WARNING = 5
"""kube-score's worst grade that is not critical; what is better is no complaint (``scorecard/scorecard.go``)."""
COMMANDS = {
    "kube-linter": ("lint", "--format", "json"),
    "kube-score": ("score", "--output-format", "json", "--kubernetes-version", f"v{repositories.KUBERNETES}"),
}


class Said(NamedTuple):
    """What a tool says of a repository: its complaints, of how many objects, and where it ended early."""

    complaints: list[str]
    objects: int
    ended: int = 0

    def __str__(self) -> str:
        each = 1000 / max(1, self.objects)
        distinct = len(set(self.complaints))
        early = f", ended early on {self.ended} builds" if self.ended else ""
        return (
            f"{len(self.complaints)} findings, {distinct} distinct, on {self.objects} objects{early}: "
            f"{len(self.complaints) * each:.0f} and {distinct * each:.0f} per 1,000"
        )


def ours(root: Path) -> Said:
    """Lints a repository; opinions, which are infos, are left out, as the other tools' are that are off by default."""
    report = watch.report(root)
    found = [one for one in report.findings if one.severity >= Severity.WARNING]
    return Said([one.fingerprint for one in found], report.summary.objects)


def rendered(root: Path, directories: list[str], target: Path) -> dict[Path, int]:
    """Writes what each directory renders into a file of its own; returns the files with their number of objects."""
    written: dict[Path, int] = {}
    for number, (_, built) in enumerate(renders.render(tree.open_tree(root), directories)):
        if isinstance(built, Failed):
            continue
        path = target / f"{number}.yaml"
        path.write_bytes(renders.text(built) or b"")
        written[path] = len(built)
    return written


def theirs(name: str, files: dict[Path, int]) -> Said:
    """Runs another tool on each file; objects count where it got to its end."""
    found: list[str] = []
    objects = ended = 0
    for path, count in files.items():
        command = (str(tools.find(name)), *COMMANDS[name], str(path))
        done = subprocess.run(command, capture_output=True, check=False)
        try:
            body = json.loads(done.stdout)
        except ValueError:
            ended += 1
            continue
        objects += count
        found += complaints(name, body)
    return Said(found, objects, ended)


def complaints(name: str, body: Any) -> Iterator[str]:
    """Yields each complaint in a tool's JSON, as a text that is the same wherever the same is said of one object."""
    if name == "kube-linter":
        for report in sequence(body, "Reports"):
            about = json.dumps(mapping(report, "Object", "K8sObject"), sort_keys=True)
            yield f"{text(report, 'Check')} {about} {text(report, 'Diagnostic', 'Message')}"
        return
    for judged in body if isinstance(body, list) else ():
        for check in sequence(judged, "checks"):
            if not check.get("skipped") and check.get("grade", WARNING + 1) <= WARNING:
                for comment in sequence(check, "comments") or [{}]:
                    said = f"{text(comment, 'path')} {text(comment, 'summary')}"
                    yield f"{text(check, 'check', 'id')} {text(judged, 'object_name')} {said}"


def measure(name: str, url: str, others: list[str]) -> dict[str, Said]:
    """Returns what each tool says of one of the corpora."""
    with tempfile.TemporaryDirectory() as folder:
        root, target = (
            repositories.copy(repositories.CORPORA / name, Path(folder) / name, url),
            Path(folder, "rendered"),
        )
        target.mkdir()
        builds = repositories.truth(repositories.CORPORA, "builds.json")["repos"][name]["ok_dirs"]
        files = rendered(root, list(builds), target) if others else {}
        return {"gitopsmith": ours(root), **{tool: theirs(tool, files) for tool in others}}


def whole(each: list[Said]) -> Said:
    """Returns what a tool says of several repositories together."""
    complaints = [complaint for one in each for complaint in one.complaints]
    return Said(complaints, sum(one.objects for one in each), sum(one.ended for one in each))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", action="append", choices=sorted(repositories.urls()))
    chosen = parser.parse_args().repository
    repositories.prefer_built_tools()
    figures = Figures()
    others = [name for name in COMMANDS if tools.find(name)]
    figures.detail([f"{name} is not on PATH, and is not compared with" for name in COMMANDS if name not in others])
    found: dict[str, list[Said]] = {}
    for name, url in repositories.urls().items():
        for tool, said in measure(name, url, others).items() if chosen is None or name in chosen else ():
            figures.say(f"{name:20}{tool:12}{said}")
            found.setdefault(tool, []).append(said)
    for tool, each in found.items():
        figures.say(f"{'all':20}{tool:12}{whole(each)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
