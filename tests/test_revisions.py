"""What an Application deploys is the revision that it asks for, and the work tree only where that is meant."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

import pytest

from checkout import git
from gitopsmith import git as asked
from gitopsmith.applied import deliveries
from gitopsmith.applied.opening import look_around
from gitopsmith.diff import Difference, diff
from gitopsmith.diff import Options as DiffOptions
from gitopsmith.finding import Finding, Report
from gitopsmith.lint import Options, lint
from gitopsmith.revisions import Checkout, Revisions
from gitopsmith.tree import open_tree
from repository import URL, WEB, application_of, initialise, write

LATEST = {"web/kustomization.yaml": "resources: [web.yaml]\n", "web/web.yaml": WEB}
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: web}\n"


def _commit(root: Path, *tags: str) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=x")
    for tag in tags:
        git(root, "tag", tag)
    return git(root, "rev-parse", "HEAD").strip()


def _app(name: str, path: str, revision: str) -> str:
    return application_of(name, path).replace("targetRevision: main", f'targetRevision: "{revision}"')


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository with v1.0.0, where ``old`` is, and a present in which it is not."""
    root = tmp_path / "fleet"
    root.mkdir()
    initialise(root)
    write(root, {"old/kustomization.yaml": "resources: [a.yaml]\n", "old/a.yaml": CONFIG})
    _commit(root, "v1.0.0")
    git(root, "rm", "--quiet", "-r", "old")
    write(root, LATEST | {"apps/main.yaml": application_of("web", "web")})
    _commit(root)
    return root


