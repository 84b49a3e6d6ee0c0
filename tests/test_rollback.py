"""Rollback: real histories at real remotes, with everything between then and now that makes going back hard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import holds
from gitopsmith.finding import Failure
from gitopsmith.landing import Upstream, mark
from gitopsmith.proposal import ask, message, send
from gitopsmith.rollback import Asked, Permissions, Plan, Wish, ladder, plan, remake, text
from gitopsmith.states import Reader
from repository import URL, WEB, application_of, write

pytestmark = pytest.mark.slow
UPSTREAM = Upstream("origin", "main")
SETTINGS = f"""\
repository: {{urls: ["{URL}"]}}
environments:
  - {{name: dev, paths: ["web/overlays/dev", "plain/dev", "values/dev.yaml", "apps/dev"]}}
  - {{name: prod, protected: true, paths: ["web/overlays/prod", "plain/prod", "values/prod.yaml", "apps/prod"]}}
"""
OVERLAY = """\
namespace: {name}
resources:
  - ../../base
images:
  - name: web
    newTag: "{tag}"
"""
DEV, PROD = (f"web/overlays/{name}/kustomization.yaml" for name in ("dev", "prod"))
BASE = {"web/base/kustomization.yaml": "resources: [web.yaml]\n", "web/base/web.yaml": WEB}
FLEET = {
    ".gitopsmith.yaml": SETTINGS,
    "apps/dev/web.yaml": application_of("web-dev", "web/overlays/dev"),
    "apps/prod/web.yaml": application_of("web-prod", "web/overlays/prod"),
    **BASE,
    DEV: OVERLAY.format(name="dev", tag="2.0"),
    PROD: OVERLAY.format(name="prod", tag="1.0"),
}
Files = Mapping[str, str | None]


class Fleet:
    """A clone whose commits are all at its remote."""

    def __init__(self, folder: Path, files: Files = FLEET) -> None:
        self.remote, self.clone = folder / "remote.git", folder / "clone"
        folder.mkdir(exist_ok=True)
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self.clone.mkdir()
        git(self.clone, "init", "--quiet", "--initial-branch=main")
        git(self.clone, "remote", "add", "origin", str(self.remote))
        self.first = self.commit("First", files)

    def commit(self, message: str, files: Files) -> str:
        git(self.clone, "fetch", "--quiet", "origin")
        if git(self.clone, "branch", "--remotes"):
            git(self.clone, "reset", "--quiet", "--hard", "origin/main")
        write(self.clone, {name: content for name, content in files.items() if content is not None})
        for name in (name for name, content in files.items() if content is None):
            (self.clone / name).unlink()
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", f"--message={message}")
        git(self.clone, "push", "--quiet", "origin", "main")
        return self.tip

    def release(self, tag: str, name: str = "prod") -> str:
        path = f"web/overlays/{name}/kustomization.yaml"
        return self.commit(f"Release {tag}", {path: OVERLAY.format(name=name, tag=tag)})

    def merge(self, made: Plan, how: str = "--no-ff", message: str = "Merged") -> str:
        """Has a rollback merged as a pull request is: by a commit that joins the branches, or a squashed one."""
        assert made.chosen is not None
        assert made.chosen.proposal is not None
        asked = ask(self.clone, UPSTREAM, self.tip, made.chosen.proposal, "")
        git(self.clone, "fetch", "--quiet", "origin")
        git(self.clone, "reset", "--quiet", "--hard", "origin/main")
        git(self.clone, "merge", "--quiet", how, f"--message={message}", asked.commit)
        if how == "--squash":
            git(self.clone, "commit", "--quiet", f"--message={message}")
        git(self.clone, "push", "--quiet", "origin", "main")
        return asked.commit

    @property
    def tip(self) -> str:
        return git(self.remote, "rev-parse", "main").strip()

    def reader(self) -> Reader:
        return Reader(self.clone, "main")

    def plan(self, wish: Wish = Wish(), way: str = "", app: str = "web", **permissions: bool) -> Plan:  # noqa: B008
        git(self.clone, "fetch", "--quiet", "origin")
        asked = Asked(app, "prod", wish, way, Permissions(**permissions))
        return plan(self.reader(), UPSTREAM, self.tip, asked)

    def send(self, made: Plan) -> str:
        return send(self.clone, UPSTREAM, partial(remake, made, Asked("web", "prod"))).commit

    def roll_back(self, wish: Wish = Wish(), way: str = "", app: str = "web", **permissions: bool) -> Plan:  # noqa: B008
        made = self.plan(wish, way, app, **permissions)
        assert self.send(made)
        return made

    def applied(self, commit: str, name: str = "prod", app: str = "web") -> tuple[str, ...]:
        state = self.reader().state(commit, app, name)
        assert not state.failure
        return state.texts

    def touched(self, commit: str = "main") -> set[str]:
        return _plainly(git(self.remote, "diff-tree", "-r", "--name-only", "--no-commit-id", commit).split())

    def held(self) -> set[str]:
        """Returns the images that are on hold."""
        return {hold.image for hold in holds.read(holds.texts(self.clone, self.tip)).values()}


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet")


HOLDS = ".gitopsmith/holds/"
"""Stands in for the one file there that a rollback puts."""


def _plainly(paths: Iterable[str]) -> set[str]:
    return {f"{path.partition(HOLDS)[0]}{HOLDS}" if HOLDS in path else path for path in paths}


def test_environment_is_what_it_was_and_the_other_keeps_what_the_same_commit_brought(fleet: Fleet) -> None:
    both = {DEV: OVERLAY.format(name="dev", tag="1.1"), PROD: OVERLAY.format(name="prod", tag="1.1")}
    bad = fleet.commit("Release 1.1 everywhere", both)
    fleet.release("3.0", "dev")
    dev = fleet.applied(fleet.tip, "dev")
    made = fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.applied(fleet.tip, "dev") == dev
    assert fleet.touched() == {PROD, HOLDS}
    subject, *_ = git(fleet.remote, "log", "-1", "--format=%B", "main").splitlines()
    trailers = git(fleet.remote, "log", "-1", "--format=%(trailers:only)", "main").splitlines()
    assert subject == "rollback(prod/web): 1.1 -> 1.0"
    assert trailers[:4] == [f"Rollback-Of: {bad}", f"Restores: {fleet.first}", "App: web", "Environment: prod"]
    assert "it is the one before" in text(made)


def test_two_releases_since_go_back_as_far_as_asked(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    fleet.release("1.2")
    fleet.release("1.3")
    fleet.roll_back(Wish(steps=2))
    assert fleet.applied(fleet.tip) == fleet.applied(good)
    assert fleet.held() == {"web:1.3"}


def test_named_commit_is_the_target(fleet: Fleet) -> None:
    fleet.release("1.1")
    fleet.release("1.2")
    fleet.roll_back(Wish(to=fleet.first[:10]))
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)


def test_state_before_that_was_seen_to_run_is_said_to_be_one(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    unrelated = fleet.release("3.0", "dev")
    fleet.release("1.2")
    mark(fleet.clone, "origin", "web", "prod", unrelated)
    made = fleet.plan()
    assert made.target.then is not None
    assert made.target.then.commit == good
    assert "it is the last one that was seen to run" in text(made)


def test_state_that_was_seen_to_run_long_ago_is_named_beside_the_one_before(fleet: Fleet) -> None:
    ran = fleet.release("1.1")
    good = fleet.release("1.2")
    fleet.release("1.3")
    mark(fleet.clone, "origin", "web", "prod", ran)
    made = fleet.plan()
    assert made.target.then is not None
    assert made.target.then.commit == good
    assert [change.subject for change in made.target.seen] == ["Release 1.3", "Release 1.2"]
    assert f"it is the one before; the last one that was seen to run is {ran[:9]} (Release 1.1)" in text(made)
    assert f"--to {ran[:9]}" in text(made)


def test_second_rollback_says_that_the_first_was_made_and_does_nothing(fleet: Fleet) -> None:
    fleet.release("1.1")
    fleet.roll_back()
    made = fleet.plan()
    assert made.chosen is None
    assert "it is rolled back already" in made.target.reason


def test_state_that_was_rolled_back_is_not_gone_back_to(fleet: Fleet) -> None:
    bad = fleet.release("1.1")
    fleet.roll_back()
    fleet.release("1.2")
    made = fleet.plan()
    assert made.target.then is not None
    assert made.target.then.commit != bad
    assert "web:1.0" in made.target.then.state.images.values()


def test_rollback_that_was_merged_is_one(fleet: Fleet) -> None:
    fleet.release("1.1")
    fleet.release("1.2")
    fleet.merge(fleet.plan())
    assert "it is rolled back already" in fleet.plan().target.reason
    assert "web:1.0" in fleet.roll_back(Wish(steps=1)).sides.then.images.values()  # type: ignore[union-attr]
    assert {one.rpartition(":")[2] for one in fleet.held()} == {"1.1", "1.2"}


@pytest.mark.parametrize("kept", ["all", "subject"])
def test_rollback_that_was_squashed_is_one(fleet: Fleet, kept: str) -> None:
    fleet.release("1.1")
    fleet.release("1.2")
    made = fleet.plan()
    assert made.chosen is not None
    assert made.chosen.proposal is not None
    written = message(made.chosen.proposal)
    body = f"* {written}\n* Another\n\nCo-authored-by: A <a@example.com>\n"
    fleet.merge(made, "--squash", body if kept == "all" else written.splitlines()[0] + " (#7)")
    assert "it is rolled back already" in fleet.plan().target.reason
    then = fleet.plan(Wish(steps=1)).target.then
    assert then is not None
    assert then.commit == fleet.first


def test_release_that_a_merge_brought_with_a_rollback_goes_back_behind_what_was_bad(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    fleet.release("1.2")
    made = fleet.plan()
    git(fleet.clone, "checkout", "--quiet", "-b", "train", fleet.tip)
    assert made.chosen is not None
    assert made.chosen.proposal is not None
    git(
        fleet.clone,
        "merge",
        "--quiet",
        "--ff-only",
        ask(fleet.clone, UPSTREAM, fleet.tip, made.chosen.proposal, "").commit,
    )
    write(fleet.clone, {PROD: OVERLAY.format(name="prod", tag="1.3")})
    git(fleet.clone, "commit", "--quiet", "--all", "--message=Release 1.3")
    git(fleet.clone, "checkout", "--quiet", "main")
    git(fleet.clone, "merge", "--quiet", "--no-ff", "--message=Train", "train")
    git(fleet.clone, "push", "--quiet", "origin", "main")
    then = fleet.plan().target.then
    assert then is not None
    assert then.commit == good


def test_steps_count_no_state_that_was_rolled_back(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    fleet.release("1.2")
    bad = fleet.release("1.3")
    fleet.roll_back(Wish(steps=2))
    assert git(fleet.remote, "log", "-1", "--format=%(trailers:key=Restores,valueonly)", "main").strip() == good
    then = fleet.plan(Wish(steps=1)).target.then
    assert then is not None
    assert then.commit == fleet.first
    assert {one.flag for one in fleet.plan(Wish(to=bad)).cautions if "web:1.3 is on hold" in one.text} == {"--anyway"}
    with pytest.raises(Failure, match="has 1 state before the one of now that was not rolled back, not 2"):
        fleet.plan(Wish(steps=2))


def test_base_that_changed_is_carried_and_only_this_environment_changes(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    fleet.commit("Base", {"web/base/web.yaml": WEB.replace("image: web", "image: web\n          args: [--new]")})
    fleet.release("1.2")
    dev = fleet.applied(fleet.tip, "dev")
    made = fleet.roll_back(Wish(to=good))
    assert made.chosen is not None
    assert made.chosen.name == "base"
    assert fleet.applied(fleet.tip) == fleet.applied(good)
    assert fleet.applied(fleet.tip, "dev") == dev
    folder = "web/overlays/prod/rolled-back/web/base"
    assert fleet.touched() == {PROD, HOLDS, f"{folder}/kustomization.yaml", f"{folder}/web.yaml"}
    assert "not exact: it would change web-dev in dev, too" in text(made)


def test_carried_base_is_gone_after_going_forward_again(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    fleet.commit("Base", {"web/base/web.yaml": WEB.replace("image: web", "image: web\n          args: [--new]")})
    new = fleet.release("1.2")
    fleet.roll_back(Wish(to=good))
    made = fleet.roll_back(Wish(to=new))
    assert made.chosen is not None
    assert made.chosen.name == "exact"
    assert fleet.applied(fleet.tip) == fleet.applied(new)
    assert not [name for name in git(fleet.remote, "ls-tree", "-r", "--name-only", "main").split() if "rolled" in name]
    assert "web:1.2" not in fleet.held()


def test_image_alone_goes_back_where_that_is_asked_for(fleet: Fleet) -> None:
    more = OVERLAY.format(name="prod", tag="1.1") + "replicas: [{name: web, count: 3}]\n"
    fleet.commit("More", {PROD: more})
    made = fleet.roll_back(way="image")
    assert git(fleet.remote, "show", f"main:{PROD}") == more.replace("1.1", "1.0")
    assert "not as it was then: Deployment prod/web" in text(made)


def test_overlay_of_two_applications_goes_back_only_when_both_may(tmp_path: Path) -> None:
    canary = {"apps/prod/canary.yaml": application_of("canary", "web/overlays/prod")}
    fleet = Fleet(tmp_path / "fleet", {**FLEET, **canary})
    fleet.release("1.1")
    with pytest.raises(Failure, match=r"it would change canary in prod, too.*--include-shared"):
        fleet.plan(app="web-prod")
    made = fleet.plan(app="web-prod", shared=True)
    assert "changes, too: canary in prod" in text(made)


def test_generated_configuration_goes_back_with_its_hash(tmp_path: Path) -> None:
    using = WEB + "          envFrom: [{configMapRef: {name: settings}}]\n"
    overlay = OVERLAY + "configMapGenerator:\n  - name: settings\n    envs: [config.env]\n"
    config = "web/overlays/prod/config.env"
    files = {**FLEET, "web/base/web.yaml": using, PROD: overlay.format(name="prod", tag="1.0"), config: "LEVEL=1\n"}
    fleet = Fleet(tmp_path / "fleet", files)
    fleet.commit("Configuration", {config: "LEVEL=2\n"})
    made = fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {config}
    assert "ConfigMap" in text(made)


def test_tag_that_moves_is_told_to_bring_nothing_back(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path / "fleet", {**FLEET, PROD: OVERLAY.format(name="prod", tag="latest")})
    fleet.commit("More", {PROD: OVERLAY.format(name="prod", tag="latest") + "commonAnnotations: {a: b}\n"})
    asked = [caution for caution in fleet.plan().cautions if caution.flag]
    assert "web:latest is named the same then and now" in asked[0].text


def test_overlay_that_was_renamed_goes_back_where_it_is_now(fleet: Fleet) -> None:
    good = fleet.release("1.1")
    settings = SETTINGS.replace("overlays/prod", "overlays/live")
    moved = application_of("web-prod", "web/overlays/live")
    live = "web/overlays/live/kustomization.yaml"
    there = {PROD: None, live: OVERLAY.format(name="prod", tag="1.1")}
    fleet.commit("Renamed", {"apps/prod/web.yaml": moved, ".gitopsmith.yaml": settings, **there})
    fleet.commit("Release 1.2", {live: OVERLAY.format(name="prod", tag="1.2")})
    fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(good)
    assert fleet.touched() == {live, HOLDS}


def test_application_that_says_images_itself_is_asked_about(fleet: Fleet) -> None:
    override = application_of("web-prod", "web/overlays/prod", "kustomize: {images: ['web:6.6']}")
    fleet.commit("Override", {"apps/prod/web.yaml": override})
    with pytest.raises(Failure, match="no way back"):
        fleet.plan()
    made = fleet.roll_back(application=True)
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {"apps/prod/web.yaml", HOLDS}
    assert "web:6.6" in text(made)


MIGRATION = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {{gitops/migration: "true"}}
spec:
  template:
    spec: {{restartPolicy: Never, containers: [{{name: migrate, image: "migrate:{tag}"}}]}}
"""


