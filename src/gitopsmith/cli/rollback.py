"""The command ``rollback``."""

from __future__ import annotations

import sys
import time
from functools import partial

import click

from gitopsmith.cli.output import colored, show
from gitopsmith.cli.proposing import SHOW, Case, Choice, Ended, choosing, deliver, end, opened
from gitopsmith.finding import Failure
from gitopsmith.landing import Landed, Upstream, newest
from gitopsmith.proposal import Proven
from gitopsmith.rollback import Asked, Permissions, Plan, Sides, Wish, plan, remake, text
from gitopsmith.states import Reader, beginning

WAYS = ("exact", "base", "files", "image")


@click.command("rollback", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("app")
@click.option("--env", "environment", required=True, metavar="ENV", help="The environment that goes back.")
@click.option("--to", default="", metavar="REV", help="Go back to the state at this commit.")
@click.option("--steps", type=click.IntRange(min=1), default=None, metavar="N", help="Go back by so many states.")
@click.option("--way", type=click.Choice(WAYS), default=None, help="Take this way back instead of the best there is.")
@click.option("--include-secrets", is_flag=True, help="Restore files with secrets, too.")
@click.option("--include-application", is_flag=True, help="Restore the manifest of the Application, too.")
@click.option("--include-shared", is_flag=True, help="Restore what others are made from, too; they are listed.")
@click.option("--i-checked-the-schema", "schema", is_flag=True, help="The old version works with the database of now.")
@click.option("--anyway", is_flag=True, help="Go on in spite of what is asked, but for the schema.")
@click.option("--no-hold", is_flag=True, help="Let Renovate and promotions bring the version back.")
@click.option("--wait", is_flag=True, help="Wait until Argo CD runs it, and help it along; 1 when it takes too long.")
@choosing
def command(
    app: str,
    environment: str,
    to: str,
    *,
    steps: int | None,
    way: str | None,
    include_secrets: bool,
    include_application: bool,
    include_shared: bool,
    schema: bool,
    anyway: bool,
    no_hold: bool,
    wait: bool,
    choice: Choice,
) -> int:
    """Take one application in one environment back to what it was, by a new commit that changes nothing else.

    It goes back to the state before, but none that was rolled back itself; where --wait recorded what ran, it names the
    last that did. What the environment renders to is shown and proved before anything is pushed. Where the base has
    changed since, its old state is carried in the overlay; --dry-run shows every way. The versions that go are held
    back from Renovate and from promotions.
    """
    begun = time.monotonic()
    if to and steps:
        raise click.UsageError("--to and --steps exclude each other")
    permissions = Permissions(include_secrets, include_application, include_shared)
    is_trial = choice.way == SHOW
    asked = Asked(app, environment, Wish(to, steps or 0), way or "", permissions, not no_hold, is_trial)
    reader, upstream = opened(choice)
    tip = newest(reader.root, upstream)
    made = plan(reader, upstream, tip, asked)
    is_awaited = wait and not is_trial
    if choice.form == "text":
        show(text(made, color=colored("auto")))
    if made.chosen is None or made.chosen.weighed is None or made.chosen.proposal is None:
        words = f"nothing to {'push' if is_awaited else 'do'}: {made.target.reason}"
        ended = end(choice, words, Ended(0, Landed(tip, "", 0)))
        return _waited(reader, upstream, asked, made, ended, begun) if is_awaited else ended.status
    heeded = 0.0 if is_trial else _heed(made, schema=schema, anyway=anyway)
    proven = Proven(made.chosen.proposal, made.chosen.weighed)
    case = Case(reader, upstream, partial(remake, made, asked), lambda *_: proven)
    ended = deliver(case, proven, choice)
    if not is_awaited or not (ended.sent or ended.asked):
        return ended.status
    return _waited(reader, upstream, asked, made, ended, max(begun, heeded, ended.answered))


def _heed(made: Plan, *, schema: bool, anyway: bool) -> float:
    """Has a person say yes to what has to be asked, at a terminal or by a flag before.

    Returns the moment of the last answer at a terminal, 0 where there was none.
    """
    answered = 0.0
    given = {"--i-checked-the-schema": schema, "--anyway": anyway}
    for caution in made.cautions:
        if caution.flag and not given[caution.flag]:
            if not (sys.stdin.isatty() and sys.stdout.isatty()):
                raise Failure(f"{caution.text}; say {caution.flag} to go on")
            click.confirm(f"{caution.text}. Go on?", abort=True, err=True)
            answered = time.monotonic()
    return answered


def _waited(reader: Reader, upstream: Upstream, asked: Asked, made: Plan, ended: Ended, begun: float) -> int:
    """Waits for the commit that was pushed, for the one that was there before, or for what a pull request becomes."""
    from gitopsmith.cli.waiting import merged, watch  # noqa: PLC0415 - talking to a cluster is needed by few

    if ended.sent:
        base, commit = ended.sent.base, ended.sent.commit
        commit = commit or beginning(reader, base, asked.app, asked.environment)
    else:
        assert ended.asked is not None
        wanted = _wanted(made)
        base, commit = wanted.tip, merged(reader, upstream, wanted, ended.asked.commit)
        begun = time.monotonic()
    if not commit:
        return 1
    place = reader.place(base, asked.app, asked.environment)
    return watch(reader, upstream, place, commit, budget=reader.settings(base).rollback_seconds, begun=begun)


def _wanted(made: Plan) -> Sides:
    """Returns the sides of what was asked for: an environment that is not always all that it was then."""
    assert made.sides is not None
    assert made.chosen is not None
    assert made.chosen.weighed is not None
    return made.sides._replace(target=made.chosen.weighed.tree)
