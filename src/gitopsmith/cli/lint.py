"""The command ``lint``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from gitopsmith import lint, report
from gitopsmith.cli import options
from gitopsmith.cli.fixing import described, fixed, shown_difference
from gitopsmith.cli.output import colored, show
from gitopsmith.finding import Failure, Severity
from gitopsmith.policy import PROFILES
from gitopsmith.report.summary import number

FORMATS = tuple(report.FORMATS)
_TELLING_FIXES = {"json", "sarif", "code-scanning"}
_FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO, "never": None}


@click.command("lint", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write to stdout."
)
@click.option(
    "--output", multiple=True, metavar="FORMAT=FILE", help="Write a report to a file as well; may be repeated."
)
@click.option("--select", multiple=True, metavar="RULE|FAMILY", help="Judge by these rules alone; commas part several.")
@click.option("--ignore", multiple=True, metavar="RULE|FAMILY", help="Leave these rules out; commas part several.")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default=None,
    help="Which rules are on: what is refused, what any repository should hold, or also what production should.",
)
@click.option(
    "--fail-on",
    type=click.Choice(tuple(_FAIL_ON)),
    default="error",
    show_default=True,
    help="What makes the exit code 1.",
)
@click.option(
    "--schema-engine",
    "engine",
    type=click.Choice(("builtin", "kubeconform")),
    default="builtin",
    show_default=True,
    help="Who checks schemas.",
)
@click.option(
    "--kubernetes-version", "kubernetes", metavar="1.X", default="", help="Kubernetes minor to judge by; 1.25 to 1.37."
)
@click.option("--argocd-version", "argocd", metavar="X.Y.Z", default="", help="Argo CD version to judge by.")
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Configuration file instead of .gitopsmith.yaml."
)
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--base", default="", metavar="REV", help="Only what changed since REV was left, and what that reaches.")
@click.option("--staged", is_flag=True, help="Only what the next commit changes, as the index has it.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Baseline that hides the findings in it; else .gitopsmith/baseline.txt where it is.",
)
@click.option("--no-baseline", is_flag=True, help="Show what the baseline hides, too.")
@click.option(
    "--write-baseline", is_flag=True, help="Write all present findings into the baseline, so that only new ones count."
)
@click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is not there any more.")
@click.option("--fix", "fixing", is_flag=True, help="Mend what can be mended without any change to what is applied.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix, also what changes what is applied; look at it.")
@click.option("--diff", "difference", is_flag=True, help="With --fix, print what would change, and change nothing.")
@options.jobs
@options.timeout
@options.fetch
@options.color
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of listing them, in text.")
@click.option("--show-config", is_flag=True, help="Print the configuration in force, as a file, and lint nothing.")
@click.option("--today", type=click.DateTime(("%Y-%m-%d",)), hidden=True, help="The day by which suppressions end.")
@click.option("-q", "--quiet", is_flag=True, help="Only findings.")
@click.option("-v", "--verbose", is_flag=True, help="Every note, uncut.")
def command(
    paths: tuple[str, ...],
    form: str,
    output: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str | None,
    fail_on: str,
    engine: str,
    kubernetes: str,
    argocd: str,
    config_path: Path | None,
    base: str,
    baseline: Path | None,
    today: dt.datetime | None,
    *,
    staged: bool,
    no_baseline: bool,
    write_baseline: bool,
    prune_baseline: bool,
    fixing: bool,
    unsafe_fixes: bool,
    difference: bool,
    isolated: bool,
    jobs: int | None,
    timeout: float,
    fetch: bool,
    color: str,
    statistics: bool,
    show_config: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Find what Argo CD would choke on, at the line to change.

    The repository is the one around PATH (its configuration file, else its git root, else PATH itself); several paths,
    or one below the root, restrict the run to what they reach. With --base or --staged, it is what a change reaches,
    with what rules find that look across Applications. A single "-" reads one stream of manifests from stdin.
    """
    if "-" in paths and paths != ("-",):
        raise click.UsageError("- reads one stream of manifests from stdin, and goes with no path")
    if bool(paths) + bool(base) + staged > 1:
        raise click.UsageError("PATH, --base and --staged each name a part of the repository; take one")
    if statistics and form != "text":
        raise click.UsageError("--statistics counts in text; the other formats list every finding")
    if write_baseline and prune_baseline:
        raise click.UsageError("--write-baseline puts in what is new, --prune-baseline does not; take one")
    if no_baseline and prune_baseline:
        raise click.UsageError("--prune-baseline reads the baseline, and --no-baseline does not; take one")
    if fixing and (staged or write_baseline or prune_baseline or paths == ("-",)):
        raise click.UsageError("--fix changes files of the work tree, not the index, the baseline or a stream")
    if (unsafe_fixes or difference) and not fixing:
        raise click.UsageError("--unsafe-fixes and --diff say how --fix works; add it")
    files = [_output(item) for item in output]
    stdin = sys.stdin.buffer.read() if paths == ("-",) else None
    asked = lint.Options(
        paths=() if stdin is not None else tuple(Path(path) for path in paths),
        select=_names(select),
        ignore=_names(ignore),
        kubernetes=kubernetes,
        argocd=argocd,
        config=config_path,
        isolated=isolated,
        engine=engine,
        profile=profile or "",
        jobs=jobs or 0,
        timeout=timeout,
        fetch=fetch,
        stdin=stdin,
        base=base,
        staged=staged,
        baseline=baseline,
        use_baseline=not no_baseline,
        today=(today or dt.datetime.now().astimezone()).date(),
    )
    if show_config:
        show(lint.show_config(asked))
        return 0
    if write_baseline or prune_baseline:
        written, count = lint.write_baseline(asked, prune=prune_baseline)
        show(f"wrote {number(count, 'finding')} to {written}; from now on only others count\n")
        return 0
    if fixing and difference:
        return lint.status(shown_difference(asked, unsafe=unsafe_fixes), _FAIL_ON[fail_on])
    found, told = fixed(asked, unsafe=unsafe_fixes, quiet=quiet) if fixing else (lint.lint(asked), "")
    if {form, *(name for name, _ in files)} & _TELLING_FIXES and any(finding.fix for finding in found.findings):
        found = described(found)
    plain = report.Options(color=False, quiet=quiet, verbose=verbose)
    unwritten = [said for name, path in files for said in _write(path, report.FORMATS[name](found, plain))]
    layout = report.Options(color=colored(color), quiet=quiet, verbose=verbose, statistics=statistics)
    show(report.FORMATS[form](found, layout))
    if told:
        show(told if quiet and not found.findings else f"\n{told}") if form == "text" else click.echo(
            told, err=True, nl=False
        )
    if unwritten:
        raise Failure("; ".join(unwritten), status=3)
    return lint.status(found, _FAIL_ON[fail_on])


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for item in given for name in item.split(",") if name.strip())


def _output(item: str) -> tuple[str, Path]:
    name, equals, path = item.partition("=")
    if name not in FORMATS or not equals or not path:
        raise click.UsageError(f"--output takes FORMAT=FILE with a format of {', '.join(FORMATS)}, not {item!r}")
    return name, Path(path)


def _write(path: Path, content: str) -> list[str]:
    """Writes a report to a file; returns what went wrong, so that the findings are printed nevertheless."""
    try:
        path.write_bytes(content.encode("utf-8", "replace"))
    except OSError as error:
        return [f"cannot write {path}: {error.strerror}"]
    return []