def test_migration_since_wants_the_schema_checked(fleet: Fleet) -> None:
    overlay = OVERLAY.format(name="prod", tag="1.1").replace("../../base", "../../base\n  - migrate.yaml")
    fleet.commit("Schema", {PROD: overlay, "web/overlays/prod/migrate.yaml": MIGRATION.format(tag="1.1")})
    fleet.commit("Release 1.2", {PROD: overlay.replace("1.1", "1.2")})
    flags = {caution.flag for caution in fleet.plan(Wish(to=fleet.first)).cautions}
    assert "--i-checked-the-schema" in flags
    fleet.commit("Without", {PROD: OVERLAY.format(name="prod", tag="1.3")})
    flags = {caution.flag for caution in fleet.plan(Wish(to=fleet.first)).cautions}
    assert "--i-checked-the-schema" in flags
    fleet.commit("Release 1.4", {PROD: overlay.replace("1.1", "1.4")})
    fleet.commit("Release 1.5", {PROD: overlay.replace("1.1", "1.5")})
    assert "--i-checked-the-schema" not in {caution.flag for caution in fleet.plan().cautions}


PROJECT = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {{name: team, namespace: argocd}}
spec:
  sourceRepos: ["*"]
  destinations: [{{name: "*", namespace: "*"}}]
  syncWindows:
    - {{kind: {kind}, schedule: "* * * * *", duration: 1h, applications: ["{name}"], manualSync: true}}
