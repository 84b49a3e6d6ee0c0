"""On real objects, whole and broken, the builtin engine finds what is known, and kubeconform finds the same."""

from __future__ import annotations

import copy
import functools
import json
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gitopsmith import documents
from gitopsmith.documents import load
from gitopsmith.finding import Failure, Route
from gitopsmith.validate import SchemaProblem, Schemas, check_kustomization, vendored
from gitopsmith.validate.kubeconform import Kubeconform

WIDGETS = Path(__file__).parent / "fixtures" / "schemas" / "widget-crd.yaml"
REPOSITORIES = (
    "dreamkast-infra", "eoepca-plus", "gitops-catalog", "infra-deployments", "operate-first-apps", "vixens",
)  # fmt: skip


def routes(problems: list[SchemaProblem]) -> list[tuple[str, Route]]:
    return [(problem.rule, problem.route) for problem in problems]


class Rendered(NamedTuple):
    """One object of one directory of the corpora."""

    repository: str
    directory: str
    body: Any

    @property
    def name(self) -> str:
        return f"{self.body['kind']}/{self.body['metadata']['name']}"

    @property
    def is_core(self) -> bool:
        return f"{self.body['apiVersion']} {self.body['kind']}" in vendored.kubernetes("1.34")


@pytest.fixture(scope="session")
def rendered(corpora: Path, kustomize: str) -> list[Rendered]:
    """Every object of every directory of the corpora that builds; equal texts are read once."""
    builds = json.loads((corpora / "builds.json").read_text())["repos"]
    places = [(name, directory) for name in REPOSITORIES for directory in sorted(builds[name]["ok_dirs"])]

    def build(place: tuple[str, str]) -> str:
        command = (kustomize, "build", str(corpora / place[0] / place[1]))
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    with ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(build, places))
    once = functools.cache(lambda text: [document.body for document in documents.read(text.encode()).documents])
    return [
        Rendered(*place, body)
        for place, text in zip(places, texts, strict=True)
        for part in documents.split(text)
        for body in once(part)
    ]


CUSTOM_FINDINGS = {
    # true: the field belongs to the ApplicationSet's own syncPolicy (gold.json)
    (
        "argoproj.io/v1alpha1 ApplicationSet",
        "unknown field 'preserveResourcesOnDeletion'; it belongs in spec.syncPolicy",
    ),
    # true: a placeholder, REPLACE_ME, stands where the console wants a URL
    ("console.openshift.io/v1 ConsoleLink", "must match the pattern ^(https://|mailto:)"),
    # true: the base leaves a required key empty for its overlays to fill in
    ("external-secrets.io/v1 ExternalSecret", "must be a string, not null"),
    # true: an empty map where the operator's definition wants a list
    ("monitoring.coreos.com/v1 PrometheusRule", "must be a list, not a map"),
    # true: the definition requires a selector; the manifest relies on an object that is there already
    ("monitoring.coreos.com/v1 ServiceMonitor", "missing required field 'selector'"),
}


