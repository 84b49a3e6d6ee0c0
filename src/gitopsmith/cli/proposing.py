"""What the commands share that change an environment through git: their options, what they show, and how it ends."""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click

from gitopsmith import lint
from gitopsmith.cli.output import colored, show
from gitopsmith.diff import document, markdown, text
from gitopsmith.finding import Failure
from gitopsmith.landing import Landed, Protected, Upstream, newest, upstream
from gitopsmith.lint.scope import find_root
from gitopsmith.proposal import Asked, Proposal, Proven, ask, message, send, stands, unlike_images
from gitopsmith.states import Reader

PUSH, PULL_REQUEST, SHOW = "push", "pr", "no"
PUSH_OR_ASK = "push or pr"


class Choice(NamedTuple):
    """What a person said about the way of a change; ``way`` is empty where that was nothing."""

    way: str = ""
    merge: bool = False
    remote: str = ""
    branch: str = ""
    force: bool = False
    form: str = "text"


class Case(NamedTuple):
    """A change that is wanted: what makes it on top of a commit, None where it is there already, and what proves it."""

    reader: Reader
    upstream: Upstream
    make: Callable[[str], Proposal | None]
    prove: Callable[[str, Proposal], Proven]


class Ended(NamedTuple):
    """How it ended: the exit code, and the commit or the pull request where there is one.

    ``answered`` is the moment of ``time.monotonic`` at which a person said what to do, 0 where that was said before.
    """

    status: int
    sent: Landed | None = None
    asked: Asked | None = None
    answered: float = 0.0


_OPTIONS = (
    click.option("--push", is_flag=True, help="Push it to the branch that Argo CD follows."),
    click.option("--pr", is_flag=True, help="Push a branch and ask to merge it; with --push, only if that is refused."),
    click.option("--auto-merge", is_flag=True, help="With --pr: merge it once checks pass and it is approved."),
    click.option("--dry-run", is_flag=True, help="Only show what it would change."),
    click.option("--force", is_flag=True, help="Go on in spite of new errors, and of a hold."),
    click.option("--remote", default="", metavar="NAME", help="The remote to push to; origin by default."),
    click.option("--branch", default="", metavar="NAME", help="The branch that Argo CD follows; the remote's own."),
    click.option(
        "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
        help="How to write to stdout.",
    ),
)  # fmt: skip


def choosing(command: Callable[..., int]) -> Callable[..., int]:
    """Gives a command the options of this module, and their values as its argument ``choice``."""

    @functools.wraps(command)
    def with_choice(*arguments: Any, **options: Any) -> int:
        names = ("push", "pr", "auto_merge", "dry_run", "force", "remote", "branch", "form")
        return command(*arguments, choice=_choice(**{name: options.pop(name) for name in names}), **options)

    for option in reversed(_OPTIONS):
        with_choice = option(with_choice)
    return with_choice


def _choice(
    *, push: bool, pr: bool, auto_merge: bool, dry_run: bool, force: bool, remote: str, branch: str, form: str
) -> Choice:
    if dry_run and (push or pr):
        raise click.UsageError("--dry-run sends nothing, so it goes with neither --push nor --pr")
    if auto_merge and not pr:
        raise click.UsageError("--auto-merge goes with --pr")
    way = PUSH_OR_ASK if push and pr else PUSH if push else PULL_REQUEST if pr else SHOW if dry_run else ""
    return Choice(way, auto_merge, remote, branch, force, form)


def opened(choice: Choice) -> tuple[Reader, Upstream]:
    """Returns what reads the repository around the current folder, and where its changes go."""
    root = find_root(lint.Options())
    there = upstream(root, choice.remote, choice.branch)
    return Reader(root, there.branch), there


def propose(case: Case, choice: Choice) -> Ended:
    """Makes a change, shows what it changes, and sends it the chosen way; it is asked for on a terminal."""
    base = newest(case.reader.root, case.upstream)
    proposal = case.make(base)
    if proposal is None:
        return end(choice, "nothing to do: it is so already", Ended(0))
    proven = case.prove(base, proposal)
    if choice.form == "text":
        show(shown(proven))
    blocked = objections(proven, force=choice.force)
    if blocked:
        return end(choice, "\n".join(blocked), Ended(1), proven)
    return deliver(case, proven, choice)


def deliver(case: Case, proven: Proven, choice: Choice) -> Ended:
    """Sends a change that people have seen the chosen way; it is asked for on a terminal."""
    way = choice.way or _asked(case.upstream, proven)
    answered = 0.0 if choice.way else time.monotonic()
    return _delivered(case, proven, choice, way)._replace(answered=answered)


def _delivered(case: Case, proven: Proven, choice: Choice, way: str) -> Ended:
    if way in {PUSH, PUSH_OR_ASK}:
        return _pushed(case, proven, choice, may_ask=way == PUSH_OR_ASK)
    if way == PULL_REQUEST:
        return _requested(case, proven, proven.base, proven.proposal, choice)
    return end(choice, _how_to_go_on(choice), Ended(0), proven)