"""


@pytest.mark.parametrize(("kind", "name", "denies"), [("deny", "web-*", True), ("deny", "shop", False),
                                                      ("allow", "web-*", False)])  # fmt: skip
def test_window_that_keeps_syncs_out_is_asked_about(tmp_path: Path, kind: str, name: str, denies: bool) -> None:
    fleet = Fleet(tmp_path / "fleet", {**FLEET, "apps/project.yaml": PROJECT.format(kind=kind, name=name)})
    fleet.release("1.1")
    told = [caution.text for caution in fleet.plan().cautions if caution.flag]
    assert [("keeps syncs out now" in one and "argocd app sync web-prod" in one) for one in told] == [True] * denies


def test_one_state_is_said_to_be_all_there_is(fleet: Fleet) -> None:
    with pytest.raises(Failure, match=r"no other state to go back to; its history begins with .* fix it forward"):
        fleet.plan()


def test_application_that_was_not_there_is_said(fleet: Fleet) -> None:
    fleet.commit("Another", {"apps/prod/late.yaml": application_of("late", "web/overlays/prod")})
    with pytest.raises(Failure, match="no application 'late' in prod"):
        fleet.plan(Wish(to=fleet.first), app="late")


def test_commit_that_is_not_on_the_branch_is_refused(fleet: Fleet) -> None:
    fleet.release("1.1")
    with pytest.raises(Failure, match="'nowhere' is no commit of main at origin"):
        fleet.plan(Wish(to="nowhere"))


def test_shallow_clone_gets_its_history_when_it_needs_it(fleet: Fleet, tmp_path: Path) -> None:
    fleet.release("1.1")
    fleet.release("3.0", "dev")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", fleet.remote.as_uri(), str(shallow))
    made = plan(Reader(shallow, "main"), UPSTREAM, fleet.tip, Asked("web", "prod"))
    assert made.target.then is not None
    assert made.target.then.commit == fleet.first


SEALED = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {{name: db}}
spec: {{encryptedData: {{A: {0}}}}}
"""


