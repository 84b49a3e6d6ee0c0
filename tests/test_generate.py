"""Repositories that ``gitopsmith new`` makes, over all answers: nothing in them is found wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from allpairspy import AllPairs

import checkout
import repository
from conftest import argocd_manifests
from gitopsmith import content, lint, tools
from gitopsmith.answers import IN_CLUSTER, Answers, Application, Environment, Team
from gitopsmith.finding import Failure
from gitopsmith.generate import install, new, write
from gitopsmith.policy import PROFILES
from repository import run
from test_generator import DEFAULT, EXAMPLE, files

ENVIRONMENTS = ("dev", "test", "staging", "canary", "prod")
APPLICATIONS = (
    Application("web", "apps", port=9898, path="/readyz"),
    Application("orders", "payments", image="registry.example.com/payments/orders:1.20", port=8080),
    Application("mail", "apps", image=f"registry.example.com:5000/mail@sha256:{'0123456789abcdef' * 4}", port=1025),
)
ANSWERS: dict[str, tuple[Any, ...]] = {
    "environments": (1, 2, 3, 5),
    "applications": (1, 3),
    "clusters": (1, 2),
    "argocd_version": ("3.6.1", "3.5.7"),
    "argocd_host": ("", "argocd.example.com"),
    "gateway": ("", "ingress/public"),
    "ingress_class": ("", "nginx"),
    "ci": ("github", "gitlab"),
    "credential": ("none", "github-app", "deploy-key", "token"),
    "kubernetes_version": ("1.34", "1.25", "1.37"),
    "monitoring": ("none", "prometheus-operator"),
    "oidc_issuer": ("", "https://login.example.com/realms/main"),
    "on_call_group": ("on-call", ""),
    "prune_confirm": (False, True),
    "scale": (50, 500),
    "secrets": ("none", "sealed-secrets", "external-secrets"),
    "slack_channel": ("", "deployments"),
    "vendored": (True, False),
}
"""Every answer with the values that make a difference, and whether Argo CD's installation is brought in."""
ROWS = [dict(zip(ANSWERS, row, strict=True)) for row in AllPairs(list(ANSWERS.values()))]
REMOTE = {
    "install": "raw.githubusercontent.com/argoproj/argo-cd",
    "sealed-secrets": "github.com/bitnami/sealed-secrets/releases",
    "external-secrets": "charts.external-secrets.io",
}
"""What a repository takes from elsewhere, which no build without a network can show."""


def answers_of(row: dict[str, Any]) -> Answers:
    names = (*ENVIRONMENTS[: row["environments"] - 1], "prod")
    apart = row["clusters"] > 1
    cluster = {name: "east" if apart and name == names[-1] else IN_CLUSTER for name in names}
    applications = APPLICATIONS[: row["applications"]]
    plain = {name: value for name, value in row.items() if name not in {"clusters", "vendored"}}
    url = "https://gitlab.com/example/fleet.git" if row["ci"] == "gitlab" else DEFAULT.repo_url
    issuer = row["oidc_issuer"] if row["argocd_host"] else ""
    gateway = row["gateway"] if row["argocd_host"] else ""
    ingress_class = row["ingress_class"] if row["argocd_host"] and not gateway else ""
    return replace(
        DEFAULT,
        **plain
        | {
            # A deploy key is a key of ssh.
            "repo_url": url.replace("https://", "ssh://git@") if row["credential"] == "deploy-key" else url,
            "environments": tuple(Environment(name, cluster[name], protected=name == "prod") for name in names),
            "applications": applications,
            "teams": tuple(Team(name) for name in dict.fromkeys(item.team for item in applications)),
            # Who logs in comes back to the host, and somebody has to be admin.
            "oidc_issuer": issuer,
            "gateway": gateway,
            "ingress_class": ingress_class,
            "admin_group": "platform" if issuer else "",
            # GitHub's Apps are for repositories on GitHub.
            "credential": "token" if (row["ci"], row["credential"]) == ("gitlab", "github-app") else row["credential"],
        },
    )


def remote_sources(row: dict[str, Any], given: Answers) -> list[str]:
    operators = [REMOTE[row["secrets"]]] if row["secrets"] != "none" else []
    charts = len(given.clusters) if row["secrets"] == "external-secrets" else 1
    return ([] if row["vendored"] else [REMOTE["install"]]) + operators * charts