def _pushed(case: Case, proven: Proven, choice: Choice, *, may_ask: bool) -> Ended:
    """Pushes a change; where the branch takes none, it is asked for if it may be, for the very same change."""
    again = functools.partial(_again, case, proven, force=choice.force)
    try:
        sent = send(case.reader.root, case.upstream, again)
    except Protected as refused:
        proposal = again(refused.base) if may_ask else None
        if proposal is None:
            raise
        click.echo(f"note: {refused.said}; it goes into a branch of its own", err=True)
        return _requested(case, proven, refused.base, proposal, choice)
    words = f"pushed {sent.commit[:12]} to {case.upstream}" if sent.commit else "nothing to do: somebody did it"
    return end(choice, words, Ended(0, sent), proven)


def _requested(case: Case, proven: Proven, base: str, proposal: Proposal, choice: Choice) -> Ended:
    """Asks for a change that was made on a commit."""
    body = markdown(proven.difference)
    asked = ask(case.reader.root, case.upstream, base, proposal, body, merge=choice.merge)
    return end(choice, "\n".join(_told(asked)), Ended(1 if asked.left else 0, asked=asked), proven)


def _again(case: Case, proven: Proven, base: str, *, force: bool) -> Proposal | None:
    """Makes the change on another commit, once somebody else was faster, and proves it there unless nothing differs.

    Raises Failure where it would bring what nobody has been shown.
    """
    if base == proven.base:
        return proven.proposal
    proposal = case.make(base)
    if proposal is not None and not proposal.is_meant_as(proven.proposal):
        raise Failure(
            f"somebody else changed meanwhile what this brings; at {base[:12]} it is {proposal.subject}; "
            "nothing was pushed, look at it and try again",
            status=3,
        )
    # What comes back as it was given has been looked at by who made it.
    known = proposal is proven.proposal or (
        proposal == proven.proposal and stands(case.reader, proven.weighed, proven.proposal, base)
    )
    if proposal is not None and not known:
        blocked = objections(case.prove(base, proposal), force=force)
        if blocked:
            raise Failure("the branch has moved, and now: " + "; ".join(blocked), status=1)
    return proposal


def objections(proven: Proven, *, force: bool) -> list[str]:
    """Returns why a change must not go out: it is not what it should be, or brings errors unless forced."""
    errors = () if force else proven.errors
    found = [f"error[{one.rule}] {one.location.path}:{one.location.line}: {one.message}" for one in errors]
    remedy = "--force sends it all the same" if errors and not proven.against else "make this change by hand"
    return [*proven.against, *found, f"nothing was sent; {remedy}"] if found or proven.against else []


def shown(proven: Proven) -> str:
    """Returns what a change does, for people: images first, then what is not an image, then all of it."""
    beside = list(unlike_images(proven.difference))
    lines = [f"{proven.proposal.subject}\n\n", text(proven.difference, color=colored("auto"))]
    if beside:
        lines += ["not only images change:\n", *(f"  {one}\n" for one in beside)]
    return "".join(lines)


def _asked(there: Upstream, proven: Proven) -> str:
    """Asks on a terminal what to do with a change; elsewhere, nothing is done."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return SHOW
    protected = any(group.protected and group.sections for group in proven.difference.groups)
    choices = click.Choice((PUSH, PULL_REQUEST, SHOW))
    question = f"Push to {there}, ask by a pull request (pr), or leave it (no)"
    return str(click.prompt(question, type=choices, default=PULL_REQUEST if protected else SHOW, err=True))


def _how_to_go_on(choice: Choice) -> str:
    return "nothing was sent" + ("" if choice.way else "; --push pushes it, --pr asks for it by a pull request")


def _told(asked: Asked) -> Iterator[str]:
    if asked.is_open:
        yield f"asked for by {asked.url or asked.branch}"
    else:
        yield f"pushed the branch {asked.branch}; open a pull request from it{f': {asked.url}' if asked.url else ''}"
    yield from filter(None, (*asked.notes, asked.left))


def end(choice: Choice, words: str, ended: Ended, proven: Proven | None = None) -> Ended:
    """Says how it ended, as text to people or all of it as JSON."""
    if choice.form == "json":
        show(json.dumps(_document(words, ended, proven), indent=2) + "\n")
    else:
        click.echo(words, err=ended.status != 0)
    return ended


def _document(words: str, ended: Ended, proven: Proven | None) -> dict[str, Any]:
    told: dict[str, Any] = {"version": 1, "said": words, "commit": "", "branch": "", "url": ""}
    if proven is not None:
        told |= {
            "subject": proven.proposal.subject,
            "message": message(proven.proposal),
            "base": proven.base,
            "difference": json.loads(document(proven.difference)),
            "errors": [f"{one.rule} {one.location.path}:{one.location.line}" for one in proven.errors],
        }
    if ended.sent is not None:
        told |= {"commit": ended.sent.commit}
    if ended.asked is not None:
        told |= {"commit": ended.asked.commit, "branch": ended.asked.branch, "url": ended.asked.url}
    return told