@pytest.mark.slow
class TestCorpora:
    def test_finds_what_is_known_to_be_wrong_and_nothing_else(self, corpora: Path, rendered: list[Rendered]) -> None:
        schemas = Schemas("1.34")
        core = [item for item in rendered if item.is_core]
        invalid = {(item.repository, item.directory, item.name) for item in core if schemas.check(item.body)}
        gold = json.loads((corpora / "gold.json").read_text())
        rows = [row for row in gold if row["kind"] == "schema-invalid" and "rendered_in" in row]
        assert len(core) >= 15_881
        assert len(invalid) == 10
        assert invalid == {(row["repo"], place, row["object"]) for row in rows for place in row["rendered_in"]}

    def test_every_finding_on_a_custom_kind_is_understood(self, rendered: list[Rendered]) -> None:
        schemas = Schemas("1.34")
        custom = [item for item in rendered if not item.is_core]
        found = {
            (f"{item.body['apiVersion']} {item.body['kind']}", problem.message)
            for item in custom
            for problem in schemas.check(item.body)
        }
        known = sum(schemas.knows(item.body["apiVersion"], item.body["kind"]) for item in custom)
        sets = {item.name for item in custom if item.body["kind"] == "ApplicationSet" and schemas.check(item.body)}
        assert known >= 6_500
        assert found == CUSTOM_FINDINGS
        assert sets == {"ApplicationSet/konflux-verifications-rd", "ApplicationSet/kueue"}

    def test_the_newest_version_finds_the_same(self, rendered: list[Rendered]) -> None:
        schemas = Schemas("1.37")
        assert sum(bool(schemas.check(item.body)) for item in rendered if item.is_core) == 10

    def test_an_old_version_differs_in_what_changed_since(self, rendered: list[Rendered]) -> None:
        """Init containers have had a restartPolicy since 1.28, and a StatefulSet could not go without serviceName."""
        old, new = Schemas("1.25"), Schemas("1.34")
        more = {
            (problem.route[-1], problem.message.partition(";")[0])
            for item in rendered
            if item.is_core
            for problem in set(old.check(item.body)) - set(new.check(item.body))
        }
        assert more == {
            ("restartPolicy", "unknown field 'restartPolicy'"),
            ("spec", "missing required field 'serviceName'"),
        }

    def test_definitions_in_a_repository_accept_its_own_objects(self, rendered: list[Rendered]) -> None:
        for repository in REPOSITORIES:
            own = [item.body for item in rendered if item.repository == repository]
            schemas = Schemas(crds=[body for body in own if body["kind"] == "CustomResourceDefinition"])
            checked = [body for body in own if "definition" in schemas.origin(body["apiVersion"], body["kind"])]
            assert [schemas.check(body) for body in checked if schemas.check(body)] == []

    def test_kustomizations_fail_only_where_kustomize_does(self, corpora: Path) -> None:
        builds = json.loads((corpora / "builds.json").read_text())["repos"]
        good = [
            path
            for name in REPOSITORIES
            for directory in builds[name]["ok_dirs"]
            for path in (corpora / name / directory).glob("[kK]ustomization*")
        ]
        assert len(good) > 3_000
        for path in good:
            for document in documents.read(path.read_bytes()).documents:
                assert check_kustomization(document.body) == [], path


def mutated(body: Any, chance: random.Random) -> Any:
    """Breaks an object in two places, mostly."""
    body = copy.deepcopy(body)
    for _ in range(2):
        spots = [spot for spot in _spots(body) if spot[1] not in {"apiVersion", "kind"}]
        if not spots:
            break
        holder, step = chance.choice(spots)
        what = chance.randrange(4)
        if what == 0:
            del holder[step]
        elif what == 1 or isinstance(holder, list):
            holder[step] = chance.choice([None, 5, "x", True, [], {}, {"z": 1}, 1.5, 1 << 40, ["a"], "5", [None]])
        elif what == 2:
            holder[f"z/~{step}"] = 1
        else:
            holder[f"{step}s"] = holder.pop(step)
    return body


def _spots(body: Any) -> Iterator[tuple[Any, Any]]:
    steps = body if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ()
    for step in steps:
        yield body, step
        yield from _spots(body[step])


def pod(container: str) -> Any:
    return load(f"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{container}]}}}}")


def widget(spec: str) -> Any:
    return load(f"{{apiVersion: example.com/v1, kind: Widget, metadata: {{name: one}}, spec: {spec}}}")


