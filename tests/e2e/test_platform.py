"""Argo CD manages itself, its health checks decide, its projects deny, and private repositories stay private."""

from __future__ import annotations

import base64
import json
import secrets
import time

import pytest

from e2e import sealed
from e2e.live import Live
from e2e.polled import BODY
from e2e.watch import PATH
from gitopsmith.sandbox.gitserver import password_of

pytestmark = pytest.mark.slow
SETTINGS = "/api/v1/namespaces/argocd/configmaps/argocd-cm"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
                            "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
                        },
                    }
                },
            }
        ],
    },
}
CHECK = """\
local phase = obj.status ~= nil and obj.status.phase or ""
if phase == "Ready" then
  return {status = "Healthy", message = "it is ready"}
elseif phase == "Broken" then
  return {status = "Degraded", message = "it is broken"}
end
return {status = "Progressing", message = "it is not ready yet"}
"""
CASES = """\
tests:
  - name: ready
    object: {apiVersion: example.com/v1, kind: Widget, metadata: {name: one}, status: {phase: Ready}}
    healthStatus: {status: Healthy, message: it is ready}
"""


def _settings(live: Live) -> dict[str, str]:
    found: dict[str, str] = live.api.get(SETTINGS)["data"]
    return found


def test_a_key_of_argocd_cm_arrives_by_git_and_an_edit_by_hand_is_healed(live: Live) -> None:
    key, path = "statusbadge.enabled", "bootstrap/argocd/argocd-cm.yaml"
    assert _settings(live)[key] == "true"
    live.fleet.replace(path, 'statusbadge.enabled: "true"', 'statusbadge.enabled: "false"')
    start = time.monotonic()
    live.fleet.push("Show no badges")
    took = live.wait("the key", lambda: _settings(live)[key] == "false", start)
    live.report.promise("Argo CD manages itself: a key of argocd-cm by git", took, 30)
    live.until("argocd", lambda one: one.is_done)
    start = time.monotonic()
    live.merge(SETTINGS, {"data": {key: "true"}})
    took = live.wait("the key", lambda: _settings(live)[key] == "false", start)
    live.report.promise("Argo CD manages itself: an edit by hand is healed", took, 30)
    live.until("argocd", lambda one: one.is_done)


def test_a_health_check_of_the_repository_decides(live: Live) -> None:
    live.api.apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com", DEFINITION)
    live.wait("the kind", lambda: live.api.get("/apis/example.com/v1"))
    fleet = live.fleet
    fleet.write("health/example.com_Widget/health.lua", CHECK)
    fleet.write("health/example.com_Widget/health_test.yaml", CASES)
    line = "      - resource.customizations.health.example.com_Widget=example.com_Widget/health.lua\n"
    fleet.replace("health/kustomization.yaml", "    files:\n", f"    files:\n{line}")
    start = time.monotonic()
    fleet.push("Say when a Widget is healthy")
    key = "resource.customizations.health.example.com_Widget"
    live.report.promise(
        "health check: push -> in argocd-cm", live.wait("the check", lambda: key in _settings(live), start), 30
    )
    fleet.write(
        "apps/web/overlays/staging/widget.yaml",
        "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: one\nspec:\n  size: 1\n",
    )
    fleet.replace(
        "apps/web/overlays/staging/kustomization.yaml", "  - ../../base\n", "  - ../../base\n  - widget.yaml\n"
    )
    commit = fleet.push("Have a Widget")
    live.until("web-staging", lambda one: one.revision == commit and one.sync == "Synced")
    live.until("web-staging", lambda one: one.health == "Progressing")
    place = "/apis/example.com/v1/namespaces/web-staging/widgets/one/status"
    for phase, health in (("Ready", "Healthy"), ("Broken", "Degraded"), ("Ready", "Healthy")):
        start = time.monotonic()
        live.merge(place, {"status": {"phase": phase}})
        took = live.until("web-staging", lambda one, wanted=health: one.health == wanted, start)  # type: ignore[misc]
        live.report.promise(f"health check: {phase} -> {health}", took, 30)
    live.until_all_done()


