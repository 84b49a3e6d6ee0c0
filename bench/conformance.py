"""Compares our rules with what other tools say about their own test cases, check by check.

    python bench/conformance.py                      writes docs/reference/conformance.md; exit code 1 on a missed goal
    python bench/conformance.py --suite kube-score   one suite, printed only; may be repeated
    python bench/conformance.py --list               prints every case that differs

``peers/`` says which rule stands for which check; ``conformance.yaml`` why a case differs where it does, and what
stands for what is no check of a linter. A check that no rule of ours is about is not covered.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import cases, repositories
from bench.cases import SUITES, Counterpart, Verdict
from bench.figures import Figures

MAP = Path(__file__).with_name("conformance.yaml")
PAGE = repositories.ROOT / "docs" / "reference" / "conformance.md"
DIFFER_AT_MOST = 0.10
COVER_AT_LEAST = 0.90
LINTERS = ("kube-linter", "kube-score", "kyverno-argo")
"""Those whose checks are to have a counterpart here."""
INTRODUCTION = """\
# Agreement with other tools

Written by `python bench/conformance.py`. The cases are the other tools' own: small manifests out of their tests, with
what each tool says about them. A case *agrees* where our rule reports what the other tool reports, or is silent where
it is silent; where we differ, the reason is given. What no rule of ours is about is *not covered*.
"""


def run(conformance: Path, suites: Iterable[str]) -> dict[str, list[Verdict]]:
    """Judges every case of some suites."""
    known = cases.counterparts(MAP)
    return {
        suite: list(cases.judge(conformance, cases.cases(conformance, suite), known.get(suite, {}))) for suite in suites
    }


def tally(verdicts: Iterable[Verdict]) -> Counter[str]:
    """Counts true and false positives and negatives, and what is not covered."""
    return Counter(outcome(verdict) for verdict in verdicts)


def outcome(verdict: Verdict) -> str:
    """Names one case's outcome; positive is what we report, true is what the peer says too."""
    if verdict.flagged is None:
        return "not covered"
    return f"{'T' if verdict.agrees else 'F'}{'P' if verdict.flagged else 'N'}"


def differing(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.flagged is not None and not verdict.agrees]


def by_check(verdicts: Iterable[Verdict]) -> list[tuple[str, list[Verdict]]]:
    key = attrgetter("case.check")
    return [(check, list(group)) for check, group in groupby(sorted(verdicts, key=key), key)]


def page(judged: Mapping[str, list[Verdict]], known: Mapping[str, Mapping[str, Counterpart]]) -> str:
    """Writes the published table."""
    lines = [INTRODUCTION, "| suite | cases | covered | agree | differ | not covered |", "|---|---|---|---|---|---|"]
    lines += [_summary(suite, verdicts) for suite, verdicts in judged.items()]
    lines += [_summary("all", [verdict for verdicts in judged.values() for verdict in verdicts])]
    for suite, verdicts in judged.items():
        lines += ["", f"## {suite}", "", *_suite(verdicts, known.get(suite, {}))]
    return "\n".join(lines) + "\n"


def _summary(name: str, verdicts: list[Verdict]) -> str:
    covered = [verdict for verdict in verdicts if verdict.flagged is not None]
    differ = len(differing(covered))
    share = f" ({differ / len(covered):.1%})" if covered else ""
    left = len(verdicts) - len(covered)
    return f"| {name} | {len(verdicts)} | {len(covered)} | {len(covered) - differ} | {differ}{share} | {left} |"


def _suite(verdicts: list[Verdict], known: Mapping[str, Counterpart]) -> Iterator[str]:
    checks = by_check(verdicts)
    covered = [(check, here) for check, here in checks if any(verdict.flagged is not None for verdict in here)]
    if covered:
        yield "| check | our rules | both report | both silent | only the other | only ours | not covered |"
        yield "|---|---|---|---|---|---|---|"
        for check, here in covered:
            counts = tally(here)
            rules = ", ".join(f"`{rule}`" for rule in known[check].ours)
            figures = " | ".join(str(counts[key]) for key in ("TP", "TN", "FN", "FP", "not covered"))
            yield f"| {_name(check)} | {rules} | {figures} |"
    reasons: dict[str, list[str]] = {}
    for verdict in differing(verdicts):
        reasons.setdefault(verdict.reason or "no reason is known", []).append(_name(verdict.case.id))
    if reasons:
        yield "\nDiffers:"
        yield ""
        yield from (f"- {', '.join(names)}: {reason}" for reason, names in reasons.items())
    left = [(check, here) for check, here in checks if all(verdict.flagged is None for verdict in here)]
    if left:
        named = ", ".join(f"{_name(check)} ({len(here)})" for check, here in left)
        yield f"\nNot covered, with the number of cases: {named}."