def test_secrets_stay_as_they_are_unless_they_may_go_back(tmp_path: Path) -> None:
    overlay = OVERLAY.replace("../../base", "../../base\n  - db.yaml")
    path = "web/overlays/prod/db.yaml"
    start = {**FLEET, PROD: overlay.format(name="prod", tag="1.0"), path: SEALED.format("old")}
    fleet = Fleet(tmp_path / "fleet", start)
    fleet.commit("Both", {PROD: overlay.format(name="prod", tag="1.1"), path: SEALED.format("new")})
    with_secrets = fleet.plan(secrets=True)
    made = fleet.roll_back()
    assert fleet.touched() == {PROD, HOLDS}
    assert f"left as it is, since secrets are in it: {path}" in text(made)
    assert with_secrets.chosen is not None
    assert with_secrets.chosen.proposal is not None
    assert path in with_secrets.chosen.proposal.files


def test_secret_that_is_gone_stays_so_unless_it_may_go_back(tmp_path: Path) -> None:
    overlay = OVERLAY.replace("../../base", "../../base\n  - db.yaml")
    path = "web/overlays/prod/db.yaml"
    start = {**FLEET, PROD: overlay.format(name="prod", tag="1.0"), path: SEALED.format("old")}
    fleet = Fleet(tmp_path / "fleet", start)
    fleet.commit("Without", {PROD: OVERLAY.format(name="prod", tag="1.1"), path: None})
    made = fleet.plan()
    assert made.chosen is not None
    assert made.chosen.name == "image"
    assert "not exact: " in text(made)
    with pytest.raises(Failure, match=f"no way back .*--include-secrets restores .*{path}"):
        fleet.plan(way="exact")
    fleet.roll_back(secrets=True)
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)


