"""What makes two objects one, and which Applications surely meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitopsmith import application, fleet, tree
from gitopsmith.application import Application, ObjectFact
from gitopsmith.manifest import Origin, Resource
from judging import OWN

NOTHING = tree.in_memory(Path(__file__).parent, "empty.yaml", b"")


def deploys(path: str, entry: str | None = None, **destination: str) -> Application:
    body: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": path},
        "spec": {"source": {"repoURL": "https://git.example.com/team/fleet.git", "path": path}},
    }
    body["spec"]["destination"] = destination
    return application.read(Resource(body, Origin(path=f"{path}.yaml")), NOTHING, OWN, entry)


def test_an_object_without_a_namespace_is_where_its_application_goes_unless_its_kind_is_cluster_wide() -> None:
    web = deploys("web", name="production", namespace="web")
    config = ObjectFact("v1", "ConfigMap", "", "web")
    assert fleet.identity(web, config) == ("production", "ConfigMap", "web", "web")
    assert fleet.identity(web, config._replace(namespace="other")) == ("production", "ConfigMap", "other", "web")
    assert fleet.identity(web, ObjectFact("v1", "Namespace", "", "web", scope="Cluster")) == (
        "production",
        "Namespace",
        "",
        "web",
    )


def test_versions_of_a_kind_do_not_make_two_objects() -> None:
    web = deploys("web", name="production")
    old, new = (ObjectFact(version, "HTTPRoute", "web", "web") for version in ("gateway/v1beta1", "gateway/v1"))
    assert fleet.identity(web, old) == fleet.identity(web, new)


def test_a_destination_that_is_to_be_filled_in_is_no_cluster() -> None:
    assert fleet.cluster(deploys("web", name="{{ cluster }}")) == ""
    assert fleet.cluster(deploys("web")) == ""
    assert fleet.cluster(deploys("web", server="https://kubernetes.default.svc")) == "in-cluster"


def test_applications_of_one_root_have_a_home_in_common_at_any_depth_and_those_of_two_roots_have_none() -> None:
    roots = [deploys(name, name="in-cluster") for name in ("staging", "production")]
    teams = deploys("teams", "production", name="in-cluster")
    deep, flat = deploys("deep", "teams"), deploys("flat", "production")
    other = deploys("other", "staging")
    homes = fleet.homes([*roots, teams, deep, flat, other])
    assert homes[deep] & homes[flat]
    assert not homes[other] & homes[flat]
