"""One cookiecutter template, rendered once for one item."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitopsmith import content
from gitopsmith.finding import Failure

_SETTINGS = {"trim_blocks": True, "lstrip_blocks": True}


def render(name: str, variables: Mapping[str, Any], into: Path) -> None:
    """Renders the template ``name`` with its variables into a folder that exists; what is there already stays.

    Raises Failure that names the template when it and its variables do not fit.
    """
    from cookiecutter.exceptions import CookiecutterException  # noqa: PLC0415 - heavy, and only these commands need it
    from cookiecutter.generate import generate_files  # noqa: PLC0415

    context = {"cookiecutter": {**variables, "directory": into.name, "_jinja2_env_vars": _SETTINGS}}
    try:
        generate_files(content.GENERATOR / name, context, into.parent, overwrite_if_exists=True, accept_hooks=False)
    except CookiecutterException as error:
        raise Failure(f"template {name!r} cannot be rendered: {error}", status=3) from error