def test_a_component_that_is_not_well_holds_the_environments_back_for_one_retry(live: Live) -> None:
    """As one that lacks a credential, which a person has to bring: what comes after it does not wait for that."""
    name = f"late-{int(time.time())}"
    side = live.repository("public", name)
    side.write("deployment.yaml", BODY.replace("polled", "late").replace("TAG", "bad"))
    side.push("Begin")
    path, listed = f"clusters/in-cluster/{name}.yaml", "clusters/in-cluster/kustomization.yaml"
    live.fleet.write(path, json.dumps(live.elsewhere(name, side.url)))
    live.fleet.replace(listed, "  - argocd.yaml\n", f"  - argocd.yaml\n  - {name}.yaml\n")
    live.fleet.replace("clusters/in-cluster/dev.yaml", r"^    environment: dev$", r"\g<0>\n    tier: bronze")
    with live.failing(name, "platform-in-cluster"):
        start = time.monotonic()
        live.fleet.push("Bring in a component that is not well")
        took = live.wait("the label", lambda: "tier" in live.api.get(f"{PATH}/root-dev")["metadata"]["labels"], start)
    assert live.application(name).health == "Degraded"
    live.report.promise("a component that is not well: the environments after it", took, 60, "its deadline is 10 s")
    live.fleet.path(path).unlink()
    live.fleet.replace(listed, f"  - {name}.yaml\n", "")
    live.fleet.push("Take the component out again")
    live.watch.until(lambda now: name not in now, time.monotonic())
    live.until_all_done()


def test_a_project_denies_a_namespace_that_is_not_its_own(live: Live) -> None:
    body = live.fleet.path("argocd/envs/dev/web.yaml").read_text(encoding="utf-8")
    body = body.replace("name: web-dev", "name: denied-dev").replace("namespace: web-dev", "namespace: kube-system")
    live.fleet.write("argocd/envs/dev/denied.yaml", body)
    live.fleet.replace("argocd/envs/dev/kustomization.yaml", "resources:\n", "resources:\n  - denied.yaml\n")
    start = time.monotonic()
    with live.failing("denied-dev", "root-dev"):
        live.fleet.push("Deploy to kube-system")
        took = live.until("denied-dev", lambda one: "do not match any of the allowed destinations" in one.said, start)
    assert live.deployment("kube-system", "web") is None
    live.report.promise("project: a namespace that it does not allow is denied", took, 30)
    live.fleet.path("argocd/envs/dev/denied.yaml").unlink()
    live.fleet.replace("argocd/envs/dev/kustomization.yaml", "  - denied.yaml\n", "")
    live.fleet.push("Do not")
    live.watch.until(lambda now: "denied-dev" not in now, time.monotonic())
    live.until_all_done()


def test_a_private_repository_opens_only_to_its_credential(live: Live) -> None:
    name = f"side-{int(time.time())}"
    side = live.repository("private", name)
    side.write("config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: side\n")
    commit = side.push("Begin")
    with live.failing(name):
        start = time.monotonic()
        live.apply(live.elsewhere(name, side.url))
        took = live.until(name, lambda one: "authentication required" in one.said, start)
    live.report.promise("private repository: no credential -> ComparisonError", took, 30)
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    start = time.monotonic()
    live.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "argocd", "labels": labels},
            "stringData": {"type": "git", "url": side.url, "username": "git", "password": password_of(live.folder)},
        }
    )
    live.merge(f"{PATH}/{name}", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
    took = live.until_done(name, commit, start)
    live.report.promise("private repository: with its credential -> Synced", took, 30)
    live.api.request("DELETE", f"{PATH}/{name}")
    live.watch.until(lambda now: name not in now, time.monotonic())


def test_a_sealed_secret_is_unsealed_and_a_broken_one_is_degraded(live: Live) -> None:
    controller = sealed.require()
    name, value = f"sealed-{int(time.time())}", secrets.token_hex(16)
    note = f"controller {sealed.version(controller)}"
    fleet = live.repository("public", name)
    with sealed.running(controller, live) as certificate:
        for wanted in (value, value[::-1]):
            fleet.write("secret.yaml", sealed.seal(certificate, name, "login", {"password": wanted}))
            start = time.monotonic()
            commit = fleet.push("Seal a password")
            live.apply(live.elsewhere(name, fleet.url))
            took = live.wait("the Secret", lambda: _password(live, name) == wanted, start)  # noqa: B023 - it is called here
            live.report.promise("sealed secret: push -> the Secret has its value", took, 30, note)
            live.until_done(name, commit)
        with live.failing(name):
            fleet.replace("secret.yaml", "password: .{8}", "password: AAAAAAAA")
            start = time.monotonic()
            fleet.push("Break it")
            took = live.until(name, lambda one: one.health == "Degraded", start)
        live.report.promise("sealed secret: one that cannot be opened -> Degraded", took, 30, note)
    live.api.request("DELETE", f"{PATH}/{name}")
    live.watch.until(lambda now: name not in now, time.monotonic())


def _password(live: Live, namespace: str) -> str:
    found = live.api.get(f"/api/v1/namespaces/{namespace}/secrets/login")
    return base64.b64decode(found["data"]["password"]).decode() if found else ""