@pytest.fixture(autouse=True)
def _kustomize(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")


def _revisions(root: Path, asked: dict[str, int] | None = None) -> Revisions:
    return Revisions(open_tree(root), Checkout(root), asked or {})


def _lint(root: Path) -> Report:
    return lint(Options(paths=(root,)))


def _of(report: Report, path: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.location.path == path]


def test_a_path_is_looked_for_in_the_tag(fleet: Path) -> None:
    write(fleet, {"apps/old.yaml": _app("old", "old", "v1.0.0"), "apps/new.yaml": _app("new", "web", "v1.0.0")})
    report = _lint(fleet)
    assert _of(report, "apps/old.yaml") == []
    (found,) = _of(report, "apps/new.yaml")
    assert (found.rule, found.location.line, str(found.severity)) == ("application-path-missing", 11, "error")
    assert "at v1.0.0" in found.message


def test_what_another_revision_holds_is_deployed_and_not_judged(fleet: Path) -> None:
    """The same object from two Applications is told where the revision is asked for; opinions are left out."""
    write(fleet, {"bad/web.yaml": WEB})
    commit = _commit(fleet, "v2.0.0")
    git(fleet, "rm", "--quiet", "-r", "bad")
    pinned = {"apps/bad.yaml": _app("zone-a", "bad", commit), "apps/tag.yaml": _app("zone-b", "bad", "v2.0.0")}
    everything = pinned | {"apps/main.yaml": application_of("web", "web")}
    write(fleet, {path: text.replace("in-cluster", "production") for path, text in everything.items()})
    report = _lint(fleet)
    assert report.summary.objects == 5, "three Applications, web, and what both pinned ones deploy, once"
    assert not [one for one in report.findings if one.location.path.startswith("bad/")]
    told = {(one.rule, one.location.path, one.location.line) for one in report.findings if "image" not in one.rule}
    assert told == {("object-deployed-twice", path, 10) for path in pinned}, "web's Deployment, at targetRevision"


def test_a_build_that_fails_in_another_revision_is_told_at_the_target_revision(fleet: Path) -> None:
    write(fleet, {"old/kustomization.yaml": "resources: [missing.yaml]\n"})
    _commit(fleet, "v1.1.0")
    git(fleet, "rm", "--quiet", "-r", "old")
    write(fleet, {"apps/old.yaml": _app("old", "old", "v1.1.0")})
    (found,) = _of(_lint(fleet), "apps/old.yaml")
    assert (found.rule, found.location.line) == ("kustomize-build", 10)
    assert "missing.yaml" in found.message
    assert "gitopsmith-" not in found.message, "no temporary folder is named"


def test_an_application_in_another_revision_is_followed(fleet: Path) -> None:
    """The root is pinned; what it renders is deployed, and cannot be mended there."""
    write(
        fleet,
        {"old/child.yaml": _app("child", "nowhere", "HEAD"), "old/kustomization.yaml": "resources: [child.yaml]\n"},
    )
    _commit(fleet, "v3.0.0")
    git(fleet, "rm", "--quiet", "-r", "old")
    write(fleet, {"apps/root.yaml": _app("root", "old", "v3.0.0")})
    report = _lint(fleet)
    assert report.summary.applications == 3
    assert not [finding for finding in report.findings if "old/" in finding.location.path]


def test_what_a_tag_holds_is_shown(fleet: Path) -> None:
    write(fleet, {"apps/old.yaml": _app("old", "old", "v1.0.0"), "apps/gone.yaml": _app("gone", "old", "main")})
    applied, _ = look_around((fleet,), timeout=60)
    shown = {one.application.name: one.manifests for one in deliveries(applied) if one.application is not None}
    assert [manifest.object.name for manifest in shown["old"]] == ["old"]
    assert shown["gone"] == ()


# --- what a change of revision brings


class Pinned(NamedTuple):
    """A clone in which an Application goes from v1.0.0 to v2.0.0, and the place of what it deploys."""

    root: Path
    base: str


@pytest.fixture
def pinned(fleet: Path) -> Pinned:
    """``old`` gets another colour in v2.0.0, and is gone from the branch that both sides are on."""
    write(fleet, {"old/kustomization.yaml": "resources: [a.yaml]\n", "old/a.yaml": f"{CONFIG}data: {{colour: blue}}\n"})
    _commit(fleet, "v2.0.0")
    git(fleet, "rm", "--quiet", "-r", "old")
    write(fleet, {"apps/old.yaml": _app("old", "old", "v1.0.0")})
    base = _commit(fleet)
    write(fleet, {"apps/old.yaml": _app("old", "old", "v2.0.0")})
    _commit(fleet)
    return Pinned(fleet, base)


def _changes(found: Difference) -> dict[str, list[tuple[str, str]]]:
    return {
        one.label: [(change.what, line) for change in one.changes for line in change.lines if line[0] in "+-"]
        for one in found.sections
        if one.is_application
    }


def _diff(root: Path, base: str, head: str = "", *, findings: bool = False) -> Difference:
    with contextlib.chdir(root):
        return diff(DiffOptions(base, head, findings))


def test_an_application_that_goes_on_to_another_tag_shows_what_that_brings(pinned: Pinned) -> None:
    before = git(pinned.root, "status", "--porcelain"), git(pinned.root, "worktree", "list")
    for head in ("", "HEAD"):
        found = _diff(pinned.root, pinned.base, head)
        assert _changes(found) == {"old": [("changed", "+data:"), ("changed", "+  colour: blue")]}
        assert [one.said for one in found.sections if one.said] == [("spec.source.targetRevision: v1.0.0 -> v2.0.0",)]
    assert (git(pinned.root, "status", "--porcelain"), git(pinned.root, "worktree", "list")) == before


def test_the_same_in_a_linked_work_tree_and_below_the_top(pinned: Pinned, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    git(pinned.root, "worktree", "add", "--quiet", "--detach", str(beside), "HEAD")
    assert _changes(_diff(beside, pinned.base)) == {"old": [("changed", "+data:"), ("changed", "+  colour: blue")]}


def test_a_configuration_below_the_top_has_its_own_part_of_both_tags(tmp_path: Path) -> None:
    top = tmp_path / "mono"
    deploy = top / "deploy"
    files = {".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n", "apps/main.yaml": application_of("web", "web")}
    write(deploy, files | LATEST | {"old/a.yaml": CONFIG, "apps/old.yaml": _app("old", "old", "v1.0.0")})
    initialise(top)
    _commit(top, "v1.0.0")
    write(deploy, {"old/a.yaml": f"{CONFIG}data: {{colour: red}}\n"})
    _commit(top, "v2.0.0")
    write(deploy, {"apps/old.yaml": _app("old", "old", "v2.0.0")})
    assert _changes(_diff(deploy, "HEAD")) == {"old": [("changed", "+data:"), ("changed", "+  colour: red")]}


def test_a_tag_that_stays_hides_what_the_branch_changes_below_it(pinned: Pinned) -> None:
    write(pinned.root, {"old/kustomization.yaml": "resources: [a.yaml]\n", "old/a.yaml": f"{CONFIG}data: {{a: b}}\n"})
    assert _changes(_diff(pinned.root, "HEAD")) == {}


def test_what_a_pinned_application_brings_is_compared_too(fleet: Path) -> None:
    """The root stays at a tag; its child follows the branch, and changes with it."""
    write(fleet, {"old/kustomization.yaml": "resources: [child.yaml]\n", "old/child.yaml": application_of("c", "web")})
    _commit(fleet, "v4.0.0")
    git(fleet, "rm", "--quiet", "-r", "old", "apps/main.yaml")
    write(fleet, {"apps/root.yaml": _app("root", "old", "v4.0.0")})
    _commit(fleet)
    write(fleet, {"web/web.yaml": WEB.replace("image: web", "image: web:2")})
    assert _changes(_diff(fleet, "HEAD")) == {
        "c": [("changed", "-      - image: web"), ("changed", "+      - image: web:2")]
    }


def test_a_tag_that_a_shallow_clone_lacks_takes_nothing_away(pinned: Pinned, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=2", "--no-tags", f"file://{pinned.root}", str(clone))
    git(clone, "remote", "set-url", "origin", URL)
    found = _diff(clone, "HEAD~1")
    assert _changes(found) == {"old": []}
    [section] = [one for one in found.sections if one.is_application]
    assert [said.partition(":")[0] for said in section.uncertain] == ["v1.0.0", "v2.0.0"]
    assert "git does not have here, and `git fetch --tags` may bring" in section.uncertain[0]


def test_one_tag_that_is_lacking_adds_nothing_that_may_have_been_there(pinned: Pinned) -> None:
    git(pinned.root, "tag", "--delete", "v1.0.0")
    found = _diff(pinned.root, pinned.base)
    assert _changes(found) == {"old": []}
    assert [len(one.uncertain) for one in found.sections if one.is_application] == [1]


def test_a_branch_that_is_compared_is_its_side(fleet: Path) -> None:
    """An Application that alone follows ``prod`` is at its newest commit, but not where that is what is compared."""
    write(fleet, {"apps/prod.yaml": _app("prod", "web", "prod")})
    base = _commit(fleet)
    git(fleet, "switch", "--quiet", "--create", "prod")
    write(fleet, {"web/web.yaml": WEB.replace("image: web", "image: web:2")})
    _commit(fleet)
    git(fleet, "switch", "--quiet", "main")
    changed = [("changed", "-      - image: web"), ("changed", "+      - image: web:2")]
    assert _changes(_diff(fleet, "main", "prod")) == {"prod": changed, "web": changed}
    assert _changes(_diff(fleet, base, "prod~0")) == {"web": changed}


def test_findings_of_both_sides_know_the_tags(pinned: Pinned) -> None:
    write(pinned.root, {"apps/old.yaml": _app("old", "nowhere", "v2.0.0")})
    found = _diff(pinned.root, "HEAD", findings=True)
    assert [(one.rule, one.location.path) for one in found.new or ()] == [("application-path-missing", "apps/old.yaml")]
    assert found.fixed == ()
    assert _changes(found) == {"old": []}


# --- what is not here


def test_a_revision_that_git_lacks_is_noted_once(fleet: Path) -> None:
    write(fleet, {f"apps/{name}.yaml": _app(name, "old", "v9.0.0") for name in "ab"})
    report = _lint(fleet)
    assert [note.count for note in report.notes if "v9.0.0" in note.message] == [2]
    assert not _of(report, "apps/a.yaml")


def test_branches_that_the_work_tree_is_for(fleet: Path) -> None:
    git(fleet, "branch", "stage", "v1.0.0")
    git(fleet, "branch", "prod", "v1.0.0")
    old = git(fleet, "rev-parse", "v1.0.0").strip()
    with _revisions(fleet, {"main": 3, "stage": 2, "prod": 1}) as revisions:
        for name in ("", "HEAD", "main", "stage", "no-such-branch"):
            assert revisions.find(name).tree is revisions.tree, name
        found = revisions.find("prod")
        assert found.commit == old
        assert found.tree is not None
        assert found.tree.kind("old/a.yaml") == "file"
        folder = found.tree.root
    assert not folder.exists(), "what was checked out is removed"


def test_a_branch_is_the_work_tree_where_nothing_tells_otherwise(fleet: Path) -> None:
    """As in CI, where HEAD is detached and only one Application is here."""
    git(fleet, "branch", "prod", "v1.0.0")
    git(fleet, "checkout", "--quiet", "--detach")
    with _revisions(fleet, {"prod": 1}) as revisions:
        assert revisions.find("prod").tree is revisions.tree


def test_commits_tags_and_versions_that_are_not_here(fleet: Path) -> None:
    with _revisions(fleet) as revisions:
        for name in ("1.x", "v2.*", "0" * 40, "abcdef1", "v1.2.3", ">=1.0.0"):
            assert revisions.find(name).tree is None, name
        assert revisions.find("v1.0.0") == revisions.find(git(fleet, "rev-parse", "v1.0.0").strip())


def test_looking_up_changes_nothing_in_the_checkout(fleet: Path) -> None:
    before = (git(fleet, "status", "--porcelain"), git(fleet, "worktree", "list"), (fleet / ".git/index").read_bytes())
    with _revisions(fleet) as revisions:
        assert revisions.find("v1.0.0").tree is not None
    after = (git(fleet, "status", "--porcelain"), git(fleet, "worktree", "list"), (fleet / ".git/index").read_bytes())
    assert before == after


def test_a_folder_below_the_top_has_its_own_part_of_a_revision(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    root.mkdir()
    write(initialise(root), {"part/a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    _commit(root, "v1.0.0")
    with _revisions(root / "part") as revisions:
        found = revisions.find("v1.0.0").tree
        assert found is not None
        assert found.files == ("a.yaml",)


def test_the_branch_is_known_unless_head_is_detached(fleet: Path) -> None:
    assert asked.branch(fleet) == "main"
    git(fleet, "checkout", "--quiet", "--detach")
    assert asked.branch(fleet) == ""
