"""What changes in git arrives, and what changes by hand does not stay."""

from __future__ import annotations

import time
from typing import Any

import pytest

from e2e.live import Live, gitopsmith, run
from gitopsmith.sandbox import programs
from gitopsmith.sandbox.api import Refused

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("polled")]
WEB = "/apis/apps/v1/namespaces/web-dev/deployments/web"


def test_everything_that_the_repository_makes_is_admitted(live: Live) -> None:
    """Every object of every Application, as a dry run of a server-side apply, strict about fields."""
    kustomize = str(programs.Programs(live.folder / live.state.programs).bin / "kustomize")
    kinds = _kinds(live)
    count, refused = 0, list[str]()
    for name in sorted(live.watch.now):
        source = live.api.get(f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{name}")["spec"]
        text = run(kustomize, "build", source["source"]["path"], cwd=live.fleet.root)
        for body in _documents(text):
            namespace = body["metadata"].get("namespace", source["destination"]["namespace"])
            plural, is_namespaced = kinds[body["apiVersion"], body["kind"]]
            base = "/api/v1" if body["apiVersion"] == "v1" else f"/apis/{body['apiVersion']}"
            place = f"/namespaces/{namespace}" if is_namespaced else ""
            query = "fieldManager=e2e&force=true&dryRun=All&fieldValidation=Strict"
            path = f"{base}{place}/{plural}/{body['metadata']['name']}?{query}"
            try:
                live.api.request("PATCH", path, body, "application/apply-patch+yaml")
            except Refused as error:
                refused.append(str(error))
            count += 1
    live.report.notes.extend(refused)
    live.report.promise("objects of the repository that the API server refuses", len(refused), 0, f"of {count}", "")


def _documents(text: str) -> list[dict[str, Any]]:
    import yaml

    return [one for one in yaml.safe_load_all(text) if one]


def _kinds(live: Live) -> dict[tuple[str, str], tuple[str, bool]]:
    groups = [one["preferredVersion"]["groupVersion"] for one in live.api.get("/apis")["groups"]]
    versions = [v["groupVersion"] for one in live.api.get("/apis")["groups"] for v in one["versions"]]
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for version in ("v1", *dict.fromkeys((*groups, *versions))):
        for one in live.api.get("/api/v1" if version == "v1" else f"/apis/{version}")["resources"]:
            if "/" not in one["name"]:
                found[version, one["kind"]] = (one["name"], one["namespaced"])
    return found


def test_a_change_arrives_by_webhook(live: Live) -> None:
    start = time.monotonic()
    commit = live.fleet.release("web", "dev", "6.15.1")
    took = live.until_done("web-dev", commit, start)
    assert ":6.15.1" in live.deployment("web-dev", "web")["spec"]["template"]["spec"]["containers"][0]["image"]
    live.report.promise("change: push with a webhook -> Synced and Healthy", took, 30)


def test_a_change_arrives_by_refresh(live: Live) -> None:
    live.fleet.replace("apps/web/overlays/dev/kustomization.yaml", "newTag: .*", 'newTag: "6.15.2"')
    commit = live.fleet.push("Deploy web", quietly=True)
    start = time.monotonic()
    live.refresh("web-dev")
    live.report.promise("change: refresh -> Synced and Healthy", live.until_done("web-dev", commit, start), 30)


def test_an_edit_by_hand_is_healed(live: Live) -> None:
    path, container = f"{WEB}", live.deployment("web-dev", "web")["spec"]["template"]["spec"]["containers"][0]
    wanted = container["image"]
    start = time.monotonic()
    patch = {"spec": {"template": {"spec": {"containers": [{"name": container["name"], "image": "other:1.0"}]}}}}
    live.api.request("PATCH", path, patch, "application/strategic-merge-patch+json")

    def healed() -> bool:
        return bool(_container(live)["image"] == wanted)

    live.report.promise("self-heal: an image edited by hand", live.wait("the image", healed, start), 30)
    live.until("web-dev", lambda one: one.is_done)


def _container(live: Live) -> dict[str, str]:
    found: dict[str, str] = live.deployment("web-dev", "web")["spec"]["template"]["spec"]["containers"][0]
    return found


def test_a_label_edited_by_hand_is_healed(live: Live) -> None:
    start = time.monotonic()
    label = "app.kubernetes.io/name"
    live.merge(WEB, {"metadata": {"labels": {label: "other"}}})
    took = live.wait(
        "the label", lambda: live.deployment("web-dev", "web")["metadata"]["labels"][label] == "web", start
    )
    live.report.promise("self-heal: a label edited by hand", took, 30)


def test_a_deletion_by_hand_is_healed(live: Live) -> None:
    before = live.deployment("web-dev", "web")["metadata"]["uid"]
    start = time.monotonic()
    live.api.request("DELETE", WEB)

    def is_back() -> bool:
        found = live.deployment("web-dev", "web")
        return bool(found and found["metadata"]["uid"] != before)

    live.report.promise("self-heal: a Deployment deleted by hand", live.wait("the Deployment", is_back, start), 30)
    took = live.until("web-dev", lambda one: one.is_done, start)
    live.report.promise("self-heal: Synced and Healthy after the deletion", took, 30)


def test_scaling_by_hand_stays_where_git_says_nothing_and_is_healed_where_it_does(live: Live) -> None:
    """The base has no replicas, so that an autoscaler decides; an overlay that has them decides itself."""
    overlay = "apps/web/overlays/dev/kustomization.yaml"
    live.fleet.replace(overlay, r"\Z", "replicas:\n  - name: web\n    count: 2\n")
    commit = live.fleet.push("Run web twice in dev")
    live.until_done("web-dev", commit)
    start = time.monotonic()
    live.merge(WEB, {"spec": {"replicas": 5}})
    took = live.wait("replicas", lambda: live.deployment("web-dev", "web")["spec"]["replicas"] == 2, start)
    live.report.promise("self-heal: replicas scaled by hand", took, 30)
    live.until("web-dev", lambda one: one.is_done)


def test_what_leaves_git_is_pruned(live: Live) -> None:
    folder = "apps/web/overlays/dev"
    live.fleet.write(f"{folder}/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n")
    live.fleet.replace(f"{folder}/kustomization.yaml", "  - ../../base\n", "  - ../../base\n  - extra.yaml\n")
    live.until_done("web-dev", live.fleet.push("Add a ConfigMap"))
    place = "/api/v1/namespaces/web-dev/configmaps/extra"
    assert live.api.get(place)
    live.fleet.path(f"{folder}/extra.yaml").unlink()
    live.fleet.replace(f"{folder}/kustomization.yaml", "  - extra.yaml\n", "")
    start = time.monotonic()
    live.fleet.push("Take it out again")
    took = live.wait("the ConfigMap", lambda: live.api.get(place) is None, start)
    live.report.promise("prune: a manifest taken out of git", took, 30)


def test_add_app_goes_live_by_a_push(live: Live) -> None:
    gitopsmith("add", "app", "pay", "--image", "registry.example.com/pay:1.0.0", cwd=live.fleet.root)
    start = time.monotonic()
    live.fleet.push("Add pay")
    names = {f"pay-{environment}" for environment in ("dev", "staging", "prod")}
    took = live.watch.until(lambda now: names <= {one.name for one in now.values() if one.is_done}, start)
    live.report.promise("add app: push -> 3 Applications Synced and Healthy", took, 120)


def test_add_env_goes_live_by_a_push(live: Live) -> None:
    gitopsmith("add", "env", "qa", "--after", "staging", cwd=live.fleet.root)
    start = time.monotonic()
    live.fleet.push("Add qa")
    names = {f"{name.removesuffix('-dev')}-qa" for name in live.watch.now if name.endswith("-dev")}
    assert len(names) >= 3
    took = live.watch.until(lambda now: names <= {one.name for one in now.values() if one.is_done}, start)
    live.report.promise(f"add env: push -> {len(names)} Applications Synced and Healthy", took, 120)
    live.until_all_done()


def test_an_application_taken_out_of_git_goes_with_what_it_deployed(live: Live) -> None:
    if "pay-qa" not in live.watch.now:
        pytest.skip("needs what the tests before it added")
    live.fleet.path("argocd/envs/qa/pay.yaml").unlink()
    live.fleet.replace("argocd/envs/qa/kustomization.yaml", "  - pay.yaml\n", "")
    start = time.monotonic()
    live.fleet.push("Take pay out of qa")
    took = live.watch.until(lambda now: "pay-qa" not in now, start)
    assert live.deployment("pay-qa", "pay") is None
    live.report.promise("prune: an Application and all of its objects", took, 30)
    live.until_all_done()
