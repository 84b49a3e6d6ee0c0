"""Shows what gitopsmith does, by doing it: ``make demo``. Ends with 1 when anything is not as it should be."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from checkout import ROOT

MISTAKES = ROOT / "tests" / "fixtures" / "mistakes.yaml"
NEW = (
    "new", "fleet", "--yes", "--no-fetch", "--repo-url=https://github.com/example/fleet.git",
    "--environments=dev,staging,prod!", "--app=web", "--app=shop=registry.example.com/shop:1.4.2",
)  # fmt: skip
REPORT = "report.json"
BREAKING = {"kustomize-reference-missing", "yaml-duplicate-key"}
"""The rules for mistakes that no build survives, so that what is wrong behind them is not seen in the same run."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="gitopsmith-demo-") as folder:
        here = Path(folder)
        say("A repository with three environments and two applications")
        made = gitopsmith(*NEW, cwd=here)
        say("What Argo CD will apply from it is built and checked; its own installation stays remote here")
        clean = gitopsmith("lint", cwd=here / "fleet")
        planted = plant(Path(shutil.copytree(here / "fleet", here / "copy")))
        say(f"A copy with {len(planted)} mistakes:\n" + "\n".join(f"# - {item['name']}" for item in planted))
        found = gitopsmith("lint", "--quiet", f"--output=json={REPORT}", cwd=here / "copy")
        missing = {item["rule"] for item in planted} - rules(here / "copy" / REPORT)
        say(f"not found: {', '.join(sorted(missing))}" if missing else "Every mistake was found, at its line")
    return 0 if (made, clean, found, missing) == (0, 0, 1, set()) else 1


def plant(copy: Path) -> list[dict[str, str]]:
    """Plants the mistakes that builds survive, so that one run finds them all."""
    mistakes: list[dict[str, str]] = yaml.safe_load(MISTAKES.read_text())
    planted = [item for item in mistakes if item["rule"] not in BREAKING]
    for item in planted:
        path = copy / item["path"]
        path.write_text(path.read_text().replace(item["old"], item["new"]))
    return planted


def rules(report: Path) -> set[str]:
    return {item["rule"] for item in yaml.safe_load(report.read_text())["findings"]}


def gitopsmith(*arguments: str, cwd: Path) -> int:
    print(f"\n$ gitopsmith {shlex.join(arguments)}", flush=True)
    return subprocess.run((sys.executable, "-m", "gitopsmith", *arguments), cwd=cwd, check=False).returncode


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
