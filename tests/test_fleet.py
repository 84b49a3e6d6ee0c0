"""What makes two objects one, and which Applications surely meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitopsmith import application, fleet, policy, tree
from gitopsmith.application import Application, Deployed, Generation, ObjectFact, Repository
from gitopsmith.config import Cluster, Config, Environment
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


STAGING, PRODUCTION = (Environment(name, (f"{name}/*",), f"{name}-1") for name in ("staging", "production"))


def _clusters(said: Config, *applications: Application) -> list[str]:
    return list(fleet.clusters(applications, said).values())


def test_the_cluster_that_argo_cd_runs_on_is_that_of_the_environment() -> None:
    said = Config(environments=(STAGING, PRODUCTION))
    both = [deploys(f"{name}/web", name="in-cluster") for name in ("staging", "production")]
    assert _clusters(said, *both, deploys("shared", name="in-cluster")) == ["staging-1", "production-1", "in-cluster"]


def test_a_cluster_that_argo_cd_reaches_from_elsewhere_is_not_the_one_that_it_runs_on() -> None:
    said = Config(environments=(STAGING, PRODUCTION))
    hub = [deploys("production/root", name="in-cluster"), deploys("production/web", name="production-1")]
    assert _clusters(said, *hub, deploys("staging/root", name="in-cluster")) == [
        "in-cluster",
        "production-1",
        "staging-1",
    ]


def test_a_server_has_the_name_that_the_configuration_gives_it() -> None:
    said = Config(clusters=(Cluster("production-1", "https://10.0.0.1:6443/", "", {}, {}),), environments=(PRODUCTION,))
    by_server = deploys("production/web", server="https://10.0.0.1:6443")
    assert _clusters(said, by_server, deploys("production/pay", name="production-1")) == ["production-1"] * 2
    assert _clusters(said, by_server, deploys("production/root", name="in-cluster")) == ["production-1", "in-cluster"]


def test_what_lies_at_no_path_belongs_to_the_environment_that_has_its_cluster_alone() -> None:
    known = (STAGING, PRODUCTION)
    assert fleet.environments(["platform/dns"], {"name": "production-1"}, known) == ("production",)
    assert fleet.environments(["staging/web"], {"name": "production-1"}, known) == ("staging",)
    shared = tuple(one._replace(cluster="all") for one in known)
    assert fleet.environments(["platform/dns"], {"name": "all"}, shared) == ()
    assert fleet.environments(["platform/dns"], None, known) == ()


CONFIG = ObjectFact("v1", "ConfigMap", "web", "settings")


def _met(said: Config, *applications: Application) -> int:
    """Counts what is said of Applications that all deploy the same object."""
    [rule] = [item for item in policy.load() if item.id == "object-deployed-twice"]
    assert rule.check is not None
    deployed = tuple(Deployed(each, (CONFIG,), complete=True) for each in applications)
    return len(list(rule.check(Repository(applications, deployed=deployed, config=said))))


@pytest.mark.parametrize(("entries", "expected"), [(("one", "two"), 0), (("one", "one"), 1)], ids=["apart", "together"])
def test_a_sample_cluster_is_another_one_in_each_argo_cd(entries: tuple[str, str], expected: int) -> None:
    """As where overlays for several Argo CDs generate the same Applications, each for its own clusters."""
    found = [deploys(f"web-{number}", entry, name="sample") for number, entry in enumerate(entries)]
    sets = [Resource({"kind": "ApplicationSet"}, Origin(path=f"{entry}.yaml")) for entry in entries]
    made = [Generation(one, ("spec", "generators", 0), sampled=True) for one in sets]
    assert _met(Config(), *(replace(one, generation=how) for one, how in zip(found, made, strict=True))) == expected
    assert _met(Config(), *found) == 1, "a cluster that is written down is one cluster"


def test_the_clusters_of_two_environments_do_not_meet_and_that_of_one_does() -> None:
    home = "everything"
    one, other = (deploys(f"{name}/web", home, name="in-cluster") for name in ("staging", "production"))
    assert _met(Config(), one, other) == 1, "one build, so one Argo CD"
    assert _met(Config(environments=(STAGING, PRODUCTION)), one, other) == 0
    both = (STAGING, PRODUCTION._replace(cluster=STAGING.cluster))
    assert _met(Config(environments=both), one, replace(other, entry="another")) == 1
