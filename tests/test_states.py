"""States: what an application was in an environment, commit by commit, over real git histories."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkout import git
from gitopsmith.finding import Failure
from gitopsmith.states import Reader, find, history
from repository import URL, WEB, application_of, initialise, write

SETTINGS = f"""\
repository: {{urls: ["{URL}"]}}
environments:
  - {{name: dev, paths: ["web/overlays/dev"]}}
  - {{name: prod, protected: true, paths: ["web/overlays/prod", "shop"]}}
"""
OVERLAY = "namespace: {name}\nresources: [../../base]\nimages: [{{name: web, newTag: '{tag}'}}]\n"
FLEET = {
    ".gitopsmith.yaml": SETTINGS,
    "apps/dev.yaml": application_of("web-dev", "web/overlays/dev"),
    "apps/prod.yaml": application_of("web-prod", "web/overlays/prod"),
    "apps/shop.yaml": application_of("prod-shop", "shop"),
    "web/base/kustomization.yaml": "resources: [web.yaml]\n",
    "web/base/web.yaml": WEB,
    "web/overlays/dev/kustomization.yaml": OVERLAY.format(name="dev", tag="2.0"),
    "web/overlays/prod/kustomization.yaml": OVERLAY.format(name="prod", tag="1.0"),
    "shop/kustomization.yaml": "resources: [web.yaml]\n",
    "shop/web.yaml": WEB,
}
PROD = "web/overlays/prod/kustomization.yaml"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = initialise(write(tmp_path / "fleet", FLEET))
    _commit(folder, "First")
    return folder


def _commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")


def _change(folder: Path, message: str, **files: str) -> None:
    write(folder, {name.replace("__", "/"): content for name, content in files.items()})
    _commit(folder, message)


def _release(folder: Path, tag: str) -> None:
    write(folder, {PROD: OVERLAY.format(name="prod", tag=tag)})
    _commit(folder, f"Release {tag}")


def _history(folder: Path, app: str = "web", environment: str = "prod") -> list[tuple[str, str]]:
    reader = Reader(folder, "main")
    return [
        (change.subject, next(iter(change.state.images.values()), change.state.failure))
        for change in history(reader, "HEAD", app, environment)
    ]


def test_only_what_changes_the_rendered_output_counts(fleet: Path) -> None:
    _release(fleet, "1.1")
    write(fleet, {PROD: "# said\n" + OVERLAY.format(name="prod", tag="1.1")})
    _commit(fleet, "A comment")
    write(fleet, {"web/overlays/dev/kustomization.yaml": OVERLAY.format(name="dev", tag="3.0")})
    _commit(fleet, "Another environment")
    _release(fleet, "1.2")
    assert _history(fleet) == [("Release 1.2", "web:1.2"), ("Release 1.1", "web:1.1"), ("First", "web:1.0")]


def test_base_counts_in_every_environment(fleet: Path) -> None:
    write(fleet, {"web/base/web.yaml": WEB.replace("app: web", "app: site")})
    _commit(fleet, "The base")
    assert [subject for subject, _ in _history(fleet)] == ["The base", "First"]
    assert [subject for subject, _ in _history(fleet, environment="dev")] == ["The base", "First"]


def test_merge_is_one_change(fleet: Path) -> None:
    git(fleet, "switch", "--quiet", "--create=side")
    _release(fleet, "1.1")
    _release(fleet, "1.2")
    git(fleet, "switch", "--quiet", "main")
    _commit(fleet, "Meanwhile")
    git(fleet, "merge", "--quiet", "--no-ff", "--message=Merged", "side")
    assert _history(fleet) == [("Merged", "web:1.2"), ("First", "web:1.0")]


def test_state_that_cannot_be_rendered_is_one_too(fleet: Path) -> None:
    write(fleet, {PROD: "resources: [../../nowhere]\n"})
    _commit(fleet, "Broken")
    _release(fleet, "1.3")
    found = _history(fleet)
    assert [subject for subject, _ in found] == ["Release 1.3", "Broken", "First"]
    assert "cannot be rendered" in found[1][1]


def test_overlay_that_moved_keeps_its_history(fleet: Path) -> None:
    _release(fleet, "1.1")
    git(fleet, "mv", "web/overlays/prod", "web/overlays/live")
    write(fleet, {"apps/prod.yaml": application_of("web-prod", "web/overlays/live")})
    write(fleet, {".gitopsmith.yaml": SETTINGS.replace("overlays/prod", "overlays/live")})
    _commit(fleet, "Renamed")
    write(fleet, {"web/overlays/live/kustomization.yaml": OVERLAY.format(name="prod", tag="1.4")})
    _commit(fleet, "Release 1.4")
    reader = Reader(fleet, "main")
    assert [change.subject for change in history(reader, "HEAD", "web", "prod")][:2] == ["Release 1.4", "Release 1.1"]


@pytest.mark.parametrize("name", ["prod-shop", "shop"])
def test_application_is_found_by_what_people_call_it(fleet: Path, name: str) -> None:
    assert find(Reader(fleet, "main").places("HEAD"), name, "prod").application.name == "prod-shop"


def test_wrong_names_are_told_with_what_there_is(fleet: Path) -> None:
    places = Reader(fleet, "main").places("HEAD")
    with pytest.raises(Failure, match="no application 'wep' in prod; there is shop, web"):
        find(places, "wep", "prod")
    with pytest.raises(Failure, match="environment 'production'; there is dev, prod"):
        find(places, "web", "production")
