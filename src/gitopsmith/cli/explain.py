"""The command ``explain``."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

import click

from gitopsmith import peers, policy
from gitopsmith.finding import Failure
from gitopsmith.peers import Check


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rule")
def command(rule: str) -> int:
    """Tell what a rule is about, with what it accepts and what it refuses.

    RULE may also be a check of another linter, such as CKV_K8S_8 or kube-linter:no-liveness-probe: the rules that stand
    for it are told then, or why there is none.
    """
    found = {item.id: item for item in policy.load()}
    checks = peers.find(rule)
    if rule in found:
        click.echo(page(found[rule]))
    elif checks:
        click.echo("\n\n".join(_elsewhere(checks, found)))
    else:
        raise Failure(f"unknown rule {rule!r}{_nearest(rule, found)}")
    return 0


def _nearest(rule: str, known: Iterable[str]) -> str:
    checks = [check for peer in peers.load().values() for check in peer.checks.values()]
    names = {*known, *(check.id for check in checks), *(check.name for check in checks)}
    near = difflib.get_close_matches(rule, sorted(names), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _elsewhere(checks: Iterable[Check], known: Mapping[str, policy.Policy]) -> Iterator[str]:
    """Yields what stands for some checks of other linters, then the page of each of those rules."""
    for check in checks:
        if check.rules:
            yield f"{check.name} is {' and '.join(check.rules)} here."
        if check.part_of:
            also = "also " if check.rules else ""
            yield f"{check.name} is {also}part of what {' and '.join(check.part_of)} asks for here."
        if check.why:
            yield f"{check.name} has no rule here: {check.why}."
    yield from (page(known[rule]) for rule in dict.fromkeys(rule for check in checks for rule in check.ours))


def page(item: policy.Policy) -> str:
    """Writes a rule's page: its documentation, its examples, and the checks of other linters that it stands for."""
    parts = [f"# {item.id}", f"{item.severity} in family {item.family}" + policy.beside_severity(item)]
    parts.append(textwrap.dedent(item.documentation).strip())
    for title, examples in (("Refused", item.bad), ("Accepted", item.good)):
        texts = [example.strip("\n") for example in examples if "\n" in example]
        if texts:
            parts.append(f"## {title}\n\n```yaml\n{texts[0]}\n```")
    parts += _fixed(item)
    checks = peers.standing_for(item.id)
    if checks:
        parts.append("\n".join(("## In other linters\n", *_by_peer(checks))))
    return "\n\n".join(parts)


def _by_peer(checks: Iterable[Check]) -> Iterator[str]:
    for peer, group in groupby(checks, attrgetter("peer")):
        yield f"- {peer}: {', '.join(f'`{check.id}`' for check in group)}"


def _fixed(item: policy.Policy) -> Iterator[str]:
    """Yields what ``--fix`` makes of the first example."""
    if not item.fixed:
        return
    option, promise = (
        ("--fix", "All that is applied is the same afterwards, which is proved before a file is changed.")
        if item.fix_is_safe
        else (
            "--fix --unsafe-fixes",
            "It changes what is applied, so look at it: `--diff` shows it and changes nothing.",
        )
    )
    before, after = item.fixed[0]
    yield f"## Fixed\n\n`gitopsmith lint {option}` mends it. {promise}"
    if "\n" in before:
        yield f"```yaml\n{before.rstrip()}\n```\n\nbecomes\n\n```yaml\n{after.rstrip()}\n```"
