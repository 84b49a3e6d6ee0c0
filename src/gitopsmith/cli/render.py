"""The command ``render``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import click

from gitopsmith.applied import Applied, Delivery, deliveries, hidden, settings
from gitopsmith.applied.opening import look_around, touched
from gitopsmith.applied.streaming import files, stream
from gitopsmith.cli import options
from gitopsmith.cli.output import show
from gitopsmith.finding import Failure
from gitopsmith.lint.account import TOOL_FAILURES


@click.command("render", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("path", default="", metavar="[PATH]")
@click.option("--application", default="", metavar="NAME", help="Only what this Application applies.")
@click.option("--environment", default="", metavar="NAME", help="Only this environment of .gitopsmith.yaml.")
@click.option(
    "--output-dir",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Write a file for each object below this folder, which is new or empty.",
)
@click.option("--show-secrets", is_flag=True, help="Write the values of secrets, too.")
@options.jobs
@options.fetch
@options.timeout
def command(
    path: str,
    application: str,
    environment: str,
    folder: Path | None,
    *,
    show_secrets: bool,
    jobs: int | None,
    timeout: float,
    fetch: bool,
) -> int:
    """Print exactly the YAML that Argo CD would apply, before it adds its own tracking label or annotation.

    Everything in the repository around PATH, or what a path below its root reaches. What cannot be rendered is told on
    stderr, and the rest is rendered. Exit codes: 1 when a build fails, 3 when a tool does.
    """
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Failure(f"{folder} is not an empty folder; name another one, so that nothing old stays among the new")
    applied, only = look_around((Path(path),) if path else (), jobs=jobs or 0, timeout=timeout, fetch=fetch)
    found = _chosen(applied, only, application, environment)
    form = (lambda manifest: manifest.text) if show_secrets else hidden
    if folder is None:
        show(stream(found, form))
    else:
        _write(folder, files(found, form))
    for said in dict.fromkeys(said for delivery in found for said in (*delivery.unknown, *delivery.failures)):
        click.echo(f"gitopsmith: {said}", err=True)
    return _status(applied, found)


def _chosen(applied: Applied, only: frozenset[str] | None, application: str, environment: str) -> tuple[Delivery, ...]:
    """Returns what is asked for. Raises Failure for names that do not exist, with the nearest one that does."""
    found = deliveries(applied)
    if application:
        named = [one for one in found if one.application and application in {one.label, "/".join(one.application.key)}]
        found = tuple(named) or _unknown("Application", application, (one.label for one in found if one.application))
    if environment:
        known = settings(applied.tree).environments
        if environment not in {one.name for one in known}:
            return _unknown("environment", environment, (one.name for one in known))
        found = tuple(one for one in found if environment in one.environments(known))
    return found if only is None else tuple(one for one in found if touched(applied, one, only))


def _unknown(what: str, name: str, known: Iterable[str]) -> tuple[Delivery, ...]:
    near = difflib.get_close_matches(name, sorted(set(known)), n=1)
    raise Failure(f"there is no {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def _write(folder: Path, written: dict[str, str]) -> None:
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "replace"))
    click.echo(f"wrote {len(written):,} files to {folder}", err=True)


def _status(applied: Applied, found: tuple[Delivery, ...]) -> int:
    results = applied.graph.results
    failures = [results[build].failure for one in found for build in one.builds if build in results]
    kinds = {failure.kind for failure in failures if failure is not None}
    return 3 if kinds & set(TOOL_FAILURES) else int("error" in kinds)