def _name(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def show(judged: Mapping[str, list[Verdict]], figures: Figures, *, every: bool) -> None:
    """Prints the figures, and what is amiss in the map of reasons."""
    for suite, verdicts in judged.items():
        for check, here in by_check(verdicts):
            counts = tally(here)
            told = " ".join(f"{key} {counts[key]}" for key in ("TP", "FP", "FN", "TN", "not covered") if counts[key])
            figures.say(f"{suite:20}{check[:60]:62}{told}")
    everything = [verdict for verdicts in judged.values() for verdict in verdicts]
    _show_linters([verdict for verdict in everything if verdict.case.suite in LINTERS], figures)
    _show_facts(everything, figures)
    covered = [verdict for verdict in everything if verdict.flagged is not None]
    differ = differing(covered)
    checks, met = _checks(everything), _checks(covered)
    figures.say(f"{len(met)} of {len(checks)} checks have a rule of ours, {len(covered)} of {len(everything)} cases")
    share = len(differ) / max(1, len(covered))
    figures.goal(
        "cases that differ", f"{len(differ)} of {len(covered)}, {share:.1%}", "10 %", met=share <= DIFFER_AT_MOST
    )
    bare = [verdict for verdict in differ if not verdict.reason]
    figures.goal("differences without a reason", len(bare), "0", met=not bare)
    figures.detail([_line(verdict) for verdict in (differ if every else bare)], limit=500 if every else 40)
    stale = [verdict for verdict in covered if verdict.agrees and verdict.reason]
    figures.goal("reasons for cases that agree", len(stale), "0", met=not stale)
    figures.detail([_line(verdict) for verdict in stale])


def _show_linters(verdicts: list[Verdict], figures: Figures) -> None:
    """Prints how many checks of the linters have a counterpart here, and how many of their cases differ."""
    if not verdicts:
        return
    covered = [verdict for verdict in verdicts if verdict.flagged is not None]
    checks, met, differ = _checks(verdicts), _checks(covered), differing(covered)
    share = len(met) / len(checks)
    said = f"{len(met)} of {len(checks)}, {share:.1%}"
    figures.goal("checks of linters with a rule of ours", said, "90 %", met=share >= COVER_AT_LEAST)
    share = len(differ) / max(1, len(covered))
    said = f"{len(differ)} of {len(covered)}, {share:.1%}"
    figures.goal("cases of linters that differ", said, "10 %", met=share <= DIFFER_AT_MOST)


def _checks(verdicts: Iterable[Verdict]) -> set[tuple[str, str]]:
    return {(verdict.case.suite, verdict.case.check) for verdict in verdicts}


def _show_facts(verdicts: list[Verdict], figures: Figures) -> None:
    """Prints how far we agree with Argo CD on what projects permit."""
    about = [verdict for verdict in verdicts if verdict.case.fact is not None]
    if about:
        differ, open_ = len(differing(about)), sum(verdict.flagged is None for verdict in about)
        agree = len(about) - differ - open_
        figures.say(f"facts about what a project permits: {agree} agree, {differ} differ, {open_} need a cluster")


def _line(verdict: Verdict) -> str:
    case = verdict.case
    said = "flag" if case.flag else "clean"
    return f"{outcome(verdict)} {case.suite} {case.check} {case.id} {case.object}: {said} in {', '.join(case.sources)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("conformance", nargs="?", type=Path, default=repositories.CONFORMANCE)
    parser.add_argument("--suite", action="append", choices=SUITES, help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="print every case that differs")
    arguments = parser.parse_args()
    repositories.prefer_built_tools()
    started = time.perf_counter()
    figures = Figures()
    judged = run(arguments.conformance, arguments.suite or SUITES)
    show(judged, figures, every=arguments.list)
    figures.say(f"{time.perf_counter() - started:.0f} s")
    if not arguments.suite:
        PAGE.write_text(page(judged, cases.counterparts(MAP)), encoding="utf-8")
    return min(1, figures.missed)


if __name__ == "__main__":
    sys.exit(main())