class TestKubeconform:
    def test_says_what_the_builtin_engine_says(self, kubeconform: str) -> None:
        bodies = [
            pod("{name: web, prots: [], ports: [{containerPort: a}, {name: b}]}"),
            pod("{name: web}"),
            load("apiVersion: example.com/v1\nkind: Widget\nx: 1"),
            load("{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a/b: 1}}, data: {emoji: '\U0001f600\x85'}}"),
            load("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, x~y/z: 1, sops: {mac: a}}]"),
            load("apiVersion: v1\nkind: Service\nmetadata: {name: [a]}"),
        ]
        schemas = Schemas()
        answers = Kubeconform(schemas, kubeconform).check(bodies)
        assert [routes(answer) for answer in answers[:-1]] == [routes(schemas.check(body)) for body in bodies[:-1]]
        assert routes(answers[-1]) == [("schema-invalid", ("metadata",))]

    def test_of_nothing_it_asks_nothing(self) -> None:
        assert Kubeconform(Schemas(), "no-such-program").check([]) == []

    def test_says_when_it_is_not_there(self) -> None:
        with pytest.raises(Failure, match="no-such-program is not on PATH") as failure:
            Kubeconform(Schemas(), "no-such-program").check([pod("{name: web}")])
        assert failure.value.status == 3

    def test_says_when_the_program_is_another(self) -> None:
        with pytest.raises(Failure, match="kubeconform did not answer") as failure:
            Kubeconform(Schemas(), "true").check([pod("{name: web}")])
        assert failure.value.status == 3

    def test_reads_definitions_in_the_repository(self, kubeconform: str) -> None:
        bodies = [
            widget("{size: 1, left: a, settings: {x: 1}}"), widget("{size: 1, left: a, right: b, settings: {}}"),
            widget("{size: a, settings: {}}"), widget("{size: 1, left: a, settings: {}, port: {}, hosts: [a, a]}"),
        ]  # fmt: skip
        schemas = Schemas(crds=[load(WIDGETS.read_text())])
        answers = Kubeconform(schemas, kubeconform).check(bodies)
        assert [routes(answer) for answer in answers] == [routes(schemas.check(body)) for body in bodies]

    def test_agrees_on_its_own_cases(self, kubeconform: str, conformance: Path) -> None:
        files = sorted((conformance / "kubeconform" / "fixtures").rglob("*.yaml"))
        bodies = [document.body for path in files for document in documents.read(path.read_bytes()).documents]
        crds = [body for body in bodies if isinstance(body, dict) and body.get("kind") == "CustomResourceDefinition"]
        schemas = Schemas(crds=crds)
        answers = Kubeconform(schemas, kubeconform).check(bodies)
        assert [bool(answer) for answer in answers] == [bool(schemas.check(body)) for body in bodies]
        assert 3 < sum(map(bool, answers)) < len(bodies)

    @pytest.mark.slow
    def test_the_same_objects_are_invalid_in_the_corpora(self, kubeconform: str, rendered: list[Rendered]) -> None:
        bodies = list({id(item.body): item.body for item in rendered}.values())
        schemas = Schemas()
        answers = Kubeconform(schemas, kubeconform).check(bodies)
        assert [routes(answer) for answer in answers] == [routes(schemas.check(body)) for body in bodies]

    @pytest.mark.slow
    def test_the_same_objects_are_invalid_when_broken(self, kubeconform: str, rendered: list[Rendered]) -> None:
        """All but the names that kubeconform cannot read have the same leaf causes, too."""
        chance = random.Random(7)
        schemas = Schemas()
        whole = list({id(item.body): item.body for item in rendered}.values())
        bodies = [mutated(body, chance) for body in chance.sample(whole, 2_000)]
        answers = Kubeconform(schemas, kubeconform).check(bodies)
        ours = [schemas.check(body) for body in bodies]
        assert [bool(answer) for answer in answers] == [bool(problems) for problems in ours]
        readable = [pair for pair in zip(answers, ours, strict=True) if "no text" not in str(pair[0])]
        assert [set(routes(answer)) for answer, _ in readable] == [set(routes(problems)) for _, problems in readable]
        assert Counter(map(bool, ours))[True] > 1_000
