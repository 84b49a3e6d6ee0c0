"""Tells what a run has seen all of, so that a comment which silences nothing there is not needed."""

from __future__ import annotations

from collections.abc import Callable

from gitopsmith import evaluate
from gitopsmith.lint.gather import Work


def seen(work: Work) -> Callable[[str, str], bool]:
    """Returns what tells whether a rule has seen all that a file leads to."""
    only, reached = work.only, work.reached
    policies = {item.id: item for item in work.judge.policies}
    looked = {item.path for item in work.discovery.kustomizations} | {item.origin.path for item in work.discovery.raw}
    failed: set[str] = set()
    deployed: set[str] = set()
    owned = work.graph.owned
    for build, result in work.graph.results.items():
        (failed if result.failure else looked).update(result.inputs)
        if build in owned or build.type == "file":
            deployed.update(result.inputs)

    def judged(path: str, rule: str) -> bool:
        if only is not None or rule not in policies or path in failed or path not in looked:
            return False
        if reached is not None and (path in reached.unjudged or path not in reached.paths):
            return False
        if policies[rule].subject == "resource" and policies[rule].family in evaluate.OPINIONS:
            return path in deployed
        return work.ownership.how != "unknown" or not policies[rule].needs_ownership

    return judged
