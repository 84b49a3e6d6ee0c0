"""Lints six real repositories, and compares with what is known about them.

    python bench/corpora.py                               validate, lint and replay; exit code 1 when a goal is missed
    python bench/corpora.py --part lint --repository NAME one part, one repository; both may be repeated
    python bench/corpora.py --part shares                 how much is rendered, without a network and with --fetch
    python bench/corpora.py --builds                      also compares every build with a plain one, byte by byte
    python bench/corpora.py --errors errors.json          writes the errors that no known defect explains, to be read

Every repository is copied out, made a git repository, and given the remote that its Applications name.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import gold, renders, replays, repositories, shares, triage, watch
from bench.figures import Costs, Figures
from bench.shares import Shares
from bench.watch import Linted

from gitopsmith.finding import Finding, Report
from gitopsmith.render import kustomize

PARTS = ("validate", "lint", "replay", "builds", "shares")
CORE_RENDERED = 15_881
CORE_LINTED = 10_000


@dataclass(slots=True)
class Bench:
    """One run over the corpora: what is asked for, what is known, what came out."""

    corpora: Path
    truth: dict[str, Any]
    rows: list[dict[str, Any]]
    folder: Path
    urls: dict[str, str]
    show: Figures = field(default_factory=Figures)
    costs: dict[str, Costs] = field(default_factory=dict)
    validated: dict[str, renders.Validated] = field(default_factory=dict)
    shares: dict[str, Shares] = field(default_factory=dict)
    linted: dict[str, Linted] = field(default_factory=dict)
    unequal: list[str] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)

    def rows_of(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["repo"] == name]


def run(bench: Bench, name: str, parts: list[str]) -> None:
    """Does the parts that need a copy of one repository."""
    costs = bench.costs.setdefault(name, Costs())
    root = repositories.copy(bench.corpora / name, bench.folder / name, bench.urls[name])
    directories = list(bench.truth[name]["ok_dirs"])
    if "validate" in parts:
        bench.validated[name] = renders.validate(root, directories, costs)
    if "lint" in parts:
        try:
            bench.linted[name] = watch.lint(root, costs)
        except Exception:  # noqa: BLE001 - that a run ends early is a figure
            bench.aborted.append(name)
            traceback.print_exc(limit=-3)
    if "shares" in parts:
        bench.shares[name] = shares.measure(root)
    if "builds" in parts:
        with costs.stage("builds: render twice"):
            bench.unequal += [f"{name} {directory}" for directory in renders.unequal(root, directories)]


def show_validated(bench: Bench) -> None:
    """Run (a): everything that builds, against the schemas."""
    whole = len(bench.validated) == len(bench.truth)
    for name, out in bench.validated.items():
        bench.show.say(
            f"validate {name}: {out.builds} builds, {out.objects} objects, {out.core} of core kinds, "
            f"{out.unvalidated} without a schema"
        )
    core = sum(out.core for out in bench.validated.values())
    bench.show.goal(
        "core objects validated", core, f"{CORE_RENDERED:,} over all", met=core >= CORE_RENDERED or not whole
    )
    failed = [f"{name} {line}" for name, out in bench.validated.items() for line in out.failed]
    bench.show.goal("builds that fail here", len(failed), "0", met=not failed)
    bench.show.detail(failed)
    kinds = renders.core_kinds()
    rows = [row for row in bench.rows if row["repo"] in bench.validated]
    known = {(row["repo"], *pair) for row in rows for pair in gold.known_pairs([row], kinds.__contains__)}
    seen = {(name, *pair): problem for name, out in bench.validated.items() for pair, problem in out.core_pairs.items()}
    agreed = f"{len(known & seen.keys())} known, {len(seen.keys() - known)} others"
    bench.show.goal(
        "invalid (directory, core object) pairs", agreed, f"{len(known)} known, 0 others", met=known == set(seen)
    )
    bench.show.detail([f"not found: {pair}" for pair in sorted(known - seen.keys())])
    bench.show.detail([f"other: {pair}: {problem.message}" for pair, problem in seen.items() if pair not in known])
    for name, out in bench.validated.items():
        bench.show.say(f"findings on custom kinds, {name}: {len(out.custom)}")
        bench.show.detail([f"{path} {told} (rendered in {where})" for (path, _, told), where in out.custom.items()])


def show_linted(bench: Bench) -> None:
    """Run (b): what the linter says of each repository as it stands."""
    bench.show.goal("runs that ended early", len(bench.aborted), "0", met=not bench.aborted)
    for name, out in bench.linted.items():
        what = out.report.summary
        bench.show.say(
            f"lint {name}: {what.objects} objects, {what.validated} validated, {out.core} of core kinds; "
            f"{what.applications} applications, {what.builds} builds, {what.failed_builds} without a result, "
            f"rendered share {what.rendered_share:.1%}"
        )
    core = sum(out.core for out in bench.linted.values())
    whole = len(bench.linted) == len(bench.truth)
    bench.show.goal("core objects linted", core, f"{CORE_LINTED:,} over all", met=core >= CORE_LINTED or not whole)
    show_recall(bench)
    show_traps(bench)
    show_triage(bench)
    show_rules(bench)


def show_shares(bench: Bench) -> None:
    """What --fetch adds; where there is no network, it adds nothing, and says so."""
    for name, out in bench.shares.items():
        bench.show.say(f"{name}: {out}")
        bench.show.detail([*out.left, *out.reasons])


def show_recall(bench: Bench) -> None:
    """Of a run that ended early, everything is missed."""
    findings = {name: out.report.findings for name, out in bench.linted.items()} | dict.fromkeys(bench.aborted, ())
    known = [row for row in bench.rows if row["repo"] in findings and not row.get("cascade")]
    for kind in gold.DEFECTS:
        rows = [row for row in known if row["kind"] == kind]
        lost = [row for row in rows if gold.missed([row], findings[row["repo"]])]
        figure = f"{len(rows) - len(lost)} of {len(rows)}"
        bench.show.goal(f"gold.json, {kind} found at its file", figure, "all", met=not lost)
        bench.show.detail([f"{row['repo']} {row['file']}: {row['detail']}" for row in lost])


def show_traps(bench: Bench) -> None:
    sprung = [
        f"{name} {line(finding)} [{row['kind']}]"
        for name, out in bench.linted.items()
        for row, finding in gold.sprung(bench.rows_of(name), out.report.findings)
    ]
    bench.show.goal("errors where nothing is wrong (templates, not-a-defect rows)", len(sprung), "0", met=not sprung)
    bench.show.detail(sprung)
    false = [
        f"{name} {line(finding)}"
        for name, out in bench.linted.items()
        for finding in gold.false_schema(bench.rows_of(name), out.report.findings, renders.is_core)
    ]
    bench.show.goal("schema findings on core kinds outside gold.json", len(false), "0", met=not false)
    bench.show.detail(false)


def show_triage(bench: Bench) -> None:
    """Every error outside of the known defects, by the verdict of those who read it."""
    verdicts = triage.load()
    used: set[triage.Verdict | None] = set()
    whole: Counter[str] = Counter()
    for name, out in bench.linted.items():
        errors = gold.outside_gold(bench.rows_of(name), out.report.findings)
        judged = triage.count(verdicts, name, errors)
        used |= {triage.judge(verdicts, name, error) for error in errors}
        whole += judged
        doubtful = 1000 * (len(errors) - judged["true"]) / max(1, out.report.summary.objects)
        bench.show.goal(
            f"errors outside gold.json, {name}",
            f"{len(errors)}: {dict(judged)}, {doubtful:.1f} not surely true per 1,000 objects",
            f"at most {triage.DOUBTFUL_PER_THOUSAND}",
            met=doubtful <= triage.DOUBTFUL_PER_THOUSAND,
        )
        bench.show.detail([f"{rule} {count}" for rule, count in Counter(error.rule for error in errors).most_common()])
        bench.show.detail([f"unread: {line(error)}" for error in errors if not triage.judge(verdicts, name, error)])
    share = whole["true"] / max(1, whole.total())
    figure = f"{whole['true']} of {whole.total()}, {share:.1%}"
    bench.show.goal("errors outside gold.json that are true", figure, "97 %", met=share >= triage.TRUE_SHARE)
    unused = [one for one in verdicts if one not in used and one.repository in bench.linted]
    bench.show.goal("verdicts that no error needs", len(unused), "0", met=not unused)
    bench.show.detail([f"{one.repository} {one.rule} {', '.join(one.paths)}" for one in unused])


def show_rules(bench: Bench) -> None:
    counted = Counter(
        (finding.rule, str(finding.severity)) for out in bench.linted.values() for finding in out.report.findings
    )
    bench.show.say("findings per rule:")
    bench.show.detail([f"{count:6} {severity:8}{rule}" for (rule, severity), count in counted.most_common()], limit=200)


def show_replays(bench: Bench) -> None:
    """The commits that mended dangling references."""
    pairs = repositories.truth(bench.corpora, "fix-pairs.json")
    costs = bench.costs.setdefault("fix-pairs", Costs())
    with costs.stage("replay"):
        outcomes = list(replays.outcomes(pairs, bench.urls))
    references = sum(len(pair["refs"]) for pair in pairs)
    for side, goal in (
        ("broken", f"all {references} and those that the fix left"),
        ("fixed", "those that the fix left"),
    ):
        here = [outcome for outcome in outcomes if outcome.side == side]
        wanted = sum(outcome.wanted for outcome in here)
        lost, noted, false, more = (
            sum(len(getattr(outcome, field)) for outcome in here) for field in ("missed", "noted", "false", "more")
        )
        told = f"{wanted - lost - noted} of {wanted} and {noted} in templates that a note tells of, {false} false"
        name = f"fix-pairs.json, dangling references reported, {side}"
        bench.show.goal(name, told, f"{goal}, 0 false", met=not lost and not false)
        bench.show.say(f"  {more} others dangle there too, which the data leave out")
        for outcome in here:
            pair = f"pair {outcome.number}"
            bench.show.detail([f"{pair}: missed: {row['file']} {row['ref']}" for row in outcome.missed])
            bench.show.detail([f"{pair}: false: {line(finding)}" for finding in outcome.false])


def show_costs(bench: Bench) -> None:
    renderer = kustomize.find_renderer()
    bench.show.say(f"cost, rendered by {renderer}:")
    for name, costs in bench.costs.items():
        bench.show.detail([f"{name:20}{stage:32}{cost}" for stage, cost in costs.stages.items()])


def line(finding: Finding) -> str:
    place = finding.location
    return f"{place.path}:{place.line}: {finding.severity}[{finding.rule}] {finding.message}"


def write_errors(bench: Bench, path: Path) -> None:
    """Writes the errors that no known defect explains: where each stands, what it says, and the line itself."""
    found = [
        {
            "repository": name,
            "rule": error.rule,
            "path": error.location.path,
            "line": error.location.line,
            "object": str(error.object or ""),
            "pointer": error.pointer,
            "message": error.message,
            "text": _excerpt(out.report, error),
            "applications": list(error.applications),
            "fingerprint": error.fingerprint,
        }
        for name, out in bench.linted.items()
        for error in gold.outside_gold(bench.rows_of(name), out.report.findings)
    ]
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _excerpt(report: Report, finding: Finding) -> str:
    lines = report.sources.get(finding.location.path, "").splitlines()
    return lines[finding.location.line - 1].strip()[:200] if finding.location.line <= len(lines) else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="?", type=Path, default=repositories.CORPORA)
    parser.add_argument("--repository", action="append", help="only this one; may be repeated")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--builds", action="store_true", help="compare every build with a plain one")
    parser.add_argument("--errors", type=Path, help="write the errors outside gold.json to this file")
    arguments = parser.parse_args()
    parts = [*(arguments.part or PARTS[:3]), *(["builds"] if arguments.builds else [])]
    repositories.prefer_built_tools()
    corpora = arguments.corpora
    truth = repositories.truth(corpora, "builds.json")["repos"]
    with tempfile.TemporaryDirectory(prefix="corpora-") as folder:
        rows = repositories.truth(corpora, "gold.json")
        bench = Bench(corpora, truth, rows, Path(folder).resolve(), repositories.urls(corpora))
        for name in arguments.repository or truth:
            run(bench, name, parts)
        report(bench, parts)
        if arguments.errors:
            write_errors(bench, arguments.errors)
    return min(1, bench.show.missed)


def report(bench: Bench, parts: list[str]) -> None:
    if "validate" in parts:
        show_validated(bench)
    if "lint" in parts:
        show_linted(bench)
    if "replay" in parts:
        show_replays(bench)
    if "shares" in parts:
        show_shares(bench)
    if "builds" in parts:
        bench.show.goal("builds unlike a plain build", len(bench.unequal), "0", met=not bench.unequal)
        bench.show.detail(bench.unequal)
    show_costs(bench)


if __name__ == "__main__":
    sys.exit(main())
