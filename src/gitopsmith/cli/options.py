"""Options that commands share that render."""

from __future__ import annotations

import click

jobs = click.option(
    "--jobs", type=click.IntRange(1, 64), default=None, help="Builds to render at once; as many as there are cores."
)
timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    help="Seconds that one build may take.",
)
fetch = click.option("--fetch", is_flag=True, help="Fetch what is pinned and lies elsewhere, and keep it.")
color = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colours in text.",
)
