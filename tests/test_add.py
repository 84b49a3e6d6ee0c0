"""What is added to a repository that people live in: the lines that must change do, and no others."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import checkout
from checkout import git
from gitopsmith import answers
from gitopsmith.answers import Answers, Application, Environment, Team
from gitopsmith.finding import Failure
from gitopsmith.generate import add, place, write
from gitopsmith.generate.add import Chart
from repository import run
from test_generate import ROWS, answers_of
from test_generator import DEFAULT, files

pytestmark = pytest.mark.slow

SHOP = "ghcr.io/acme/shop:1.4.2"
CERT_MANAGER = (
    *("platform", "cert-manager", "--chart", "cert-manager", "--version", "v1.19.1"),
    *("--repo", "https://charts.jetstack.io"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the default answers make."""
    folder = tmp_path_factory.mktemp("made")
    write(DEFAULT, folder)
    return folder


@pytest.fixture
def fleet(tmp_path: Path, made: Path) -> Path:
    """A committed repository, as it was made."""
    return checkout.commit(shutil.copytree(made, tmp_path / "fleet"))


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Edits a file as its owner does; what is replaced must be there."""
    content = (root / path).read_bytes().decode()
    assert old in content, path
    (root / path).write_bytes(content.replace(old, new).encode())


@pytest.fixture
def lived_in(fleet: Path) -> Path:
    """The same, after its owners wrote comments, changed the style, deployed versions and added rules of their own."""
    edit(
        fleet,
        "argocd/envs/dev/kustomization.yaml",
        "resources:\n  - projects/apps.yaml\n  - web.yaml\n",
        "resources: [projects/apps.yaml, web.yaml] # short\n",
    )
    was, now = "  - projects/apps.yaml\n  - web.yaml\n", "- projects/apps.yaml\n- web.yaml\n# the end\n"
    edit(fleet, "argocd/envs/staging/kustomization.yaml", was, now)
    edit(fleet, "argocd/envs/staging/kustomization.yaml", "\n", "\r\n")
    edit(fleet, "argocd/envs/prod/kustomization.yaml", "  - web.yaml\n", "  # the shop window\n\n  - './web.yaml'")
    edit(
        fleet,
        "argocd/envs/dev/projects/apps.yaml",
        "  destinations:\n    - server: https://kubernetes.default.svc\n      namespace: web-dev\n",
        '  destinations:\n    - {namespace: web-dev, server: "https://kubernetes.default.svc"} # web\n    # others\n',
    )
    edit(
        fleet, "argocd/envs/prod/projects/apps.yaml", "  roles:\n", "  # Ask the platform team for more.\n\n  roles:\n"
    )
    edit(fleet, ".gitopsmith.yaml", "# In promotion order.\n", "# In promotion order, and nobody skips one.\n")
    edit(fleet, ".gitopsmith.yaml", "  - name: prod\n", "\n  # Guarded.\n  - name: prod\n")
    edit(fleet, ".gitopsmith/answers.yaml", "applications:\n", "# What we run.\napplications:\n")
    edit(
        fleet,
        "README.md",
        "# fleet" if "# fleet" in (fleet / "README.md").read_text() else "# gitops",
        "# Fleet of Acme",
    )
    with (fleet / "CODEOWNERS").open("a") as owners:
        owners.write("\n/docs/ @acme/writers\n")
    edit(fleet, "clusters/in-cluster/kustomization.yaml", "  - dev.yaml\n", "  # Environments.\n  - dev.yaml\n")
    edit(
        fleet, "bootstrap/projects.yaml", "  sourceRepos:\n    - https", "  # Charts too.\n  sourceRepos:\n    - https"
    )
    edit(fleet, "apps/web/overlays/staging/kustomization.yaml", 'newTag: "6.15.0"', "newTag: 6.14.0 # held back")
    git(fleet, "add", "--all")
    git(fleet, "commit", "--quiet", "--message=Live in it")
    return fleet


def changed(root: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Returns which lines went and which came, in each file that git knows."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    path = ""
    for line in git(root, "diff", "--unified=0", "--no-prefix", "--no-renames").split("\n"):
        if line.startswith(("--- ", "+++ ", "@@", "index ", "\\")):
            continue
        if line.startswith("diff "):
            path = line.rpartition(" ")[2]
            found[path] = ([], [])
        elif line[:1] in {"-", "+"}:
            found[path][line[0] == "+"].append(line[1:])
    return found


def untracked(root: Path) -> list[str]:
    return git(root, "ls-files", "--others", "--exclude-standard").split()


def add_command(root: Path, *arguments: str) -> tuple[int, str, str]:
    done = run("add", *arguments, cwd=root)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def with_application(given: Answers, name: str = "shop", team: str = "apps") -> Answers:
    made = Application(name, team, image=SHOP, port=8080, path="")
    return replace(given, applications=(*given.applications, made))


@pytest.mark.parametrize("row", ROWS[::4], ids=lambda row: f"row{ROWS.index(row)}")
def test_adding_is_the_same_as_having_answered_so(tmp_path: Path, row: dict[str, object]) -> None:
    """In a repository that nobody edited, what was added cannot be told from what was made with it, in any byte."""
    given = answers_of(row)
    environments = (*given.environments[:1], Environment("qa", "west"), *given.environments[1:])
    then = with_application(replace(given, environments=environments), team=given.teams[0].name)
    for name, one in (("now", given), ("then", then)):
        (tmp_path / name).mkdir()
        write(one, tmp_path / name, b"" if row["vendored"] else None)
    now = tmp_path / "now"
    place.place(now, add.environment(now, "qa", cluster="west", after=given.environments[0].name).files)
    fields = {"image": SHOP}
    place.place(now, add.application(now, "shop", fields=fields, team=given.teams[0].name).files)
    assert files(now) == files(tmp_path / "then")


def test_an_application_changes_only_the_lines_that_must(lived_in: Path, kustomize: str) -> None:
    """Comments, order, styles of writing, line ends and edits stay, in every file."""
    status, out, err = add_command(lived_in, "app", "shop", "--image", SHOP)
    assert (status, err) == (0, "")
    assert out.endswith("lint finds nothing new\n")
    destination = "    - {server: https://kubernetes.default.svc, namespace: shop-dev}"
    block = ["    - server: https://kubernetes.default.svc", "      namespace: shop-prod"]
    namespace = ['    - group: ""', "      kind: Namespace", "      name: shop-"]
    assert "/apps/shop/ @" in (lived_in / "CODEOWNERS").read_text()
    assert owners_edits_of_pages(lived_in)
    workflows = {path: both for path, both in changed(lived_in).items() if path.startswith(".github/")}
    choices: tuple[list[str], list[str]] = ([], ["          - shop"])
    assert workflows == dict.fromkeys((".github/workflows/promote.yaml", ".github/workflows/rollback.yaml"), choices)
    assert without_pages(changed(lived_in)) == {
        ".gitopsmith/answers.yaml": (
            [],
            ["  - name: shop", "    team: apps", f"    image: {SHOP}", "    port: 8080", '    path: ""'],
        ),
        "argocd/envs/dev/kustomization.yaml": (
            ["resources: [projects/apps.yaml, web.yaml] # short"],
            ["resources: [projects/apps.yaml, web.yaml, shop.yaml] # short"],
        ),
        "argocd/envs/staging/kustomization.yaml": ([], ["- shop.yaml"]),
        "argocd/envs/prod/kustomization.yaml": (["  - './web.yaml'"], ["  - './web.yaml'", "  - 'shop.yaml'"]),
        "argocd/envs/dev/projects/apps.yaml": ([], [destination, *namespace[:2], f"{namespace[2]}dev"]),
        "argocd/envs/staging/projects/apps.yaml": (
            [],
            [block[0], "      namespace: shop-staging", *namespace[:2], f"{namespace[2]}staging"],
        ),
        "argocd/envs/prod/projects/apps.yaml": ([], [*block, *namespace[:2], f"{namespace[2]}prod"]),
    }
    staging = (lived_in / "argocd/envs/staging/kustomization.yaml").read_bytes()
    assert staging.endswith(b"- web.yaml\r\n- shop.yaml\r\n# the end\r\n")
    assert untracked(lived_in) == [
        *(f"apps/shop/base/{name}.yaml" for name in ("deployment", "kustomization", "network")),
        "apps/shop/overlays/dev/kustomization.yaml",
        "apps/shop/overlays/prod/availability.yaml",
        "apps/shop/overlays/prod/kustomization.yaml",
        "apps/shop/overlays/staging/kustomization.yaml",
        *(f"argocd/envs/{name}/shop.yaml" for name in ("dev", "prod", "staging")),
    ]


def test_an_environment_changes_only_the_lines_that_must(lived_in: Path, kustomize: str) -> None:
    """It stands before the first protected one, and runs what the one before it runs."""
    status, out, err = add_command(lived_in, "env", "qa")
    assert (status, err) == (0, "")
    assert out.endswith("lint finds nothing new\n")
    lines = without_pages(changed(lived_in))
    assert [removed for removed, _ in lines.values() if removed] == []
    assert lines[".gitopsmith.yaml"][1] == [
        "  - name: qa",
        "    cluster: in-cluster",
        "    protected: false",
        "    paths:",
        "      - apps/*/overlays/qa",
        "      - argocd/envs/qa",
    ]
    assert lines["clusters/in-cluster/kustomization.yaml"] == ([], ["  - qa.yaml"])
    assert lines[".gitopsmith/answers.yaml"] == (
        [],
        ["  - name: qa", "    cluster: in-cluster", "    protected: false"],
    )
    assert lines.keys() == {
        ".gitopsmith.yaml",
        ".gitopsmith/answers.yaml",
        "clusters/in-cluster/kustomization.yaml",
    }
    assert "| qa |" in (lived_in / "README.md").read_text()
    assert owners_edits_of_pages(lived_in)
    names = [item.name for item in answers.read(lived_in / answers.FILE_NAME).environments]
    assert names == ["dev", "staging", "qa", "prod"]
    overlay = (lived_in / "apps/web/overlays/qa/kustomization.yaml").read_text()
    assert 'newTag: "6.14.0"' in overlay


def without_pages(lines: dict[str, tuple[list[str], list[str]]]) -> dict[str, tuple[list[str], list[str]]]:
    """Leaves out what is written for people and for the git host, whose sentences list what there is."""
    return {path: both for path, both in lines.items() if path.endswith(".yaml") and not path.startswith(".github/")}


def owners_edits_of_pages(root: Path) -> bool:
    readme, owners = ((root / name).read_text() for name in ("README.md", "CODEOWNERS"))
    return readme.startswith("# Fleet of Acme\n") and owners.endswith("\n/docs/ @acme/writers\n")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("app", "shop", "--image", SHOP), id="app"),
        pytest.param(("app", "shop", "--image", SHOP, "--env", "dev"), id="app-in-one"),
        pytest.param(("env", "qa", "--cluster", "east", "--protected"), id="env"),
        pytest.param(CERT_MANAGER, id="platform"),
    ],
)
def test_a_second_time_nothing_changes(lived_in: Path, kustomize: str, arguments: Sequence[str]) -> None:
    """And it says so."""
    assert add_command(lived_in, *arguments)[0] == 0
    before = files(lived_in)
    status, out, err = add_command(lived_in, *arguments)
    assert (status, out) == (0, "nothing changed\n")
    assert "already" in err
    assert files(lived_in) == before


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        pytest.param("apps/shop/base/deployment.yaml", ("app", "shop"), id="base"),
        pytest.param("argocd/envs/dev/shop.yaml", ("app", "shop"), id="application"),
        pytest.param("argocd/envs/qa/projects/apps.yaml", ("env", "qa"), id="project"),
        pytest.param("clusters/in-cluster/cert-manager.yaml", CERT_MANAGER, id="platform"),
    ],
)
def test_something_else_in_the_way_is_refused(fleet: Path, path: str, arguments: Sequence[str]) -> None:
    """Nothing is written, and the file is named."""
    (fleet / path).parent.mkdir(parents=True, exist_ok=True)
    (fleet / path).write_text("kind: Mine\n")
    before = files(fleet)
    status, out, err = add_command(fleet, *arguments)
    assert (status, out) == (2, "")
    assert f"{path} is there already" in err
    assert files(fleet) == before


def test_the_same_file_in_the_way_is_no_conflict(fleet: Path, kustomize: str) -> None:
    """A run that was cut short is finished by the next one."""
    changes = add.application(fleet, "shop", fields={"image": SHOP})
    half = dict([*changes.files.items()][: len(changes.files) // 2])
    place.place(fleet, half)
    assert add_command(fleet, "app", "shop", "--image", SHOP)[0] == 0
    assert {path: (fleet / path).read_bytes() for path in changes.files} == changes.files


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        pytest.param(
            "argocd/envs/dev/kustomization.yaml",
            "resources:\n  - projects/apps.yaml\n",
            "resources: &list\n  - projects/apps.yaml\nother: *list\n#",
            "argocd/envs/dev/kustomization.yaml:5: there is no safe way",
            id="anchor",
        ),
        pytest.param(
            "argocd/envs/dev/projects/apps.yaml", "  name: apps-dev\n", "  name: other\n",
            "AppProject apps-dev is not in this file", id="renamed",
        ),
        pytest.param(
            "argocd/envs/dev/projects/apps.yaml", "  destinations:\n", "  destinations: none\n  others:\n",
            "projects/apps.yaml:17: this is no list", id="no-list",
        ),
        pytest.param(
            "argocd/envs/dev/kustomization.yaml", "resources:\n", "resources: [\n",
            "argocd/envs/dev/kustomization.yaml:", id="broken",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused_by_file_and_line(
    fleet: Path, path: str, old: str, new: str, said: str
) -> None:
    """Nothing is written."""
    edit(fleet, path, old, new)
    before = files(fleet)
    with pytest.raises(Failure, match=said) as failure:
        add.application(fleet, "shop", fields={})
    assert str(failure.value).endswith("nothing was changed")
    assert files(fleet) == before


def test_a_kustomization_that_does_not_say_so_is_one(fleet: Path) -> None:
    """As kustomize has it."""
    path = "argocd/envs/dev/kustomization.yaml"
    (fleet / path).write_text("resources:\n- web.yaml\n")
    changes = add.application(fleet, "shop", fields={})
    assert changes.files[path] == b"resources:\n- web.yaml\n- shop.yaml\n"


def test_answers_in_a_short_form_are_not_spoiled(fleet: Path) -> None:
    """An environment would come to the end of the list, and not to its place."""
    written = (fleet / answers.FILE_NAME).read_text()
    head, _, rest = written.partition("environments:\n")
    applications = rest[rest.index("applications:\n") :]
    short = "environments:\n  - dev\n  - staging\n  - prod!\n"
    (fleet / answers.FILE_NAME).write_text(head + short + applications)
    with pytest.raises(Failure, match="write each item as a map"):
        add.environment(fleet, "qa")


def test_a_missing_file_that_has_to_change_is_named(fleet: Path) -> None:
    (fleet / "argocd/envs/dev/kustomization.yaml").unlink()
    with pytest.raises(Failure, match=r"argocd/envs/dev/kustomization\.yaml is not there, and has to change"):
        add.application(fleet, "shop", fields={})


def test_a_page_that_was_deleted_stays_away_and_one_that_was_rewritten_stays(fleet: Path, kustomize: str) -> None:
    """What applies to no cluster is its owner's; where it cannot be brought up to date, a note says what it lacks."""
    (fleet / "README.md").unlink()
    owners = (fleet / "CODEOWNERS").read_text()
    (fleet / "CODEOWNERS").write_text(owners.replace("/apps/web/", "/apps/w*/"))
    status, out, err = add_command(fleet, "app", "shop", "--image", SHOP)
    assert status == 0
    assert "created apps/shop/base/deployment.yaml\n" in out
    assert "CODEOWNERS was edited where it has to change, and was left alone; it lacks this:" in err
    assert "\n+/apps/shop/ @" in err
    assert not (fleet / "README.md").exists()
    assert (fleet / "CODEOWNERS").read_text() == owners.replace("/apps/web/", "/apps/w*/")


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        pytest.param("", "", ["dev", "staging", "qa", "prod"], id="before-the-first-protected"),
        pytest.param("dev", "", ["qa", "dev", "staging", "prod"], id="first"),
        pytest.param("", "dev", ["dev", "qa", "staging", "prod"], id="after"),
        pytest.param("", "prod", ["dev", "staging", "prod", "qa"], id="last"),
    ],
)
def test_an_environment_has_its_place_in_the_order(fleet: Path, before: str, after: str, order: list[str]) -> None:
    place.place(fleet, add.environment(fleet, "qa", before=before, after=after).files)
    assert [item.name for item in answers.read(fleet / answers.FILE_NAME).environments] == order
    text = (fleet / ".gitopsmith.yaml").read_text()
    assert sorted(order, key=lambda name: text.index(f"- name: {name}\n")) == order


