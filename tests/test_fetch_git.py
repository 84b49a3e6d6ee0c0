"""What lies in other git repositories: a pinned commit comes once, and is built as kustomize itself would build it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import fetch
from gitopsmith.fetch import Place
from gitopsmith.finding import Report
from gitopsmith.lint import Options, lint, status
from gitserver import PASSWORD, USERNAME, GitServer, running
from repository import ORDINARY, URL, application_of, run, write

pytestmark = [pytest.mark.usefixtures("kustomize", "homes"), pytest.mark.slow]
WEB = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'example.com/web'}]}\n"
BASE = {
    "deploy/kustomization.yaml": "resources: [web.yaml, ../shared]\nconfigMapGenerator: [{name: c, files: [f.txt]}]\n",
    "deploy/web.yaml": WEB,
    "deploy/f.txt": "one\n",
    "shared/kustomization.yaml": "resources: [config.yaml]\nnamePrefix: shared-\n",
    "shared/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\n",
    "part/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: a}}]\n"
    ),
    "out/kustomization.yaml": "resources: [../../outside]\n",
    "raw/install.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: raw}\n",
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    """A host with one repository that has two tags, the second with another image."""
    folder = tmp_path / "served"
    source = write(tmp_path / "source", BASE)
    git(source, "init", "--quiet", "--initial-branch=main")
    for tag, image in (("v1.0.0", "example.com/web"), ("v2.0.0", "example.com/other")):
        write(source, {"deploy/web.yaml": WEB.replace("example.com/web", image)})
        git(source, "add", "--all")
        git(source, "commit", "--quiet", f"--message={tag}")
        git(source, "tag", "--annotate", f"--message={tag}", tag)
    folder.mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(source), str(folder / "base.git"))
    with running(folder) as found:
        found.is_open = True
        for name, value in found.trust.items():
            monkeypatch.setenv(name, value)
        yield found


def overlay(root: Path, *entries: str, more: str = "") -> Path:
    body = f"resources: {json.dumps(entries)}\nnamePrefix: my-\n{more}"
    app = application_of("web", "web")
    settings = f"repository:\n  urls: [{URL}]\n"
    return write(root, {".gitopsmith.yaml": settings, "apps/web.yaml": app, "web/kustomization.yaml": body, **ORDINARY})


def linted(root: Path, *, online: bool = True, seconds: float = 60) -> Report:
    return lint(Options(paths=(root,), fetch=online, timeout=seconds, jobs=2))


def rendered(root: Path, *flags: str) -> str:
    return run("render", "--application", "web", *flags, cwd=root).stdout.decode()


def by_kustomize(root: Path, entry: str = "web") -> str:
    command = ("kustomize", "build", str(root / entry))
    return subprocess.run(command, check=True, capture_output=True, env=os.environ).stdout.decode()


def objects(text: str) -> list[str]:
    """Returns the objects in a text, without comments and in one order."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return sorted(piece.strip() for piece in lines.split("---\n") if piece.strip())


def unpinned(report: Report) -> list[tuple[str, int]]:
    found = [finding.location for finding in report.findings if finding.rule == "image-unpinned"]
    return [(place.path, place.line) for place in found if not place.path.startswith("ordinary/")]


def refusal(report: Report) -> str:
    """Returns why something was not fetched; the rest of the repository was judged nevertheless."""
    assert any(finding.location.path == "ordinary/web.yaml" for finding in report.findings)
    (note,) = (note.message for note in report.notes if note.kind == "fetch")
    assert status(report, None) == 3
    kept = fetch.folder()
    assert not kept.exists() or list(kept.iterdir()) == []
    return note


def entry(server: GitServer, path: str = "deploy", reference: str = "v1.0.0") -> str:
    return f"{server.url}/base.git//{path}?ref={reference}"


def test_a_remote_base_is_built_as_kustomize_builds_it_and_kept(tmp_path: Path, server: GitServer) -> None:
    root = overlay(tmp_path / "r", entry(server))
    before = linted(root, online=False)
    assert unpinned(before) == []
    assert any("a remote base, which --fetch brings" in note.message for note in before.notes)
    report = linted(root)
    assert unpinned(report) == [("web/kustomization.yaml", 1)]
    assert report.summary.rendered_share == 1.0
    wanted = by_kustomize(root)
    asked = len(server.requests)
    assert objects(rendered(root)) == objects(wanted)
    assert unpinned(linted(root, online=False)) == [("web/kustomization.yaml", 1)]
    assert not [one for one in server.requests[asked:] if "upload-pack" in one]
    assert sorted(path.name for path in (root / "web").iterdir()) == ["kustomization.yaml"]