def test_carried_base_keeps_the_secret_of_now(tmp_path: Path) -> None:
    base = {"web/base/kustomization.yaml": "resources: [web.yaml, db.yaml]\n", "web/base/db.yaml": SEALED.format("old")}
    fleet = Fleet(tmp_path / "fleet", {**FLEET, **base})
    args = WEB.replace("image: web", "image: web\n          args: [--new]")
    fleet.commit("Base", {"web/base/web.yaml": args, "web/base/db.yaml": SEALED.format("new")})
    made = fleet.roll_back()
    assert made.chosen is not None
    assert made.chosen.name == "base"
    carried = "main:web/overlays/prod/rolled-back/web/base"
    assert git(fleet.remote, "show", f"{carried}/db.yaml") == SEALED.format("new")
    assert "args" not in git(fleet.remote, "show", f"{carried}/web.yaml")
    assert not [one for one in fleet.applied(fleet.tip) if "{A: old}" in one or "A: old" in one]


def test_secret_in_a_kustomization_stays_as_it_is(tmp_path: Path) -> None:
    overlay = OVERLAY + "secretGenerator: [{{name: db, literals: [A={secret}]}}]\n"
    start = {**FLEET, PROD: overlay.format(name="prod", tag="1.0", secret="old")}
    fleet = Fleet(tmp_path / "fleet", start)
    fleet.commit("Both", {PROD: overlay.format(name="prod", tag="1.1", secret="new")})
    made = fleet.roll_back()
    assert made.chosen is not None
    assert made.chosen.name == "image"
    assert git(fleet.remote, "show", f"main:{PROD}") == overlay.format(name="prod", tag="1.0", secret="new")


