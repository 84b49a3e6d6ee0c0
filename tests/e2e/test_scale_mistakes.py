"""Mistakes that get to Argo CD: what it does with each, and what `gitopsmith lint` and `diff` had said before.

Each mistake is made in an application of its own, in dev; all are pushed together, and taken back together.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from e2e.live import Checkout, Live, gitopsmith

pytestmark = pytest.mark.slow


REFUSED = "refused (diff)"


class Mistake(NamedTuple):
    """``make`` makes it in an application; ``outcome`` is what Argo CD says then, where it says something at all.

    ``at`` is the Application that tells, where it is not that of the application; ``rule`` is what lint calls it, empty
    where it has no rule for it; REFUSED is what diff calls a change that only history tells.
    """

    make: Callable[[Checkout, str], None]
    outcome: str
    rule: str
    at: str = ""


def _overlay(name: str) -> str:
    return f"apps/{name}/overlays/dev/kustomization.yaml"


def _patch(fleet: Checkout, name: str, *operations: dict[str, Any]) -> None:
    patch = f"patches:\n  - target:\n      kind: Deployment\n    patch: '{json.dumps(operations)}'\n"
    fleet.replace(_overlay(name), r"\Z", patch)


def _resource(fleet: Checkout, name: str, body: str) -> None:
    fleet.write(f"apps/{name}/overlays/dev/more.yaml", body)
    fleet.replace(_overlay(name), "  - ../../base\n", "  - ../../base\n  - more.yaml\n")


def _application(name: str) -> str:
    return f"argocd/envs/dev/{name}.yaml"


def unknown_field(fleet: Checkout, name: str) -> None:
    _patch(fleet, name, {"op": "add", "path": "/spec/replicaz", "value": 3})


def wrong_type(fleet: Checkout, name: str) -> None:
    _patch(fleet, name, {"op": "add", "path": "/spec/replicas", "value": "three"})


def immutable_selector(fleet: Checkout, name: str) -> None:
    tier = {"op": "add", "value": "front"}
    paths = ("/spec/selector/matchLabels/tier", "/spec/template/metadata/labels/tier")
    _patch(fleet, name, *({**tier, "path": path} for path in paths))


def missing_path(fleet: Checkout, name: str) -> None:
    fleet.replace(_application(name), r"path: .*", f"path: apps/{name}/overlays/nowhere")


def broken_kustomization(fleet: Checkout, name: str) -> None:
    fleet.replace(_overlay(name), "  - ../../base\n", "  - ../../base\n  - not-there.yaml\n")


def forbidden_namespace(fleet: Checkout, name: str) -> None:
    fleet.replace(_application(name), rf"^    namespace: {name}-dev", "    namespace: kube-system")


def unknown_project(fleet: Checkout, name: str) -> None:
    fleet.replace(_application(name), "project: .*", "project: ghost")


def forbidden_kind(fleet: Checkout, name: str) -> None:
    _resource(fleet, name, "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: more\nspec:\n  hard: {pods: '9'}\n")


def kind_without_definition(fleet: Checkout, name: str) -> None:
    _resource(fleet, name, "apiVersion: example.org/v1\nkind: Gadget\nmetadata:\n  name: more\n")


def image_of_another_name(fleet: Checkout, name: str) -> None:
    fleet.replace(_overlay(name), r"^  - name: (.*)", r"  - name: \1x")


def shared_objects(fleet: Checkout, name: str) -> None:
    twin = fleet.path(_application(name)).read_text(encoding="utf-8").replace(f"name: {name}-dev", "name: twin-dev", 1)
    fleet.write(_application("twin"), twin)
    fleet.replace("argocd/envs/dev/kustomization.yaml", "resources:\n", "resources:\n  - twin.yaml\n")


def duplicate_application(fleet: Checkout, name: str) -> None:
    again = fleet.path(_application(name)).read_text(encoding="utf-8")
    fleet.write("argocd/envs/staging/again.yaml", again)
    fleet.replace("argocd/envs/staging/kustomization.yaml", "resources:\n", "resources:\n  - again.yaml\n")


MISTAKES = (
    Mistake(unknown_field, r"field not declared in schema", "schema-unknown-field"),
    Mistake(wrong_type, r"typed patch object|expected numeric|unrecognized type", "schema-invalid"),
    Mistake(immutable_selector, r"field is immutable", REFUSED),
    Mistake(missing_path, r"app path does not exist", "application-path-missing"),
    Mistake(broken_kustomization, r"not-there.yaml", "kustomize-reference-missing"),
    Mistake(forbidden_namespace, r"do not match any of the allowed destinations", "application-destination-denied"),
    Mistake(unknown_project, r"does not exist", "application-project-undefined"),
    Mistake(forbidden_kind, r"not permitted in project", "object-denied"),
    Mistake(kind_without_definition, r"CRD is installed|no matches for kind|could not find", ""),
    Mistake(image_of_another_name, r"", "kustomize-image-unmatched"),
    Mistake(shared_objects, r"[Ss]hared ?[Rr]esource|part of applications", "object-deployed-twice", "twin-dev"),
    Mistake(duplicate_application, r"part of applications", "application-name-duplicate", "root-staging"),
)


def test_what_argo_cd_does_with_mistakes_and_what_lint_had_said(live: Live, fifty: list[str]) -> None:
    fleet = live.fleet
    names = sorted(name.removesuffix("-dev") for name in fifty if re.fullmatch(r"app\d+-dev", name))
    assert len(names) >= len(MISTAKES)
    good, files = fleet.git("rev-parse", "HEAD"), dict[str, set[str]]()
    for mistake, name in zip(MISTAKES, names, strict=False):
        mistake.make(fleet, name)
        fleet.commit(f"Make a mistake: {mistake.make.__name__}")
        files[name] = set(fleet.git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").split())
    spoiled = {f"{name}-dev" for name, _ in zip(names, MISTAKES, strict=False)}
    with live.failing(*spoiled, "twin-dev", "root-dev", "root-staging", "platform-in-cluster"):
        fleet.git("push", "--quiet", fleet.url, "HEAD:main")
        commit = fleet.git("rev-parse", "HEAD")
        # They say the same before a push; meanwhile Argo CD tries.
        findings = _news(live, good) + [{"rule": REFUSED, "path": _overlay(name)} for name in _refused(live, good)]
        wrong = [_judge(live, *pair, commit, findings, files) for pair in zip(MISTAKES, names, strict=False)]
        fleet.git("rm", "--quiet", "-r", ".")
        fleet.git("restore", f"--source={good}", "--staged", "--worktree", ".")
        start = time.monotonic()
        fleet.push("Take all mistakes back")
        live.watch.until(lambda now: "twin-dev" not in now, start, 300)
        took = live.until_all_done(start, 300)
    live.report.record("mistakes taken back: push -> everything Synced and Healthy", took)
    assert not [one for one in wrong if one]


def _news(live: Live, base: str) -> list[Any]:
    """Returns the findings that another commit did not have."""
    found = _lint(live)
    live.fleet.git("checkout", "--quiet", base)
    known = {one["fingerprint"] for one in _lint(live)}
    live.fleet.git("checkout", "--quiet", "-")
    return [one for one in found if one["fingerprint"] not in known]


def _lint(live: Live) -> list[Any]:
    said = gitopsmith("lint", "--format", "json", "--fail-on", "never", cwd=live.fleet.root)
    found: list[Any] = json.loads(said)["findings"]
    return found


def _refused(live: Live, base: str) -> list[str]:
    """Returns the applications whose Deployments change in a way that the API server refuses."""
    said = json.loads(gitopsmith("diff", "--format", "json", base, "HEAD", cwd=live.fleet.root))
    return [one["object"]["name"] for one in said["refusals"]]


def _judge(
    live: Live, mistake: Mistake, name: str, commit: str, findings: list[Any], files: dict[str, set[str]]
) -> str:
    """Waits for what Argo CD says, writes it into the table, and returns what is not as it is known to be."""
    at = mistake.at or f"{name}-dev"
    said = {one["rule"] for one in findings if one["path"] in files[name]}
    try:
        live.until(
            at, lambda one: one.is_done_at(commit) if not mistake.outcome else _says(mistake, one.said), timeout=90
        )
        trouble = ""
    except pytest.fail.Exception:
        trouble = f"{mistake.make.__name__}: Argo CD does not say {mistake.outcome!r}: {live.watch.now.get(at)}"
    now = _short(str(live.watch.now.get(at)).partition(": ")[2])
    title = mistake.make.__name__.replace("_", " ")
    live.report.mistakes.append((title, re.sub(r" at [0-9a-f]*: ", ": ", now), ", ".join(sorted(said)) or "nothing"))
    missed = f"{title}: lint said {sorted(said)}" if mistake.rule not in {"", *said} else ""
    return trouble or missed


def _short(text: str) -> str:
    """Returns the beginning and the end of what is long: the state, and the reason."""
    text = text.partition(" | ")[0]
    return text if len(text) <= 170 else f"{text[:60]} ... {text[-100:]}"


def _says(mistake: Mistake, said: str) -> bool:
    return re.search(mistake.outcome, said) is not None