def test_every_way_to_name_a_base_gives_what_kustomize_gives(tmp_path: Path, server: GitServer) -> None:
    commit = git(tmp_path / "source", "rev-parse", "v1.0.0^{commit}").strip()
    plain = f"{server.url}/base.git"
    for number, named in enumerate(
        (
            f"{plain}/deploy?ref={commit}",
            f"git::{plain}//deploy?ref=v1.0.0",
            f"{plain}//deploy/?version=v1.0.0&timeout=90s&submodules=false",
            f"{plain}//deploy?ref=refs/tags/v1.0.0",
        )
    ):
        root = overlay(tmp_path / str(number), named)
        assert objects(rendered(root, "--fetch")) == objects(by_kustomize(root)) != []


def test_two_versions_components_and_what_a_base_fetches_itself(tmp_path: Path, server: GitServer) -> None:
    nested = {"kustomization.yaml": f"namePrefix: n-\nresources: ['{entry(server, 'shared', 'v2.0.0')}']\n"}
    source = write(tmp_path / "nested", nested)
    git(source, "init", "--quiet", "--initial-branch=main")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message=one")
    git(source, "tag", "v0.1.0")
    git(tmp_path, "clone", "--quiet", "--bare", str(source), str(server.folder / "nested.git"))
    more = f"components: ['{entry(server, 'part')}']\nbuildMetadata: [originAnnotations]\n"
    root = overlay(tmp_path / "r", entry(server), f"{server.url}/nested.git?ref=v0.1.0", more=more)
    found = rendered(root, "--fetch")
    assert objects(found) == objects(by_kustomize(root))
    assert f"repo: {server.url}/base.git" in found


def test_a_tag_is_what_it_was_when_it_came(tmp_path: Path, server: GitServer) -> None:
    root = overlay(tmp_path / "r", entry(server))
    first = rendered(root, "--fetch")
    git(server.folder / "base.git", "tag", "--force", "v1.0.0", "v2.0.0^{commit}")
    assert rendered(root, "--fetch") == first
    (record,) = (json.loads(path.read_text()) for path in fetch.folder().glob("*/record.json"))
    assert record["commit"] == git(tmp_path / "source", "rev-parse", "v1.0.0^{commit}").strip()


@pytest.mark.parametrize("named", ["", "?ref=main", "?ref=release-1.2"])
def test_what_is_not_pinned_is_never_fetched(tmp_path: Path, server: GitServer, named: str) -> None:
    report = linted(overlay(tmp_path / "r", f"{server.url}/base.git//deploy{named}"))
    assert server.requests == []
    assert any("follows a branch or names no version, and is never fetched" in note.message for note in report.notes)
    assert [one.location.path for one in report.findings if one.rule == "kustomize-remote-unpinned"]


def test_a_file_by_its_url_is_built_as_kustomize_builds_it(tmp_path: Path, server: GitServer) -> None:
    server.pages["/team/app/raw/v1.0.0/install.yaml"] = BASE["raw/install.yaml"].encode()
    server.pages["/team/app/raw/v1.0.0/patch.yaml"] = (
        b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: raw}\ndata: {a: b}\n"
    )
    url = f"{server.url}/team/app/raw/v1.0.0"
    root = overlay(tmp_path / "r", f"{url}/install.yaml", more=f"patches: [{{path: '{url}/patch.yaml'}}]\n")
    assert "kind: ConfigMap" not in rendered(root)
    found = rendered(root, "--fetch")
    assert objects(found) == objects(by_kustomize(root)) != []
    asked = len(server.requests)
    assert rendered(root) == found
    assert len(server.requests) == asked
    assert sorted(path.name for path in (root / "web").iterdir()) == ["kustomization.yaml"]


def test_a_login_that_git_knows_opens_a_repository_and_nobody_is_asked(
    tmp_path: Path, server: GitServer, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(homes / ".gitconfig"))
    server.is_open = False
    root = overlay(tmp_path / "r", entry(server))
    assert "access is denied; give git your credentials" in refusal(linted(root))
    host = server.url.removeprefix("https://")
    write(homes, {".gitconfig": "[credential]\n\thelper = store\n"})
    write(homes, {".git-credentials": f"https://{USERNAME}:wrong@{host}\n"}).joinpath(".git-credentials").chmod(0o600)
    assert "access is denied" in refusal(linted(root))
    write(homes, {".git-credentials": f"https://{USERNAME}:{PASSWORD}@{host}\n"})
    report = linted(root)
    assert report.summary.rendered_share == 1.0, report.notes
    assert PASSWORD not in str(report)
    kept = [path for path in fetch.folder().rglob("*") if path.is_file()]
    assert not any(PASSWORD.encode() in path.read_bytes() for path in kept)


def test_what_is_wrong_in_a_remote_base_is_an_error_and_no_mystery(tmp_path: Path, server: GitServer) -> None:
    for path in ("nowhere", "out"):
        report = linted(overlay(tmp_path / path, entry(server, path)))
        (finding,) = (finding for finding in report.findings if finding.rule == "kustomize-build")
        assert finding.location.path == "web/kustomization.yaml"
        assert "kustomize-" not in finding.message.replace("kustomize-build", "")