def test_an_environment_runs_what_the_one_before_it_runs(fleet: Path) -> None:
    """Version, digest, another registry, and images beside the application's own; what else differs is said."""
    overlay = "apps/web/overlays/dev/kustomization.yaml"
    edit(fleet, overlay, 'newTag: "6.15.0"', 'newName: registry.example.com/podinfo\n    newTag: "1.20"')
    content = (fleet / overlay).read_text()
    at = content.index("    digest: ")
    line = content[at : content.index("\n", at) + 1]
    edit(fleet, overlay, line, "  - name: proxy\n    newTag: 2.0.1\nconfigMapGenerator:\n  - name: x\n")
    changes = add.environment(fleet, "qa", after="dev")
    made = changes.files["apps/web/overlays/qa/kustomization.yaml"].decode()
    assert made.partition("images:\n")[2] == (
        '  - name: ghcr.io/stefanprodan/podinfo\n    newTag: "1.20"\n    newName: registry.example.com/podinfo\n'
        "  - name: proxy\n    newTag: 2.0.1\n"
    )
    assert changes.notes == (f"{overlay} also has configMapGenerator, which qa does not",)


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        pytest.param("kind: A\n---\nkind: B\n", "dev/kustomization.yaml:1: this is no kustomization", id="two"),
        pytest.param("resources: [\n", "dev/kustomization.yaml:2: this is no kustomization", id="broken"),
    ],
)
def test_an_overlay_that_cannot_be_read_is_named(fleet: Path, overlay: str, said: str) -> None:
    (fleet / "apps/web/overlays/dev/kustomization.yaml").write_text(overlay)
    with pytest.raises(Failure, match=said):
        add.environment(fleet, "qa", after="dev")