def identifier(row: dict[str, Any]) -> str:
    return "-".join(str(value).split("/")[0] or "no" for value in row.values())


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=identifier)
def test_a_new_repository_is_without_findings(tmp_path: Path, kustomize: str, row: dict[str, Any]) -> None:
    given = answers_of(row)
    manifest = argocd_manifests(given.argocd_version) / "install.yaml" if row["vendored"] else None
    made = new(given, tmp_path / "one", argocd_install=manifest)
    new(given, tmp_path / "two", argocd_install=manifest)
    assert files(tmp_path / "one") == files(tmp_path / "two")

    remote = remote_sources(row, given)
    for profile in PROFILES:
        found = lint.lint(lint.Options(paths=(made.directory,), profile=profile, today=dt.date(2026, 1, 1)))
        assert found.findings == ()
        unknown = [note for note in found.notes if note.kind != "repository"]
        assert {note.kind for note in unknown} <= {"unverifiable"}
        assert sum(note.count for note in unknown) == len(remote)

    for folder in kustomizations(made.directory):
        built = tools.run("kustomize", "build", folder, cwd=made.directory)
        assert (built.status == 0 and built.stdout != b"") or any(url in built.complaint for url in remote)


def kustomizations(root: Path) -> list[str]:
    """Returns the folders that can be built: every one with a kustomization that is not a Component."""
    found = sorted(path for path in root.rglob("kustomization.yaml") if "kind: Component" not in path.read_text())
    return [path.parent.relative_to(root).as_posix() for path in found]


