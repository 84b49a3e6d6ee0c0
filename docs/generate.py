"""Writes the pages that the program itself gives: its commands, and what it says about the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gitopsmith import peers, policy
from gitopsmith.cli import explain
from gitopsmith.cli.program import program
from gitopsmith.peers import Check, Peer

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "tests" / "fixtures" / "repositories" / "demo"
README = ROOT / "README.md"
REFERENCE = ROOT / "docs" / "reference" / "commands.md"
RULES = ROOT / "docs" / "rules"
PEERS = ROOT / "docs" / "reference" / "peers.md"

# Everything else is stable: it changes in a major version alone. A command's name stands for all of it.
EXPERIMENTAL = {
    "rules --format",
    "lint --jobs",
    "lint --timeout",
    "diff --jobs",
    "diff --timeout",
    "graph",
    "init",
    "render --jobs",
    "render --timeout",
    "sandbox",
}

INTRODUCTION = """\
# Commands

Written by `make regenerate` from the program itself. What is stable changes in a major version alone, from 1.0 on;
what is experimental may change in any version.
"""


PEERS_INTRODUCTION = """\
# Other linters

Written by `make regenerate` from `peers/`. Which rule stands for each check of another linter; a check is *part of* a
rule that asks for it among other things. `gitopsmith explain` takes these names too: `gitopsmith explain CKV_K8S_8`.

Where `peers` in `.gitopsmith.yaml` names a linter of this list, its annotations silence the rules that stand for its
checks, on the object that has them, and are reported with their reason like any other suppression:

```yaml
peers: [kube-linter, kube-score, polaris, checkov]
```

| linter | annotation | reason |
|---|---|---|
| kube-linter | `ignore-check.kube-linter.io/CHECK`, `kube-linter.io/ignore-all` | the annotation's value |
| kube-score | `kube-score/ignore: CHECK,CHECK`, of the pod template too | |
| polaris | `polaris.fairwinds.com/CHECK-exempt: "true"`, `polaris.fairwinds.com/exempt: "true"` | |
| checkov | `checkov.io/skip1: CHECK=REASON` | what stands after `=` |

A rule that a check is only part of stays: its other half would be silent too.
"""


def commands() -> str:
    """Returns the reference of every command, with its arguments and options."""
    context = click.Context(program, info_name="gitopsmith")
    parts = [INTRODUCTION, _prose(program)]
    return "\n".join((*parts, *_commands(program, context)))


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield "\n".join(_command(command, inner))
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _prose(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path.partition(' ')[2]}\n"
    yield _prose(command)
    yield f"    {context.command_path} {' '.join(command.collect_usage_pieces(context))}\n"
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    if options:
        yield "| option | what it does | default | |"
        yield "|---|---|---|---|"
        yield from (_option(option, context) for option in options)
        yield ""


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" `{option.make_metavar(context)}`".replace("|", "\\|")
    default = f"`{option.default}`" if option.show_default else ""
    path = context.command_path.partition(" ")[2]
    names_of_it = {f"{path} {option.opts[-1]}", path, path.partition(" ")[0]}
    stability = "experimental" if names_of_it & EXPERIMENTAL else "stable"
    return f"| {names}{value} | {option.help} | {default} | {stability} |"


def demo() -> str:
    """Returns what the program prints about the demo's repository, on a terminal without colours."""
    environment = {**os.environ, "NO_COLOR": "1"}
    command = (sys.executable, "-m", "gitopsmith", "lint", "--quiet")
    done = subprocess.run(command, cwd=DEMO, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 1:
        raise SystemExit(f"the demo has no findings:\n{done.stdout}{done.stderr}")
    return done.stdout


def readme() -> str:
    """Returns the README with the program's present words in it."""
    before, _, rest = README.read_text(encoding="utf-8").partition("<!-- demo -->\n")
    after = rest.partition("<!-- /demo -->")[2]
    return f"{before}<!-- demo -->\n```console\n$ gitopsmith lint --quiet\n{demo()}```\n<!-- /demo -->{after}"


def rules() -> dict[Path, str]:
    """Returns a page for each rule, and their index."""
    found = sorted(policy.load(), key=lambda item: (item.family, item.id))
    rows = [
        f"| [{item.id}]({item.id}.md) | {item.family} | {item.severity}{policy.beside_severity(item)} "
        f"| {item.summary} |"
        for item in found
    ]
    index = "# Rules\n\nWritten by `make regenerate` from the policies themselves.\n"
    table = "\n".join(["| rule | family | severity | what it asks for |", "|---|---|---|---|", *rows, ""])
    return {RULES / "README.md": f"{index}\n{table}"} | {
        RULES / f"{item.id}.md": explain.page(item) + "\n" for item in found
    }


def other_linters() -> str:
    """Returns the table of each other linter's checks."""
    return "\n".join([PEERS_INTRODUCTION, *(line for peer in peers.load().values() for line in _peer(peer))])


def _peer(peer: Peer) -> Iterator[str]:
    met = sum(bool(check.ours) for check in peer.checks.values())
    yield f"## {peer.name}\n\n<{peer.about}>: {met} of {len(peer.checks)} checks have a rule here.\n"
    yield "| check | here |"
    yield "|---|---|"
    yield from (f"| `{check.id}` | {_here(check)} |" for check in peer.checks.values())
    yield ""


def _here(check: Check) -> str:
    rules = [_linked(rule) for rule in check.rules] + [f"part of {_linked(rule)}" for rule in check.part_of]
    return ", ".join(rules) or f"none: {check.why}"


def _linked(rule: str) -> str:
    return f"[{rule}](../rules/{rule}.md)"


def pages() -> dict[Path, str]:
    """Returns every page that is written here, by its path."""
    return {REFERENCE: commands(), PEERS: other_linters(), README: readme(), **rules()}


if __name__ == "__main__":
    written = pages()
    RULES.mkdir(exist_ok=True)
    for stale in set(RULES.glob("*.md")) - set(written):
        stale.unlink()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