def test_secret_alone_is_told_to_be_all_that_differs(tmp_path: Path) -> None:
    overlay = OVERLAY.format(name="prod", tag="1.0").replace("../../base", "../../base\n  - db.yaml")
    path = "web/overlays/prod/db.yaml"
    fleet = Fleet(tmp_path / "fleet", {**FLEET, PROD: overlay, path: SEALED.format("old")})
    fleet.commit("Rotated", {path: SEALED.format("new")})
    with pytest.raises(Failure, match=r"only secrets differ from .*\(First\); --include-secrets restores") as failed:
        fleet.plan()
    assert failed.value.status == 1
    fleet.roll_back(secrets=True)
    assert fleet.touched() == {path}


def test_way_that_leaves_it_broken_is_none(tmp_path: Path) -> None:
    overlay = OVERLAY.replace("../../base", "../../base\n  - db.yaml")
    path = "web/overlays/prod/db.yaml"
    start = {**FLEET, PROD: overlay.format(name="prod", tag="1.0"), path: SEALED.format("old")}
    fleet = Fleet(tmp_path / "fleet", start)
    fleet.commit("Broken", {PROD: overlay.format(name="prod", tag="1.1"), path: "kind: [\n"})
    for way in ("", "image"):
        with pytest.raises(Failure, match=r"no way back .*cannot be rendered"):
            fleet.plan(way=way)
    with pytest.raises(Failure, match=f"--include-secrets restores .*{path}"):
        fleet.plan()
    fleet.roll_back(secrets=True)
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)


def test_way_whose_files_the_application_overrides_is_none(fleet: Fleet) -> None:
    override = application_of("web-prod", "web/overlays/prod", "kustomize: {images: ['web:6.6']}")
    bad = {PROD: OVERLAY.format(name="prod", tag="1.1"), "apps/prod/web.yaml": override}
    fleet.commit("Override", bad)
    with pytest.raises(
        Failure, match=r"files: it would change nothing that is applied.*--include-application restores"
    ):
        fleet.plan()
    fleet.roll_back(application=True)
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)


def test_many_files_go_back_together(tmp_path: Path) -> None:
    maps = {f"web/overlays/prod/m{n}.yaml": f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m{n}}}}}\n"
            for n in range(30)}  # fmt: skip
    listed = "".join(f"\n  - {path.rpartition('/')[2]}" for path in maps)
    overlay = OVERLAY.format(name="prod", tag="1.0").replace("../../base", f"../../base{listed}")
    fleet = Fleet(tmp_path / "fleet", {**FLEET, PROD: overlay, **maps})
    fleet.commit("Bad", {path: text.replace("}}", "}, data: {a: b}}") for path, text in maps.items()})
    fleet.roll_back(way="files")
    assert fleet.touched() == {*maps}