def test_a_version_that_is_not_there_is_said(tmp_path: Path, server: GitServer) -> None:
    assert "there is no such tag or commit" in refusal(linted(overlay(tmp_path / "a", entry(server, reference="v9"))))
    absent = entry(server, reference="0" * 40)
    assert "there is no such tag or commit" in refusal(linted(overlay(tmp_path / "b", absent)))
    nowhere = f"{server.url}/nothing.git//x?ref=v1.0.0"
    assert "there is no such repository" in refusal(linted(overlay(tmp_path / "c", nowhere)))


def test_a_branch_that_is_named_like_a_tag_is_said_and_no_failure(tmp_path: Path, server: GitServer) -> None:
    git(tmp_path / "served/base.git", "branch", "release-1.2.3", "main")
    base = linted(overlay(tmp_path / "a", entry(server, reference="release-1.2.3")))
    source = linted(other(tmp_path / "b", f"{server.url}/base.git", "deploy", "release-1.2.3"))
    for report, said in ((base, "follows a branch"), (source, "follow a branch")):
        assert [said in note.message for note in report.notes if note.kind == "unverifiable"] == [True]
        assert status(report, None) == 0


def test_servers_that_lie_hang_or_refuse_give_nothing(tmp_path: Path, server: GitServer) -> None:
    root = overlay(tmp_path / "r", entry(server))
    server.lie = b"000dpackfile\n0009\x01nono0000"
    assert refusal(linted(root))
    server.lie, server.seconds = None, 20
    assert "did not come within 2 seconds" in refusal(linted(root, seconds=2))
    refused = "https://localhost:9/base.git//deploy?ref=v1.0.0"
    assert "localhost" in refusal(linted(overlay(tmp_path / "s", refused)))


def test_more_than_what_is_allowed_is_refused(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitopsmith.fetch.commits.MAX_FILES", 2)
    assert "holds more than 2 files" in refusal(linted(overlay(tmp_path / "r", entry(server))))


def test_a_kept_commit_that_was_changed_comes_anew(tmp_path: Path, server: GitServer) -> None:
    root = overlay(tmp_path / "r", entry(server))
    first = rendered(root, "--fetch")
    (pack,) = fetch.folder().rglob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(b"x")
    assert rendered(root) != first
    assert rendered(root, "--fetch") == first


@pytest.mark.parametrize(
    ("url", "reference"),
    [
        ("https://host/x", "--upload-pack=touch /tmp/x"),
        ("https://host/x", "-v1"),
        ("ext::sh -c x", "v1.0.0"),
        ("file:///srv/x", "v1.0.0"),
        ("ssh://-oProxyCommand=x/y", "v1.0.0"),
        ("git@-oProxyCommand=x:y", "v1.0.0"),
        ('https://host/"x', "v1.0.0"),
        ("https://host/x\n[core]", "v1.0.0"),
        ("https://host/x", "v1..v2"),
    ],
)
def test_what_git_would_misread_is_not_asked_for(url: str, reference: str) -> None:
    assert not Place(url, reference).is_askable


def other(root: Path, url: str, path: str, reference: str) -> Path:
    app = application_of("web", path).replace(URL, url).replace("targetRevision: main", f"targetRevision: {reference}")
    return write(root, {".gitopsmith.yaml": f"repository:\n  urls: [{URL}]\n", "apps/web.yaml": app, **ORDINARY})


def test_a_source_in_another_repository_is_rendered_and_not_judged(tmp_path: Path, server: GitServer) -> None:
    root = other(tmp_path / "r", f"{server.url}/base.git", "deploy", "v1.0.0")
    before = linted(root, online=False)
    assert any("other repositories, which --fetch brings" in note.message for note in before.notes)
    assert "kind: Pod" not in rendered(root)
    report = linted(root)
    assert report.summary.rendered_share == 1.0
    assert unpinned(report) == []
    assert objects(rendered(root)) == objects(by_kustomize(tmp_path / "source", "deploy").replace("/other", "/web"))
    assert linted(root, online=False).summary.rendered_share == 1.0


def test_a_directory_and_nothing_in_another_repository(tmp_path: Path, server: GitServer) -> None:
    url = f"{server.url}/base.git"
    assert "name: raw" in rendered(other(tmp_path / "a", url, "raw", "v1.0.0"), "--fetch")
    missing = linted(other(tmp_path / "b", url, "nowhere", "v1.0.0"))
    (finding,) = (finding for finding in missing.findings if finding.rule == "application-path-missing")
    assert "does not exist in that repository at v1.0.0" in finding.message
    (note,) = (note for note in linted(other(tmp_path / "c", url, "raw", "v7.0.0")).notes if note.kind == "fetch")
    assert "there is no such tag or commit" in note.message
    asked = len(server.requests)
    floating = linted(other(tmp_path / "d", url, "raw", "main"))
    assert any(
        "follow a branch or a range of other repositories, and are never fetched" in note.message
        for note in floating.notes
    )
    assert len(server.requests) == asked
