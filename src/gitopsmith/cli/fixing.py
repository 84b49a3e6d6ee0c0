"""What ``lint --fix`` does beside linting."""

from __future__ import annotations

import click

from gitopsmith import lint
from gitopsmith.cli.output import show
from gitopsmith.finding import Report


def fixed(options: lint.Options, *, unsafe: bool, quiet: bool) -> tuple[Report, str]:
    """Fixes the user's files; returns the report of what remains, and what to say about the fixes.

    Where nothing was to be fixed, ``quiet`` says nothing.
    """
    from gitopsmith import fix  # noqa: PLC0415 - most runs change nothing

    outcome = fix.fix(options, unsafe=unsafe)
    _, unwritten = fix.write(outcome)
    remaining = lint.lint(options) if unwritten else outcome.report
    is_told = outcome.fixed or outcome.left or not quiet
    return remaining, fix.told(outcome, unwritten) if is_told else ""


def described(found: Report) -> Report:
    """Returns a report whose fixes tell the text that they write."""
    from gitopsmith import fix  # noqa: PLC0415 - most runs tell none

    return fix.described(found)


def shown_difference(options: lint.Options, *, unsafe: bool) -> Report:
    """Prints what fixing would change; returns the report of what is there, since nothing is changed."""
    from gitopsmith import fix  # noqa: PLC0415 - most runs change nothing

    outcome = fix.fix(options, unsafe=unsafe)
    show(fix.difference(outcome))
    click.echo(fix.told(outcome, only_shown=True), err=True, nl=False)
    return outcome.before
