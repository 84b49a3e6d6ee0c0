"""Parses the command line, and turns whatever happens into an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence

import click

from gitopsmith import __version__
from gitopsmith.cli.lazy import Lazy

COMMANDS = {
    "add": "Add an application, an environment or a platform component to a repository.",
    "bootstrap": "Install Argo CD on a cluster, and hand it a repository.",
    "diff": "Show what a change really changes, rendered, between two revisions.",
    "explain": "Tell what a rule is about, with what it accepts and what it refuses.",
    "graph": "Show the tree of what Argo CD applies.",
    "init": "Take up a repository that is there already, with a baseline of what is wrong in it.",
    "lint": "Find what Argo CD would choke on, at the line to change.",
    "new": "Make a repository that Argo CD deploys from, with its checks.",
    "promote": "Bring the version of one environment to the next one, by a commit or a pull request.",
    "release": "Bring a new version into the first environment, by a commit or a pull request.",
    "render": "Print exactly the YAML that Argo CD would apply.",
    "rollback": "Take an application in one environment back to what it was, through git.",
    "rules": "List all rules.",
    "sandbox": "Try a repository on a real Argo CD, on this machine, without containers.",
    "status": "Show what runs where, by the cluster beside git.",
    "vendor": "Bring a remote source into the repository.",
}


@click.group(
    cls=Lazy,
    summaries=COMMANDS,
    modules="gitopsmith.cli.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gitopsmith", message="%(prog)s %(version)s")
def program() -> None:
    """Make an Argo CD repository, and lint any for exactly what Argo CD will apply, before Argo CD applies it.

    Exit codes: 0 clean; 1 findings at or above the threshold; 2 wrong usage, wrong configuration, or nothing to lint;
    3 a tool or the environment failed; 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program, and returns its exit code; it raises nothing."""
    if sys.stdout is None:
        return _unwritable("stdout is closed")
    try:
        with _interruptible():
            returned = program.main(arguments, prog_name="gitopsmith", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (BrokenPipeError, SystemExit):  # the latter is how click ends when the reader of stdout went away
        return _unwritable("")
    except OSError as error:
        return _unwritable(str(error))
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:  # noqa: BLE001 - whatever it is, the exit code must not say that findings were the cause
        return _failed(error)
    return returned if isinstance(returned, int) else 0


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Takes being terminated, or losing the terminal, for Ctrl-C, so that no program and no folder is left behind."""
    heeded = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    with contextlib.suppress(ValueError):  # outside of the main thread there is no handling signals
        for number in heeded:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            for number in heeded:
                signal.signal(number, signal.SIG_DFL)


def _interrupted() -> int:
    at_prompt = "\n" if sys.stdin is not None and sys.stdin.isatty() else ""
    click.echo(f"{at_prompt}gitopsmith: interrupted", err=True)
    return 130


def _unwritable(message: str) -> int:
    if message:
        click.echo(f"gitopsmith: {message}", err=True)
    # What could not be written is still there, and Python would complain once more when it flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 3


def _failed(error: Exception) -> int:
    from gitopsmith.finding import Failure  # noqa: PLC0415 - help needs none of it

    if isinstance(error, Failure):
        click.echo(f"gitopsmith: {error}", err=True)
        return error.status
    import traceback  # noqa: PLC0415 - only when something is broken

    traceback.print_exception(error)
    click.echo(
        f"gitopsmith {__version__}: this is a defect of gitopsmith, not of your repository; please report it", err=True
    )
    return 3
