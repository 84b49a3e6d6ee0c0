"""The command ``explain``."""

from __future__ import annotations

import difflib
import textwrap

import click

from gitopsmith import policy
from gitopsmith.finding import Failure


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rule")
def command(rule: str) -> int:
    """Tell what a rule is about, with what it accepts and what it refuses."""
    found = {item.id: item for item in policy.load()}
    if rule not in found:
        near = difflib.get_close_matches(rule, found, n=1)
        raise Failure(f"unknown rule {rule!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    click.echo(page(found[rule]))
    return 0


def page(item: policy.Policy) -> str:
    """Writes a rule's page: its documentation, then its examples."""
    parts = [f"# {item.id}", f"{item.severity} in family {item.family}" + policy.beside_standard(item)]
    parts.append(textwrap.dedent(item.documentation).strip())
    for title, examples in (("Refused", item.bad), ("Accepted", item.good)):
        texts = [example.strip("\n") for example in examples if "\n" in example]
        if texts:
            parts.append(f"## {title}\n\n```yaml\n{texts[0]}\n```")
    return "\n\n".join(parts)
