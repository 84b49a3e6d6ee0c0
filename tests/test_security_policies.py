"""What the security policies leave alone, and what they must not miss beside it: where other tools go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith import policy
from gitopsmith.finding import Severity
from gitopsmith.lint import Options, lint
from judging import judged, marked_lines
from test_policies import REPOSITORIES

POLICIES = {item.id: item for item in policy.load()}
ROUTE = "---\napiVersion: route.openshift.io/v1\nkind: Route\nmetadata:\n  name: web\n"


def pod(spec: str, container: str = "", namespace: str = "shop") -> str:
    """Writes a pod; every line of its spec, and of its container, comes with the indentation that it has there."""
    head = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: {namespace}\nspec:\n"
    return f"{head}{spec}  containers:\n    - name: web\n      image: shop/web:1.4.2\n{container}"


def context(*lines: str, indent: int = 6) -> str:
    return "\n".join((" " * indent + "securityContext:", *(" " * (indent + 2) + line for line in lines))) + "\n"


CASES = {
    "the pod's user is the container's": ("root-allowed", pod(context("runAsUser: 1000", indent=2))),
    "the pod's root is the container's": ("root-allowed", pod(context("runAsUser: 0  # <- here", indent=2))),
    "the container's own user wins": (
        "root-allowed",
        pod(context("runAsUser: 0", indent=2), context("runAsUser: 1000")),
    ),
    "null is unset, and so inherited": (
        "root-allowed",
        pod(context("runAsNonRoot: true", indent=2), context("runAsNonRoot: null")),
    ),
    "root in a user namespace is nobody": ("root-allowed", pod("  hostUsers: false\n", context("runAsUser: 0"))),
    "a group of root is no user of root": ("root-allowed", pod("", context("runAsUser: 1000", "runAsGroup: 0"))),
    "OpenShift gives a user": ("root-allowed", pod("") + ROUTE),
    "OpenShift gives none where root is asked for": (
        "root-allowed",
        pod("", context("runAsUser: 0  # <- here")) + ROUTE,
    ),
    "OpenShift drops capabilities": ("capabilities-kept", pod("", context("capabilities: {}")) + ROUTE),
    "the cluster's own namespace": ("container-privileged", pod("", context("privileged: true"), "kube-system")),
    "a namespace of another name": ("container-privileged", pod("", context("privileged: true  # <- here"), "kube")),
    "a privileged container has all capabilities anyway": ("capabilities-kept", pod("", context("privileged: true"))),
    "privileged in quotes is what the schema reports": (
        "container-privileged",
        pod("", context('privileged: "true"')),
    ),
    "the API server refuses to deny SYS_ADMIN escalation": (
        "privilege-escalation-allowed",
        pod("", context("capabilities:", "  add:", "    - SYS_ADMIN")),
    ),
    "the pod's profile is the container's": (
        "seccomp-missing",
        pod(context("seccompProfile:", "  type: RuntimeDefault", indent=2)),
    ),
    "the old annotation of seccomp means nothing any more": (
        "seccomp-missing",
        pod("")
        .replace(
            "  namespace: shop\n", "  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: runtime/default\n"
        )
        .replace("- name: web", "- name: web  # <- here"),
    ),
    "hostPath is said once": (
        "volume-type-restricted",
        pod("  volumes:\n    - name: data\n      hostPath: {path: /data}\n"),
    ),
    "an init container may write": (
        "root-filesystem-writable",
        pod(
            "  initContainers:\n    - name: init\n      image: shop/init:1.4.2\n",
            context("readOnlyRootFilesystem: true"),
        ),
    ),
    "an account of its own is there for a reason": ("token-unused", pod("  serviceAccountName: web\n")),
    "the default account by name": (
        "token-unused",
        pod("  serviceAccountName: default\n").replace("\nspec:", "\nspec:  # <- here"),
    ),
}


@pytest.mark.parametrize(("rule", "text"), CASES.values(), ids=CASES)
def test_what_is_marked_is_found_and_nothing_else(rule: str, text: str, tmp_path: Path) -> None:
    assert sorted({line for line, _ in judged(POLICIES[rule], text, tmp_path)}) == marked_lines(text)


def test_the_standards_are_left_to_production_but_for_what_the_api_server_refuses() -> None:
    security = [item for item in POLICIES.values() if item.family == "security"]
    assert {item.id for item in security if item.profile in {"minimal", "standard"}} == {
        "binding-subject-missing",
        "pod-security-denied",
        "pod-security-level-unknown",
    }
    assert {item.id for item in security if item.severity is Severity.ERROR} == {
        "pod-security-denied",
        "pod-security-level-unknown",
    }


@pytest.mark.usefixtures("kustomize")
def test_what_openshift_fills_in_is_no_more_than_a_warning(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    copy_with(
        root,
        {"apps/web/route.yaml": ROUTE, "apps/web/kustomization.yaml": "resources: [deployment.yaml, route.yaml]\n"},
    )
    found = lint(Options(paths=(root,), select=("pod-security-denied",), jobs=1)).findings
    assert [(str(finding.severity), finding.location.path) for finding in found] == [
        ("error", "apps/api/deployment.yaml"),
        ("warning", "apps/web/deployment.yaml"),
    ]


@pytest.mark.usefixtures("kustomize")
def test_latest_is_the_configured_kubernetes(tmp_path: Path) -> None:
    spec = "      hostNetwork: true  # <- here\n"
    sysctl = "      securityContext:\n        sysctls:\n          - name: net.ipv4.tcp_rmem\n            value: '1'\n"
    deployment = (REPOSITORIES / "pod-security-denied/apps/api/deployment.yaml").read_text().replace(spec, sysctl)
    root = copy_with(tmp_path / "repository", {"apps/api/deployment.yaml": deployment})
    places = {
        version: [
            finding.location.path
            for finding in lint(
                Options(paths=(root,), select=("pod-security-denied",), kubernetes=version, jobs=1)
            ).findings
        ]
        for version in ("1.31", "1.34")
    }
    assert places["1.34"] == ["apps/web/deployment.yaml"]
    assert places["1.31"] == ["apps/api/deployment.yaml", "apps/web/deployment.yaml"]


def copy_with(root: Path, files: dict[str, str]) -> Path:
    """Copies the repository whose namespaces refuse pods, with some files changed."""
    source = REPOSITORIES / "pod-security-denied"
    written = {path.relative_to(source).as_posix(): path.read_text() for path in source.rglob("*") if path.is_file()}
    for path, text in (written | files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root