def test_files_that_others_read_stay_and_their_neighbours_go_back(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {"web/base/web.yaml": WEB.replace("image: web", "image: web\n          args: [--new]")}
    own = {f"web/extra/m{n}.yaml": f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m{n}}}}}\n" for n in range(3)}
    extra = {"web/extra/kustomization.yaml": "resources: [m0.yaml, m1.yaml, m2.yaml]\n"}
    overlay = OVERLAY.format(name="prod", tag="1.0").replace("../../base", "../../base\n  - ../../extra")
    fleet.commit("Extra", {PROD: overlay, **extra, **own})
    bad = {path: text.replace("}}", "}, data: {a: b}}") for path, text in own.items()}
    fleet.commit("Bad", {PROD: overlay.replace("1.0", "1.1"), **shared, **bad})
    made = fleet.plan(way="files")
    assert made.chosen is not None
    assert made.chosen.proposal is not None
    assert _plainly(made.chosen.proposal.files) == {PROD, HOLDS, *own}
    monkeypatch.setattr(ladder, "MOST_LOOKS", 2)
    few = fleet.plan(way="files")
    assert few.chosen is not None
    assert few.chosen.proposal is not None
    assert _plainly(few.chosen.proposal.files) == {PROD, HOLDS}
    assert "web/base/web.yaml" in " ".join(few.notes)


def test_plain_directory_goes_back(tmp_path: Path) -> None:
    files = {
        ".gitopsmith.yaml": SETTINGS,
        "apps/dev/web.yaml": application_of("web-dev", "plain/dev"),
        "apps/prod/web.yaml": application_of("web-prod", "plain/prod"),
        "plain/dev/web.yaml": WEB,
        "plain/prod/web.yaml": WEB.replace("image: web", "image: web:1.0"),
        "plain/prod/notes.md": "old\n",
    }
    fleet = Fleet(tmp_path / "fleet", files)
    extra = {"plain/prod/more.yaml": WEB.replace("name: web", "name: more"), "plain/prod/notes.md": "new\n"}
    fleet.commit("Release", {"plain/prod/web.yaml": WEB.replace("image: web", "image: web:1.1"), **extra})
    fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {"plain/prod/web.yaml", "plain/prod/more.yaml", HOLDS}


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/templates/web.yaml": WEB.replace("image: web", "image: web:{{ .Values.tag }}"),
}


def test_chart_goes_back_by_its_values(tmp_path: Path, helm: str) -> None:
    files = {".gitopsmith.yaml": SETTINGS, **CHART}
    for name in ("dev", "prod"):
        values = f"helm: {{valueFiles: [/values/{name}.yaml]}}"
        files |= {f"apps/{name}/web.yaml": application_of(f"web-{name}", "chart", values)}
        files |= {f"values/{name}.yaml": 'tag: "1.0"\n'}
    fleet = Fleet(tmp_path / "fleet", files)
    fleet.commit("Release", {"values/prod.yaml": 'tag: "1.1"\n'})
    fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {"values/prod.yaml", HOLDS}
    template = CHART["chart/templates/web.yaml"].replace("app: web", "app: site")
    fleet.commit("Both", {"values/prod.yaml": 'tag: "1.2"\n', "chart/templates/web.yaml": template})
    made = fleet.roll_back()
    assert made.chosen is not None
    assert made.chosen.name == "files"
    assert fleet.touched() == {"values/prod.yaml", HOLDS}


def test_image_of_a_patch_goes_back(tmp_path: Path) -> None:
    patch = "- {op: replace, path: /spec/template/spec/containers/0/image, value: 'web:%s'}\n"
    overlay = "resources: [../../base]\npatches: [{path: tag.yaml, target: {kind: Deployment}}]\n"
    tag = "web/overlays/prod/tag.yaml"
    fleet = Fleet(tmp_path / "fleet", {**FLEET, PROD: overlay, tag: patch % "1.0"})
    fleet.commit("Release", {tag: patch % "1.1"})
    fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {tag, HOLDS}


def test_image_goes_back_where_nothing_can_be_rendered(tmp_path: Path) -> None:
    overlay = OVERLAY.replace("../../base", "https://git.example.com/gone/base.git?ref=v1")
    fleet = Fleet(tmp_path / "fleet", {**FLEET, PROD: overlay.format(name="prod", tag="1.0")})
    fleet.commit("Release", {PROD: overlay.format(name="prod", tag="1.1")})
    made = fleet.roll_back()
    assert made.chosen is not None
    assert made.chosen.name == "image"
    assert git(fleet.remote, "show", f"main:{PROD}") == overlay.format(name="prod", tag="1.0")


def test_release_that_cannot_be_rendered_goes_back_too(fleet: Fleet) -> None:
    fleet.commit("Broken", {PROD: "resources: [../../nowhere]\n", f"{HOLDS}x.yaml": "image: 1\n"})
    made = fleet.roll_back()
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    assert fleet.touched() == {PROD}
    assert "nothing is put on hold" in text(made)