@pytest.mark.parametrize("environments", [1, 2, 3, 5])
@pytest.mark.parametrize("applications", [1, 2, 3])
def test_a_repository_stays_small(tmp_path: Path, environments: int, applications: int) -> None:
    """At most 45 files for one application in two environments, and 6 more for an application in an environment."""
    given = replace(
        DEFAULT,
        environments=tuple(Environment(name, protected=name == "prod") for name in ENVIRONMENTS[-environments:]),
        applications=tuple(Application(name, "apps") for name in ("web", "mail", "shop")[:applications]),
    )
    write(given, tmp_path, b"")
    assert len(files(tmp_path)) <= 45 + 6 * (environments * applications - 2)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone of what a git host makes: a README and a licence, committed."""
    folder = repository.write(tmp_path / "fleet", {"README.md": "# fleet\n", "LICENSE": "Yours.\n"})
    return checkout.commit(folder)


def test_a_fresh_clone_is_filled(clone: Path) -> None:
    made = new(DEFAULT, clone)
    assert (clone / "LICENSE").read_text() == "Yours.\n"
    assert (clone / "README.md").read_bytes() == (EXAMPLE / "README.md").read_bytes()
    assert files(clone).keys() - {"LICENSE"} == set(made.files) == files(EXAMPLE).keys()


def test_a_readme_that_git_does_not_have_is_not_replaced(clone: Path) -> None:
    (clone / "README.md").write_text("# fleet\n\nNotes that nobody has committed.\n")
    with pytest.raises(Failure, match="git has no copy of it"):
        new(DEFAULT, clone)
    assert files(clone).keys() == {"LICENSE", "README.md"}


@pytest.mark.parametrize("name", ["notes.txt", ".github", "apps"])
def test_a_folder_that_holds_something_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "fleet" / name).mkdir(parents=True)
    with pytest.raises(Failure, match=f"is not empty: it holds {name}"):
        new(DEFAULT, tmp_path / "fleet")
    assert [path.name for path in tmp_path.rglob("*")] == ["fleet", name]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fleet").write_text("")
    with pytest.raises(Failure, match="is a file; name a folder"):
        new(DEFAULT, tmp_path / "fleet")


@pytest.mark.parametrize("there", [False, True], ids=["new folder", "fresh clone"])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, clone: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    before = files(clone)
    target = clone if there else tmp_path / "new"
    # The last template is broken, so that nearly everything is written by then.
    templates = shutil.copytree(content.GENERATOR, tmp_path / "templates")
    broken = next((templates / "overlay").rglob("kustomization.yaml"))
    broken.write_text("{{ cookiecutter.nobody_knows_this }}")
    monkeypatch.setattr(content, "GENERATOR", templates)
    with pytest.raises(Failure, match="overlay"):
        new(DEFAULT, target)
    assert files(clone) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet", "templates"]


def test_a_move_that_fails_is_undone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(clone)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if target == clone / "health":
            raise OSError("no space")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no space"):
        new(DEFAULT, clone)
    assert files(clone) == before


def test_the_installation_is_checked_by_its_digest(tmp_path: Path) -> None:
    manifest = argocd_manifests("3.6.1") / "install.yaml"
    made = new(DEFAULT, tmp_path / "fleet", argocd_install=manifest)
    assert made.notes == ()
    assert (made.directory / "bootstrap/argocd/install.yaml").read_bytes() == manifest.read_bytes()

    changed = repository.write(tmp_path, {"install.yaml": manifest.read_bytes() + b"# one more line\n"})
    with pytest.raises(Failure, match=r"is not what Argo CD 3\.6\.1 was released with"):
        new(DEFAULT, tmp_path / "other", argocd_install=changed / "install.yaml")
    with pytest.raises(Failure, match=r"is not the install\.yaml of Argo CD 3\.5\.7"):
        new(replace(DEFAULT, argocd_version="3.5.7"), tmp_path / "other", argocd_install=manifest)
    with pytest.raises(Failure, match="cannot read"):
        new(DEFAULT, tmp_path / "other", argocd_install=tmp_path / "missing.yaml")
    assert not (tmp_path / "other").exists()


def test_an_installation_that_is_not_recorded_is_taken_with_a_note(tmp_path: Path) -> None:
    text = b"image: quay.io/argoproj/argocd:v3.6.99\n"
    repository.write(tmp_path, {"install.yaml": text})
    given = replace(DEFAULT, argocd_version="3.6.99")
    (note,) = new(given, tmp_path / "fleet", argocd_install=tmp_path / "install.yaml").notes
    assert note == (
        f"no digest of Argo CD 3.6.99 is recorded: compare {hashlib.sha256(text).hexdigest()} with the release's own"
    )


def test_without_the_installation_its_url_is_named(tmp_path: Path) -> None:
    made = new(DEFAULT, tmp_path / "fleet")
    assert "`gitopsmith vendor argocd`" in made.notes[0]
    assert install.url("3.6.1") in (made.directory / "bootstrap/argocd/kustomization.yaml").read_text()


@pytest.mark.parametrize("version", ["3.6.1", "3.5.7"])
def test_vendor_brings_the_installation_in(tmp_path: Path, version: str) -> None:
    root = new(DEFAULT, tmp_path / "fleet").directory
    settings = root / ".gitopsmith.yaml"
    settings.write_text(settings.read_text() + "# by hand\n")
    before = files(root)
    manifest = argocd_manifests(version) / "install.yaml"
    done = run("vendor", "argocd", "--version", version, "--from", str(manifest), cwd=root)
    assert (done.returncode, done.stderr) == (0, b"")

    changed = {path for path, data in files(root).items() if data != before.get(path)}
    named = {".gitopsmith.yaml", ".gitopsmith/answers.yaml"} if version != DEFAULT.argocd_version else set()
    assert changed == {"bootstrap/argocd/install.yaml", "bootstrap/argocd/kustomization.yaml"} | named
    assert settings.read_text().endswith("# by hand\n")
    found = lint.lint(lint.Options(paths=(root,)))
    older = {"argocd-version-too-old"} if version != DEFAULT.argocd_version else set()
    assert ({finding.rule for finding in found.findings}, [note.kind for note in found.notes]) == (
        older,
        ["repository"],
    )

    again = run("vendor", "argocd", "--from", str(manifest), cwd=root)  # the version is the one in .gitopsmith.yaml
    assert (again.returncode, again.stdout) == (0, b"nothing to do: this version is here already\n")


def test_vendor_needs_a_repository_of_ours(tmp_path: Path) -> None:
    done = run("vendor", "argocd", cwd=tmp_path)
    assert done.returncode == 2
    assert b".gitopsmith/answers.yaml" in done.stderr


class _Release(http.server.BaseHTTPRequestHandler):
    """Serves one text under every path."""

    text = b""

    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.end_headers()
        self.wfile.write(self.text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Release]]:
    """A server in place of the one that publishes Argo CD."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Release) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr(install, "url", lambda version: f"http://127.0.0.1:{server.server_port}/v{version}")
        yield _Release
        server.shutdown()
        thread.join()


def test_the_installation_is_downloaded_and_checked(tmp_path: Path, release: type[_Release]) -> None:
    release.text = (argocd_manifests("3.6.1") / "install.yaml").read_bytes()
    made = new(DEFAULT, tmp_path / "fleet", fetch=True)
    assert (made.directory / "bootstrap/argocd/install.yaml").read_bytes() == release.text
    assert made.notes == ()

    release.text = release.text.replace(b"image: quay.io/", b"image: quay.example.com/")
    with pytest.raises(Failure, match="is not what Argo CD"):
        new(DEFAULT, tmp_path / "other", fetch=True)
    assert not (tmp_path / "other").exists()


def test_without_a_network_the_url_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "url", lambda version: f"http://127.0.0.1:9/v{version}")
    made = new(DEFAULT, tmp_path / "fleet", fetch=True)
    assert [note.partition(" ")[0] for note in made.notes] == ["cannot", "Argo"]
    assert "  - http://127.0.0.1:9/v3.6.1\n" in (made.directory / "bootstrap/argocd/kustomization.yaml").read_text()