def test_an_overlay_without_a_version_leaves_that_of_the_answers(fleet: Path) -> None:
    (fleet / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: [../../base]\n")
    changes = add.environment(fleet, "qa", after="dev")
    assert b'newTag: "6.15.0"' in changes.files["apps/web/overlays/qa/kustomization.yaml"]


def test_a_new_cluster_has_its_root_and_its_project(fleet: Path, kustomize: str) -> None:
    """And a note says that Argo CD has to know it."""
    status, out, err = add_command(fleet, "env", "qa", "--cluster", "east")
    assert (status, out.endswith("lint finds nothing new\n")) == (0, True)
    assert "argocd cluster add CONTEXT --name east" in err
    assert "name: platform-east\n" in (fleet / "bootstrap/root.yaml").read_text()
    assert "# Owns east: " in (fleet / "bootstrap/projects.yaml").read_text()
    assert "  - qa.yaml\n" in (fleet / "clusters/east/kustomization.yaml").read_text()
    assert "  - name: east\n" in (fleet / ".gitopsmith.yaml").read_text()


def test_a_protected_environment_keeps_applications_available(fleet: Path) -> None:
    changes = add.environment(fleet, "dr", after="prod", protected=True)
    assert "apps/web/overlays/dr/availability.yaml" in changes.files


def test_an_application_comes_to_some_environments_and_later_to_others(fleet: Path, kustomize: str) -> None:
    """It comes to the later ones in the version that the earlier ones run by then."""
    assert add_command(fleet, "app", "shop", "--image", SHOP, "--env", "dev")[0] == 0
    assert {path for path in untracked(fleet) if path.startswith("argocd/")} == {"argocd/envs/dev/shop.yaml"}
    edit(fleet, "apps/shop/overlays/dev/kustomization.yaml", "1.4.2", "1.5.0")
    status, out, _ = add_command(fleet, "app", "shop", "--env", "prod")
    assert (status, out.endswith("lint finds nothing new\n")) == (0, True)
    assert "1.5.0" in (fleet / "apps/shop/overlays/prod/kustomization.yaml").read_text()
    assert "shop" not in (fleet / "argocd/envs/staging/kustomization.yaml").read_text()


def test_an_application_that_no_root_lists_is_not_there_yet(fleet: Path) -> None:
    """As after a run that was killed between the two files."""
    changes = add.application(fleet, "shop", fields={"image": SHOP}, environments=("dev",))
    place.place(fleet, changes.files)
    more = add.application(fleet, "shop", fields={}, environments=("prod",))
    listed = "argocd/envs/prod/kustomization.yaml"
    place.place(fleet, {path: data for path, data in more.files.items() if path != listed})
    assert add.application(fleet, "shop", fields={}, environments=("prod",)).files == {listed: more.files[listed]}


def test_a_new_team_is_made_where_its_group_is_given(fleet: Path, kustomize: str) -> None:
    status, out, _ = add_command(fleet, "app", "shop", "--image", SHOP, "--team", "payments=acme:payments")
    assert (status, out.endswith("lint finds nothing new\n")) == (0, True)
    assert answers.read(fleet / answers.FILE_NAME).teams == (Team("apps"), Team("payments", "acme:payments"))
    assert "acme:payments" in (fleet / "argocd/envs/prod/projects/payments.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("app", "Shop_1"), "answer 'applications[Shop_1].name'", id="name"),
        pytest.param(("app", "shop", "--image", "shop:latest"), "moves with every release", id="image"),
        pytest.param(("app", "shop", "--team", "other"), "'other' is not among the teams", id="team"),
        pytest.param(("app", "shop", "--env", "prd"), "there is no environment 'prd'; did you mean 'prod'?", id="env"),
        pytest.param(("app", "web", "--port", "80"), "its port is 9898, not 80", id="another-port"),
        pytest.param(("env", "dev", "--cluster", "east"), "'dev' is there already, on cluster in-cluster", id="there"),
        pytest.param(("env", "qa", "--before", "prd"), "there is no environment 'prd'", id="before"),
        pytest.param(("env", "qa", "--before", "dev", "--after", "dev"), "leave one of both out", id="both"),
        pytest.param(("env", "kustomization"), "is the name of a file beside it", id="reserved"),
    ],
)
def test_a_wrong_argument_is_refused(fleet: Path, arguments: Sequence[str], said: str) -> None:
    """The message names it, and nothing is written."""
    status, out, err = add_command(fleet, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert git(fleet, "status", "--porcelain") == ""


def test_an_application_without_its_base_is_named(fleet: Path) -> None:
    git(fleet, "rm", "-rq", "apps/web")
    with pytest.raises(Failure, match="names application 'web', and apps/web/base is not there"):
        add.environment(fleet, "qa")


def test_an_application_that_the_answers_do_not_name_is_left_to_its_owner(fleet: Path) -> None:
    (fleet / "apps/legacy/base").mkdir(parents=True)
    (fleet / "apps/legacy/base/kustomization.yaml").write_text("resources: []\n")
    assert add.environment(fleet, "qa").notes == (
        "apps/legacy is not in .gitopsmith/answers.yaml, so that it does not come to qa",
    )


def test_outside_of_a_generated_repository_nothing_is_added(tmp_path: Path) -> None:
    status, _, err = add_command(tmp_path, "app", "shop")
    assert (status, "only a repository that `gitopsmith new` made" in err) == (2, True)


def test_findings_that_the_addition_brings_are_printed(fleet: Path, kustomize: str) -> None:
    """What was wrong before is not."""
    application = (fleet / "argocd/envs/dev/web.yaml").read_text()
    (fleet / "argocd/envs/dev/old.yaml").write_text(application.replace("name: web-dev\n  n", "name: shop-dev\n  n"))
    edit(fleet, "argocd/envs/dev/kustomization.yaml", "  - web.yaml\n", "  - web.yaml\n  - old.yaml\n")
    edit(fleet, "apps/web/overlays/prod/availability.yaml", "autoscaling/v2\n", "autoscaling/v2beta2\n")
    status, out, _ = add_command(fleet, "app", "shop", "--image", SHOP, "--env", "staging", "--env", "dev")
    assert status == 1
    found = out.partition("changed .gitopsmith/answers.yaml\n")[2]
    assert "shop-dev" in found
    assert "autoscaling" not in found
    assert (fleet / "apps/shop/base/deployment.yaml").exists()


def test_a_chart_is_pinned_with_its_values_beside_it(lived_in: Path, kustomize: str) -> None:
    """Only the project of the cluster and its list of Applications change."""
    status, out, err = add_command(lived_in, *CERT_MANAGER)
    assert (status, err) == (0, "")
    assert out.endswith("lint finds nothing new\n")
    assert changed(lived_in) == {
        "bootstrap/projects.yaml": (
            [],
            [
                "    - https://charts.jetstack.io",
                "    - server: https://kubernetes.default.svc",
                "      namespace: cert-manager",
            ],
        ),
        "clusters/in-cluster/kustomization.yaml": ([], ["  - cert-manager.yaml"]),
    }
    assert untracked(lived_in) == ["clusters/in-cluster/cert-manager.yaml", "platform/cert-manager/values.yaml"]


def test_a_chart_comes_from_a_registry_and_to_another_cluster(fleet: Path, kustomize: str) -> None:
    """The values are shared, and stay as their owner has them."""
    add_command(fleet, "env", "qa", "--cluster", "east")
    chart = ("platform", "valkey", "--chart", "valkey", "--version", "0.7.0", "--repo", "oci://ghcr.io/acme/charts")
    assert add_command(fleet, *chart, "--namespace", "data")[0] == 0
    values = fleet / "platform/valkey/values.yaml"
    values.write_text(values.read_text() + "replicas: 3\n")
    status, out, _ = add_command(fleet, *chart, "--cluster", "east")
    assert (status, out.endswith("lint finds nothing new\n")) == (0, True)
    application = (fleet / "clusters/east/valkey.yaml").read_text()
    assert "  name: valkey-east\n" in application
    assert "repoURL: oci://ghcr.io/acme/charts/valkey\n      path: .\n" in application
    assert values.read_text().endswith("replicas: 3\n")
    assert "    - name: east\n      namespace: valkey\n" in (fleet / "bootstrap/projects.yaml").read_text()


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        pytest.param(Chart("c", "^1.2", "https://x.example.com"), "version: '\\^1.2' is not one version", id="caret"),
        pytest.param(Chart("c", "1.x", "https://x.example.com"), "version: '1.x'", id="wildcard"),
        pytest.param(Chart("c", "", "https://x.example.com"), "version: nothing", id="empty"),
        pytest.param(Chart("c", "latest", "https://x.example.com"), "version: 'latest'", id="latest"),
        pytest.param(Chart("c", ">=1.0.0 <2.0.0", "https://x.example.com"), "version:", id="range"),
        pytest.param(Chart("c", "1.2.3", "http://x.example.com"), "repo: .* without encryption", id="http"),
        pytest.param(
            Chart("c", "1.2.3", "https://me:secret@x.example.com"), "repo: this URL holds a login", id="login"
        ),
        pytest.param(Chart("c", "1.2.3", "x.example.com/charts"), "repo: .* is no URL", id="no-url"),
        pytest.param(Chart("a b", "1.2.3", "https://x.example.com"), "chart: 'a b'", id="chart"),
    ],
)
def test_a_chart_that_is_not_one_thing_is_refused(fleet: Path, chart: Chart, said: str) -> None:
    with pytest.raises(Failure, match=said) as failure:
        add.platform(fleet, "tool", chart)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("name", "cluster", "said"),
    [
        pytest.param("web-dev", "", "'web-dev' is the name of another Application", id="application"),
        pytest.param("tool", "west", "cluster: there is no cluster 'west'", id="cluster"),
        pytest.param("dev", "", "dev.yaml is there already, and is something else", id="environment"),
        pytest.param("x" * 54, "", "54 characters, and Helm takes 53", id="long"),
    ],
)
def test_a_component_has_a_name_and_a_cluster(fleet: Path, name: str, cluster: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        add.platform(fleet, name, Chart("c", "1.2.3", "https://x.example.com"), cluster=cluster)


def test_a_platform_without_its_project_is_named(fleet: Path) -> None:
    chart = Chart("c", "1.2.3", "https://x.example.com")
    edit(fleet, "bootstrap/projects.yaml", "name: platform-in-cluster", "name: mine")
    with pytest.raises(Failure, match=r"bootstrap/projects\.yaml holds no AppProject 'platform-in-cluster'"):
        add.platform(fleet, "tool", chart)
    (fleet / "bootstrap/projects.yaml").unlink()
    with pytest.raises(Failure, match=r"bootstrap/projects\.yaml is not there, and has to change"):
        add.platform(fleet, "tool", chart)


def test_another_version_of_a_chart_is_not_put_over_the_first(fleet: Path, kustomize: str) -> None:
    assert add_command(fleet, *CERT_MANAGER)[0] == 0
    other = [*CERT_MANAGER]
    other[other.index("v1.19.1")] = "v1.20.0"
    status, _, err = add_command(fleet, *other)
    assert (status, "its targetRevision is 'v1.19.1', not 'v1.20.0'; change it there" in err) == (2, True)


def interrupted_at(number: int, interrupt: Callable[[], None]) -> Callable[[Path, Path], Path]:
    rename, count = Path.replace, iter(range(1000))

    def renamed(self: Path, target: Path) -> Path:
        if next(count) == number:
            interrupt()
        return rename(self, target)

    return renamed


def raise_interrupt() -> None:
    raise KeyboardInterrupt


def test_an_interruption_leaves_the_old(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whichever file it comes: everything is as it was, new folders are gone."""
    changes = add.application(fleet, "shop", fields={"image": SHOP})
    before = files(fleet)
    for number in range(len(changes.files)):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", interrupted_at(number, raise_interrupt))
            with pytest.raises(KeyboardInterrupt):
                place.place(fleet, changes.files)
        assert files(fleet) == before
        assert not (fleet / "apps/shop").exists()
    assert place.place(fleet, changes.files) == tuple(changes.files)


KILLED = """
import os, signal, sys
from pathlib import Path
from gitopsmith.cli import main
rename, left = Path.replace, int(sys.argv[1])
def renamed(self, target):
    global left
    left -= 1
    if left in (-1, -2):
        os.kill(os.getpid(), int(sys.argv[2]))
    return rename(self, target)
Path.replace = renamed
sys.exit(main(sys.argv[3:]))
"""


def killed(root: Path, number: int, by: signal.Signals, *arguments: str) -> int:
    command = (sys.executable, "-c", KILLED, str(number), str(by.value), "add", *arguments)
    return subprocess.run(command, cwd=root, capture_output=True, check=False, env=os.environ).returncode


@pytest.mark.parametrize("number", [0, 7, 15])
def test_a_killed_run_leaves_whole_files_and_is_finished_by_the_next(
    fleet: Path, tmp_path: Path, kustomize: str, number: int
) -> None:
    """Nothing can undo it after SIGKILL, but the next run comes to the same end."""
    wanted = {**files(fleet), **add.application(fleet, "shop", fields={"image": SHOP}).files}
    before = files(fleet)
    assert killed(fleet, number, signal.SIGKILL, "app", "shop", "--image", SHOP) == -signal.SIGKILL
    half = {path: data for path, data in files(fleet).items() if not path.startswith(place.STAGE)}
    assert all(data in {before.get(path), wanted[path]} for path, data in half.items())
    assert add_command(fleet, "app", "shop", "--image", SHOP)[0] == 0
    assert files(fleet) == wanted


@pytest.mark.usefixtures("unmeasured")
def test_a_terminated_run_leaves_the_old(fleet: Path, kustomize: str) -> None:
    """Even when it is told so twice."""
    before = files(fleet)
    assert killed(fleet, 9, signal.SIGTERM, "env", "qa") == 130
    assert files(fleet) == before


def test_a_file_that_cannot_be_written_leaves_the_old(fleet: Path) -> None:
    """A folder where a file should be, or a link that leads away, is named."""
    (fleet / "apps/shop/base/deployment.yaml").mkdir(parents=True)
    before = files(fleet)
    with pytest.raises(Failure, match=r"apps/shop/base/deployment\.yaml"):
        place.place(fleet, {"a.yaml": b"", "apps/shop/base/deployment.yaml": b""})
    (fleet / "out").symlink_to(fleet.parent)
    with pytest.raises(Failure, match="out/x leads out of the repository"):
        place.place(fleet, {"a.yaml": b"", "out/x": b""})
    (fleet / "out").unlink()
    assert files(fleet) == before
