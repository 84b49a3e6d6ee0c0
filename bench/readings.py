"""How often findings are true, by readers who know neither the code nor each other's verdicts.

    python bench/readings.py                    what both readers said: precision, with its range, and agreement
    python bench/readings.py --draw FILE.yaml   draws findings of the corpora anew, for readers: the same on every run

The sample is drawn evenly from all findings of the ``standard`` profile over the corpora, so that frequent rules count
as often as users meet them. Readers get the file, the corpora and nothing else, and write into each entry a verdict,
``true``, ``debatable`` or ``false``, and why. *Precision* counts ``true`` alone; its range is Wilson's, at 95 %.

Two readers read the warnings, and all errors, which were 31; after what they doubted was mended two others read the
errors that were left, 25 of them. Of these both doubted one, of a rule that is a warning since; the other 24 are here.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import repositories, watch
from bench.figures import Figures

from gitopsmith import documents
from gitopsmith.finding import Finding, Severity

READINGS = Path(__file__).resolve().parent / "readings"
SEED = 20261128
SIZE = 150
GOALS = {"error": 0.97, "warning": 0.85}
VERDICTS = ("true", "debatable", "false")

Entry = dict[str, Any]


def drawn(found: dict[str, list[Finding]], severity: Severity) -> list[tuple[str, Finding]]:
    """Returns the sample of one severity: what to read, in the order of the corpora."""
    every = [(name, one) for name, findings in found.items() for one in findings if one.severity is severity]
    return sorted(random.Random(SEED).sample(every, min(SIZE, len(every))), key=lambda one: (one[0], one[1].location))


def entry(number: int, repository: str, finding: Finding) -> Entry:
    """Returns what a reader is told of a finding."""
    where = finding.location
    return {
        "number": number,
        "repository": repository,
        "place": f"{where.path}:{where.line}",
        "object": f"{finding.object.kind}/{finding.object.name}" if finding.object else "",
        "severity": str(finding.severity),
        "rule": finding.rule,
        "message": finding.message,
    }


def draw(target: Path) -> None:
    """Lints every corpus, and writes the sample as YAML, whose flow style JSON is."""
    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: list(watch.report(repositories.copy(repositories.CORPORA / name, Path(folder) / name, url)).findings)
            for name, url in repositories.urls().items()
        }
    sample = [one for severity in (Severity.ERROR, Severity.WARNING) for one in drawn(found, severity)]
    lines = [json.dumps(entry(number, *one), ensure_ascii=False) for number, one in enumerate(sample, 1)]
    target.write_text("".join(f"- {line}\n" for line in lines), encoding="utf-8")
    counted = Counter(str(one.severity) for findings in found.values() for one in findings)
    print(f"{target}: {len(sample)} of {dict(counted)}")


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Returns the range of a share at 95 % (E. B. Wilson, 1927)."""
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - half, middle + half


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Returns how far two readers agree beyond chance (J. Cohen, 1960)."""
    same = sum(one == other for one, other in pairs) / len(pairs)
    counts = [Counter(each) for each in zip(*pairs, strict=True)]
    chance = sum(counts[0][verdict] * counts[1][verdict] for verdict in VERDICTS) / len(pairs) ** 2
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


def show(told: Figures, readings: dict[str, list[Entry]]) -> None:
    """Tells each reader's precision by severity, what they agree in, and every finding that either doubts."""
    for severity, goal in GOALS.items():
        for reader, entries in readings.items():
            verdicts = [str(one["verdict"]) for one in entries if one["severity"] == severity]
            true = verdicts.count("true")
            low, high = wilson(true, len(verdicts))
            figure = f"{true} of {len(verdicts)}, {true / len(verdicts):.1%} ({low:.1%} to {high:.1%})"
            met = true / len(verdicts) >= goal
            told.goal(f"{severity}s that are true, {reader} reader", figure, f"{goal:.0%}", met=met)
            told.detail([f"{verdict} {verdicts.count(verdict)}" for verdict in VERDICTS])
        told.say(f"{severity}s: {_agreement([*readings.values()], severity)}")
    told.detail(list(_doubted(readings)), limit=100)


def _agreement(readings: list[list[Entry]], severity: str) -> str:
    pairs = [
        (str(one["verdict"]), str(other["verdict"]))
        for one, other in zip(*readings, strict=True)
        if one["severity"] == severity
    ]
    same = sum(one == other for one, other in pairs)
    return f"both say the same of {same} of {len(pairs)}, {same / len(pairs):.1%}; kappa {kappa(pairs):.2f}"


def _doubted(readings: dict[str, list[Entry]]) -> Iterator[str]:
    for each in zip(*readings.values(), strict=True):
        if {str(one["verdict"]) for one in each} != {"true"}:
            said = "; ".join(f"{one['verdict']}: {one['why']}" for one in each)
            yield f"{each[0]['repository']} {each[0]['place']} {each[0]['rule']}: {said}"


def load() -> dict[str, list[Entry]]:
    """Returns the readings by their reader."""
    files = sorted(READINGS.glob("*.yaml"))
    return {path.stem: list(documents.load(path.read_text(encoding="utf-8"))) for path in files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draw", type=Path)
    given = parser.parse_args()
    if given.draw:
        draw(given.draw)
        return 0
    told = Figures()
    show(told, load())
    return int(told.missed > 0)


if __name__ == "__main__":
    sys.exit(main())
