"""The command ``rules``."""

from __future__ import annotations

import json

import click

from gitopsmith import policy


@click.command("rules", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
def command(form: str) -> int:
    """List all rules, family by family."""
    found = sorted(policy.load(), key=lambda item: (item.family, item.id))
    if form == "json":
        rows = [
            {
                "id": item.id,
                "family": item.family,
                "severity": str(item.severity),
                "profile": item.profile,
                "summary": item.summary,
                "fix": ("safe" if item.fix_is_safe else "unsafe") if item.fixed else None,
            }
            for item in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return 0
    width = max(len(item.id) for item in found)
    family = ""
    for item in found:
        if item.family != family:
            family = item.family
            click.echo(click.style(family, bold=True))
        click.echo(f"  {item.id:<{width}}  {item.severity!s:<7}  {item.summary}{policy.beside_severity(item)}")
    return 0