def test_somebody_who_was_faster_with_the_same_leaves_nothing_to_do(fleet: Fleet) -> None:
    fleet.release("1.1")
    made = fleet.plan()
    fleet.release("1.0")
    assert fleet.send(made) == ""


def test_other_change_meanwhile_is_kept_and_one_of_this_environment_is_looked_at_again(fleet: Fleet) -> None:
    fleet.release("1.1")
    made = fleet.plan()
    fleet.release("3.0", "dev")
    assert fleet.send(made)
    assert "web:3.0" in fleet.applied(fleet.tip, "dev")[0]
    assert fleet.applied(fleet.tip) == fleet.applied(fleet.first)
    fleet.release("1.2")
    made = fleet.plan()
    fleet.release("1.3")
    with pytest.raises(Failure, match=r"web in prod was changed by somebody else meanwhile .*Release 1.3"):
        fleet.send(made)


def test_rollback_that_nothing_can_have_changed_is_not_rendered_again(fleet: Fleet) -> None:
    fleet.release("1.1")
    made = fleet.plan()
    assert made.chosen is not None
    fleet.commit("Notes", {"notes.md": "Somebody else's.\n"})
    fleet.release("3.0", "dev")
    assert remake(made, Asked("web", "prod"), fleet.tip) is made.chosen.proposal
    fleet.commit("Another", {"apps/prod/other.yaml": application_of("other", "web/overlays/prod")})
    with pytest.raises(Failure, match="it would change other"):
        remake(made, Asked("web", "prod"), fleet.tip)


def test_renovate_is_told_to_leave_out_what_was_bad(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path / "fleet", {**FLEET, "renovate.json": '{\n  "packageRules": []\n}\n'})
    fleet.release("1.1")
    fleet.roll_back()
    assert fleet.touched() == {PROD, HOLDS, "renovate.json"}
    assert "1\\\\.1" in git(fleet.remote, "show", "main:renovate.json")


def test_two_requests_to_roll_back_merge_in_any_order_and_the_next_push_tells_renovate(tmp_path: Path) -> None:
    two = {
        "apps/prod/shop.yaml": application_of("shop-prod", "plain/prod"),
        "plain/prod/kustomization.yaml": (
            "resources: [shop.yaml]\nimages: [{name: web, newTag: '3.0'}, {name: db, newTag: '7'}]\n"
        ),
        "plain/prod/shop.yaml": WEB.replace("name: web", "name: shop") + "        - {name: db, image: db}\n",
        "renovate.json": '{\n  "packageRules": []\n}\n',
    }
    fleet = Fleet(tmp_path / "fleet", {**FLEET, **two})
    fleet.release("1.1")
    listed = two["plain/prod/kustomization.yaml"].replace("3.0", "3.1").replace("'7'", "'8'")
    fleet.commit("Release shop", {"plain/prod/kustomization.yaml": listed})
    branches = []
    for app in ("web", "shop"):
        made = fleet.plan(app=app)
        assert made.chosen is not None
        assert made.chosen.proposal is not None
        asked = ask(fleet.clone, UPSTREAM, fleet.tip, made.chosen.proposal, "")
        assert "renovate.json stays as it is, so that no two requests conflict there" in asked.notes[0]
        branches.append(asked.commit)
    before = fleet.tip
    for order in (branches, branches[::-1]):
        git(fleet.clone, "reset", "--quiet", "--hard", before)
        for commit in order:
            git(fleet.clone, "merge", "--quiet", "--no-edit", commit)
        assert "renovate.json" not in git(fleet.clone, "diff", "--name-only", before)
    git(fleet.clone, "push", "--quiet", "origin", "HEAD:main")
    assert fleet.held() == {"web:1.1", "web:3.1", "db:8"}
    fleet.release("1.2")
    fleet.roll_back(Wish(to=before))
    told = git(fleet.remote, "show", "main:renovate.json")
    assert told.count("gitopsmith holds") == len(fleet.held())


def test_repository_below_the_top_of_its_work_tree_goes_back(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path / "fleet", {f"ops/{name}": content for name, content in FLEET.items()})
    fleet.commit("Release", {f"ops/{PROD}": OVERLAY.format(name="prod", tag="1.1")})
    made = plan(Reader(fleet.clone / "ops", "main"), UPSTREAM, fleet.tip, Asked("web", "prod"))
    assert made.chosen is not None
    assert made.chosen.proposal is not None
    assert _plainly(made.chosen.proposal.files) == {f"ops/{PROD}", f"ops/{HOLDS}"}
