"""Excerpts: what a few files of a commit tell is what the whole commit tells."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import pytest

import excerpts
from checkout import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.proposal import weigh
from gitopsmith.states import Reader
from repository import URL, WEB, application_of, initialise, write

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures" / "repositories"
ENVIRONMENT = '{name: all, paths: ["*"]}'
APPS = ("web", "shop", "search")


def _commit(folder: Path) -> Path:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message=All")
    return folder.resolve()


def _generated(folder: Path) -> Path:
    """Copies the example out, and gives it more applications as ``gitopsmith add`` does."""
    shutil.copytree(ROOT / "example-repo", folder)
    for app in APPS[1:]:
        shutil.copytree(folder / "apps" / "web", folder / "apps" / app)
        for environment in ("dev", "staging", "prod"):
            declared = folder / "argocd" / "envs" / environment
            (declared / f"{app}.yaml").write_text((declared / "web.yaml").read_text().replace("web", app))
            listed = declared / "kustomization.yaml"
            listed.write_text(f"{listed.read_text()}  - {app}.yaml\n")
    return _commit(initialise(folder))


def _fixture(folder: Path, name: str) -> Path:
    """Copies a fixture out, with a configuration that calls all URLs its own and has one environment."""
    shutil.copytree(FIXTURES / name, folder, symlinks=True)
    texts = [path.read_text("utf-8", "replace") for path in folder.rglob("*.yaml") if path.is_file()]
    urls = sorted({url for text in texts for url in re.findall(r"repoURL: *(\S+)", text) if "{" not in url})
    said = f"repository: {{urls: {json.dumps(urls or [URL])}}}\nenvironments: [{ENVIRONMENT}]\n"
    write(folder, {".gitopsmith.yaml": said})
    return _commit(initialise(folder))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _generated(tmp_path_factory.mktemp("generated") / "fleet")


def test_application_of_a_generated_repository_is_told_by_few_files(generated: Path) -> None:
    reader = Reader(generated, "main")
    part = reader.archive.part("HEAD", "shop")
    assert part is not None
    names = {path.split("/")[1] for path in part[1].files if path.startswith("apps/")}
    assert names == {"shop"}
    assert set(reader.state("HEAD", "shop", "prod").images) == {"Deployment/web web"}


def test_wrong_name_is_told_with_all_there_is(generated: Path) -> None:
    with pytest.raises(Failure, match="no application 'shopp' in prod; there is root, search, shop, web"):
        Reader(generated, "main").place("HEAD", "shopp", "prod")


def _weighed(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    base = git(root, "rev-parse", "HEAD").strip()
    files = excerpts.random_edit(root, base, chance)
    proposal = excerpts.edited(root, base, files)
    found = weigh(Reader(root, "main"), base, proposal)
    assert found.difference == excerpts.whole_difference(root, base, found.tree), (seed, files)


@pytest.mark.slow
def test_every_place_of_a_generated_repository_is_told_the_same(generated: Path) -> None:
    wrong, parts = excerpts.unequal(generated, "HEAD")
    assert (wrong, parts) == ([], 2 * 3 * len((*APPS, "root")))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_change_of_a_generated_repository_weighs_the_same(generated: Path, seed: int) -> None:
    _weighed(generated, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.iterdir()))
def test_every_place_of_a_fixture_is_told_the_same(tmp_path: Path, name: str) -> None:
    root = _fixture(tmp_path / "fleet", name)
    wrong, _ = excerpts.unequal(root, "HEAD")
    assert wrong == []
    _weighed(root, len(name))


MAP = excerpts.MAP.decode()
LAYOUTS = {
    "kustomization that renames Applications": {
        "apps/kustomization.yaml": "resources: [one.yaml]\nnamePrefix: we\n",
        "apps/one.yaml": application_of("b", "web"),
    },
    "Application that renames those which it builds": {
        "root.yaml": application_of("root", "apps", "kustomize: {namePrefix: we}"),
        "apps/kustomization.yaml": "resources: [one.yaml]\n",
        "apps/one.yaml": application_of("b", "web"),
    },
    "name and path behind anchors": {
        "apps/one.yaml": application_of("b", "*app").replace("name: b", "name: &app 'web'")
    },
    "folder read as it lies, with what others are called": {
        "root.yaml": application_of("root", "apps", "directory: {recurse: true}"),
        "apps/a/one.yaml": application_of("b", "web"),
        "apps/two.yaml": application_of("web", "other"),
        "other/kustomization.yaml": "resources: []\n",
    },
    "kustomization beside, which leaves it out": {
        "apps/kustomization.yaml": "resources: [two.yaml]\n",
        "apps/one.yaml": application_of("web", "web"),
        "apps/two.yaml": application_of("two", "web"),
    },
    "kustomization above, which includes something beside": {
        "kustomization.yaml": "resources: [apps/two.yaml]\n",
        "apps/one.yaml": application_of("web", "web"),
        "apps/two.yaml": application_of("two", "web"),
    },
    "several in one file": {
        "apps/one.yaml": f"{application_of('web', 'web')}---\n{application_of('web-too', 'web')}"
    },
    "link to a folder": {"apps/one.yaml": application_of("web", "web")},
    "set that may generate it": {
        "apps/one.yaml": application_of("b", "web"),
        "apps/set.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec: {}\n",
    },
    "application beside a broken one": {
        "apps/kustomization.yaml": "resources: [one.yaml, two.yaml]\n",
        "apps/one.yaml": application_of("web", "web"),
        "apps/two.yaml": application_of("web", "web"),
    },
    "values from far away": {
        "apps/one.yaml": application_of("web", "chart", "helm: {valueFiles: [../values/web.yaml]}"),
        "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "chart/templates/map.yaml": f'{MAP}data: {{a: "{{{{ .Values.a }}}}"}}\n',
        "values/web.yaml": "a: b\n",
    },
    "transformer that reads a file of its own": {
        "apps/one.yaml": application_of("web", "web/more"),
        "web/more/kustomization.yaml": "resources: [..]\ntransformers: [patch.yaml]\n",
        "web/more/patch.yaml": (
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\n"
            "path: far.yaml\ntarget: {kind: Deployment}\n"
        ),
        "web/more/far.yaml": "- {op: add, path: /metadata/labels, value: {a: b}}\n",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_odd_layout_is_told_the_same(tmp_path: Path, name: str) -> None:
    said = f"repository: {{urls: [{URL}]}}\nenvironments: [{ENVIRONMENT}]\n"
    files = {".gitopsmith.yaml": said, "web/kustomization.yaml": "resources: [web.yaml]\n", "web/web.yaml": WEB}
    folder = write(tmp_path / "fleet", files | LAYOUTS[name])
    if name.startswith("link"):
        (folder / "other").symlink_to("web")
    root = _commit(initialise(folder))
    assert excerpts.unequal(root, "HEAD")[0] == []
    base = git(root, "rev-parse", "HEAD").strip()
    for path in writing.entries(root, base):
        if path != ".gitopsmith.yaml":
            proposal = excerpts.edited(root, base, {path: None})
            found = weigh(Reader(root, "main"), base, proposal)
            assert found.difference == excerpts.whole_difference(root, base, found.tree), path


def test_places_and_project_of_an_application_are_those_of_all(generated: Path) -> None:
    reader = Reader(generated, "main")
    named = reader.named("HEAD", "shop")
    assert {place.app for place in named} < {place.app for place in reader.places("HEAD")}
    found = [place for place in named if place.app == "shop"]
    assert [place.environment.name for place in found] == ["dev", "staging", "prod"]
    project = reader.project("HEAD", found[-1])
    assert project is not None
    assert project.body == next(one.body for one in reader.projects("HEAD") if one.name == project.name)
    assert reader.named("HEAD", "shopp") == reader.places("HEAD")


def test_all_files_of_a_commit_are_read_without_a_checkout(generated: Path) -> None:
    with Reader(generated, "main").archive.tree("HEAD") as tree:
        path = "apps/web/overlays/prod/kustomization.yaml"
        assert tree.data(path) == (generated / path).read_bytes()
        assert tree.listing("apps") == tuple(sorted(APPS))
        assert tree.kind("apps/nowhere") == "missing"
