"""Runs helm as Argo CD does: the same flags in the same order, with nothing of the user's own Helm.

Facts: ``Cmd.template`` in Argo CD's ``util/helm/cmd.go``, ``helmTemplate`` in ``reposerver/repository/repository.go``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gitopsmith import tools
from gitopsmith.helm import Helm, isolated
from gitopsmith.render import Failed, Rendered
from gitopsmith.render.helm.files import Roots, parameter_files, values_files
from gitopsmith.render.helm.output import objects
from gitopsmith.render.helm.release import Release, ValuesFile, release

__all__ = ["Plan", "Release", "Roots", "ValuesFile", "execute", "plan", "release", "values_files"]

KNOWN = ("", "v3", "v4")
"""What a source may want as its Helm (``NewCmd`` in ``util/helm/cmd.go``)."""
_INLINE = "\0"
"""What stands for the file with the inline values, among arguments that cannot hold such a letter."""


class Plan(NamedTuple):
    """What to run for one release.

    ``entry`` is the chart's folder relative to the root, None for a chart from elsewhere.
    """

    entry: str | None
    chart: Path
    arguments: tuple[str, ...]
    values: str


def plan(
    release: Release, entry: str | None, roots: Roots, kubernetes: str, api_versions: Iterable[str]
) -> Plan | Failed:
    """Decides what to tell helm.

    ``kubernetes`` and ``api_versions`` are the cluster's, for a source that does not say its own.
    """
    if release.version not in KNOWN:
        message = f"Argo CD has no Helm {release.version!r}; leave version out, or write v3"
        return Failed("error", message, route=("helm", "version"))
    values = values_files(release, roots)
    if isinstance(values, Failed):
        return values
    files = parameter_files(release, roots)
    if isinstance(files, Failed):
        return files
    arguments = ["--name-template", release.name]
    arguments += _flag("--namespace", [release.namespace] if release.namespace else [])
    arguments += ["--kube-version", release.kubernetes or kubernetes]
    arguments += _flag("--set", (f"{name}={_escaped(value)}" for name, value in release.parameters))
    arguments += _flag("--set-string", (f"{name}={_escaped(value)}" for name, value in release.strings))
    arguments += _flag("--set-file", (f"{name}={_escaped(str(path))}" for name, path in files))
    arguments += _flag("--values", map(str, values))
    arguments += _flag("--values", [_INLINE] if release.values else [])
    arguments += _flag("--api-versions", release.api_versions or api_versions)
    arguments += [] if release.skip_crds else ["--include-crds"]
    arguments += ["--skip-schema-validation"] if release.skip_schema else []
    arguments += ["--skip-tests"] if release.skip_tests else []
    return Plan(entry, roots.chart, tuple(arguments), release.values)


def execute(planned: Plan, helm: Helm) -> tuple[Rendered, ...] | Failed:
    """Runs helm. It looks at nothing but its arguments and the disk, so that several can run at once."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve()
        values = folder / "values.yaml"
        values.write_text(planned.values, encoding="utf-8", errors="surrogateescape")
        arguments = [str(values) if argument == _INLINE else argument for argument in planned.arguments]
        try:
            output = tools.run(
                helm.path,
                "template",
                ".",
                *arguments,
                cwd=planned.chart,
                timeout=helm.timeout,
                environment=isolated(folder, network=False),
            )
        except tools.TimedOut:
            return Failed("timeout", f"helm did not end within {helm.timeout:g} seconds", planned.entry or "")
    if output.status < 0:
        return Failed("killed", f"helm was ended by signal {-output.status}", planned.entry or "")
    if output.status != 0:
        from gitopsmith.render.helm.failure import explain  # noqa: PLC0415 - most charts can be rendered

        return explain(output.complaint.replace(str(values), "the inline values"), planned.chart, planned.entry)
    return objects(output.stdout.decode("utf-8", "surrogateescape"), planned.entry)


def _flag(name: str, values: Iterable[str]) -> list[str]:
    return [argument for value in values for argument in (name, value)]


def _escaped(value: str) -> str:
    """Keeps commas from parting a value, except in a list in braces; those that are escaped stay so."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return re.sub(r"(?<!\\),", r"\\,", value)
