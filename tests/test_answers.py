"""The answers that a repository is made from: how they are read, what is refused, and how they are written."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from conftest import ROOT
from gitopsmith import answers, content, documents, policy
from gitopsmith.answers import DEMO_IMAGE, Answers, Application, Environment, Team, images
from gitopsmith.finding import Failure
from gitopsmith.manifest import Resource
from repository import write

URL = "https://github.com/acme/gitops.git"
DIGEST = "sha256:" + "0123456789abcdef" * 4
EVERYTHING = Answers(
    repo_url="ssh://git@git.example.com:2222/acme/gitops.git",
    branch="release/platform",
    credential="deploy-key",
    environments=(Environment("dev", "east"), Environment("prod", "west", protected=True)),
    applications=(
        Application("web", "payments", f"registry.example.com:5000/web:1.4.2@{DIGEST}", 3000, "/healthz?full=1"),
        Application("mail", "apps", "ghcr.io/acme/mail:1.20"),
    ),
    teams=(Team("payments", "acme:payments"), Team("apps", "/Platform Team")),
    argocd_version="3.5.7",
    kubernetes_version="1.30",
    secrets="sealed-secrets",
    monitoring="prometheus-operator",
    prometheus_release="monitoring",
    argocd_host="argocd.example.com",
    gateway="ingress/public",
    oidc_issuer="https://login.example.com/realms/acme/",
    admin_group="8f14e45f-ceea-467f-9575-2f3a1c0b7d5e",
    on_call_group="on-call",
    slack_channel="platform-alerts",
    ci="gitlab",
    scale=400,
    prune_confirm=True,
    tool_source="gitopsmith[kustomize]==1.2.3",
)
"""No answer is the default."""


def read(folder: Path, text: str) -> Answers:
    return answers.read(write(folder, {"answers.yaml": text}) / "answers.yaml")


def refusal(folder: Path, text: str) -> list[str]:
    """Returns the lines that refuse a file, without its path."""
    with pytest.raises(Failure) as caught:
        read(folder, text)
    assert caught.value.status == 2
    return [line.removeprefix(f"{folder}/answers.yaml:") for line in str(caught.value).splitlines()]


# --- what is read


def test_one_answer_is_enough(tmp_path: Path) -> None:
    found = read(tmp_path, f"repo_url: {URL}\n")
    assert found == Answers(URL)
    assert answers.check(found) is found
    assert [(item.name, item.protected) for item in found.environments] == [
        ("dev", False),
        ("staging", False),
        ("prod", True),
    ]
    assert found.applications == (Application("web", "apps", DEMO_IMAGE, 9898, "/readyz"),)


LONG = """\
environments: [{name: dev, protected: false}, {name: prod, cluster: east, protected: true}]
applications: [{name: web}, {name: api, image: 'ghcr.io/acme/api:1.4.2'}]
teams: [{name: payments, group: 'acme:payments'}]
"""
SHORT = {
    "texts": (
        "environments: dev,prod@east!\napplications: web, api=ghcr.io/acme/api:1.4.2\nteams: payments=acme:payments\n"
    ),
    "lists": (
        "environments: [dev, prod@east!]\napplications: [web, 'api=ghcr.io/acme/api:1.4.2']\n"
        "teams:\n- payments=acme:payments\n"
    ),
    "mixed": (
        "environments: [dev, {name: prod, cluster: east, protected: true}]\n"
        "applications: [web, {name: api, image: 'ghcr.io/acme/api:1.4.2'}]\nteams: payments=acme:payments\n"
    ),
    "the last is protected": (
        "environments: dev,prod@east\napplications: web,api=ghcr.io/acme/api:1.4.2\nteams: payments=acme:payments\n"
    ),
}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_short_forms_say_the_same(tmp_path: Path, text: str) -> None:
    head = f"repo_url: {URL}\n"
    assert read(tmp_path, head + text) == read(tmp_path, head + LONG)


def test_an_image_of_ones_own_answers_on_another_port_than_the_demonstration(tmp_path: Path) -> None:
    found = read(tmp_path, f"repo_url: {URL}\napplications: web,api=ghcr.io/acme/api:1.4.2\n")
    assert [(item.port, item.path) for item in found.applications] == [(9898, "/readyz"), (8080, "")]


def test_nothing_is_protected_where_that_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, f"repo_url: {URL}\nenvironments: [dev, {{name: prod, protected: false}}]\n")
    assert not any(item.protected for item in found.environments)


def test_teams_follow_from_applications_and_applications_from_a_lone_team(tmp_path: Path) -> None:
    owned = read(tmp_path, f"repo_url: {URL}\napplications: [{{name: web, team: shop}}, {{name: api, team: shop}}]\n")
    assert owned.teams == (Team("shop"),)
    owning = read(tmp_path, f"repo_url: {URL}\napplications: web\nteams: shop\n")
    assert owning.applications[0].team == "shop"


@pytest.mark.parametrize(
    ("url", "ci", "credential"),
    [
        (URL, "github", "none"),
        ("https://gitlab.example.com/acme/gitops.git", "gitlab", "none"),
        ("git@gitlab.com:acme/gitops.git", "gitlab", "deploy-key"),
        ("ssh://git@git.example.com/acme/gitops", "github", "deploy-key"),
        ("file:///srv/git/gitops", "github", "none"),
    ],
)
def test_the_repository_tells_where_checks_run_and_what_opens_it(
    tmp_path: Path, url: str, ci: str, credential: str
) -> None:
    found = read(tmp_path, f"repo_url: {url}\n")
    assert (found.ci, found.credential) == (ci, credential)


def test_clusters_come_in_the_order_of_environments_after_that_of_argo_cd() -> None:
    assert EVERYTHING.clusters == ("in-cluster", "east", "west")


# --- what is refused

HEAD = f"repo_url: {URL}\n"
BROKEN = ROOT / "tests" / "fixtures" / "answers" / "broken.txt"
"""Blocks of a name, lines of an answers file, and what is said about them."""


def broken() -> dict[str, tuple[str, list[str]]]:
    blocks = [block.splitlines() for block in BROKEN.read_text("utf-8").split("\n\n")]
    return {
        lines[0].removeprefix("# "): (
            HEAD + "".join(f"{line}\n" for line in lines[1:] if not line.startswith("=> ")),
            [line.removeprefix("=> ") for line in lines if line.startswith("=> ")],
        )
        for lines in blocks
    }


@pytest.mark.parametrize(("text", "said"), broken().values(), ids=broken())
def test_a_broken_answer_is_refused_at_its_place(tmp_path: Path, text: str, said: list[str]) -> None:
    assert refusal(tmp_path, text) == said


def test_every_answer_has_one_that_is_broken() -> None:
    said = "\n".join(line for _, lines in broken().values() for line in lines)
    assert {field.name for field in dataclasses.fields(Answers)} - set(re.findall(r"answer '(\w+)", said)) == {
        "repo_url"
    }


FORMS = "write https://HOST/OWNER/NAME.git, ssh://git@HOST/OWNER/NAME.git or git@HOST:OWNER/NAME.git"
LOGIN = "holds a login, which everybody who reads the repository would see; leave out what stands before the host"
NO_QUERY = "has a query or a fragment; end it with the name of the repository"
URLS = {
    "": f"is missing; {FORMS}",
    "github.com/acme/gitops": f"is no URL of a git repository; {FORMS}",
    "/srv/git/gitops": f"is no URL of a git repository; {FORMS}",
    "https://github.com": f"is no URL of a git repository; {FORMS}",
    "https://github.com/acme/git ops": f"is no URL of a git repository; {FORMS}",
    "http://github.com/acme/gitops": "is read without encryption; write https:// or ssh://",
    "https://github.com/acme/gitops#main": NO_QUERY,
    "https://github.com/acme/gitops?ref=main": NO_QUERY,
    "https://gitlab.com/acme/gitops": (
        "lacks .git, and Argo CD does not follow GitLab's redirect; write https://gitlab.com/acme/gitops.git"
    ),
    "https://me:s3cr3tpass@github.com/acme/gitops": LOGIN,
    "https://s3cr3ttoken@github.com/acme/gitops": LOGIN,
    "ssh://git:s3cr3tpass@github.com/acme/gitops": LOGIN,
}


@pytest.mark.parametrize(("url", "message"), URLS.items())
def test_a_repository_that_argo_cd_cannot_read_is_refused(tmp_path: Path, url: str, message: str) -> None:
    assert refusal(tmp_path, f"repo_url: {json.dumps(url)}\n") == [f"1:11: answer 'repo_url': {message}"]


SECRETS = {
    "repo_url": [
        "https://me:s3cr3t@git.example.com/x",
        "https://s3cr3t@git.example.com/x",
        "me:s3cr3t@git.example.com:x",
    ],
    "repo_url again": ["https://me:s3/cr3t@git.example.com/x", "https://git.example.com/x?token=s3cr3t", "s3cr3t"],
    "credential": ["s3cr3t", "token: s3cr3t"],
    "tool_source": [
        "https://me:s3cr3t@pypi.example.com/x.whl",
        "gitopsmith @ git+https://s3cr3t@example.com/x@v1",
        "s3cr3t",
    ],
    "argocd_host": ["https://me:s3cr3t@argocd.example.com"],
    "oidc_issuer": ["https://me:s3cr3t@login.example.com"],
    "slack_channel": ["https://hooks.example.com/s3cr3t"],
    "admin_group": ["'s3cr3t'"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name.split()[0], value) for name, values in SECRETS.items() for value in values]
)
def test_a_login_is_refused_and_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    text = f"{name}: {json.dumps(value)}\n" + ("" if name == "repo_url" else HEAD)
    with pytest.raises(Failure) as caught:
        read(tmp_path, text)
    assert f"answer {name!r}: " in str(caught.value)
    assert "cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "credential", "message"),
    [
        (URL, "deploy-key", "opens no repository over https; write token, or an ssh repo_url"),
        ("git@github.com:acme/x.git", "token", "opens no repository over ssh; write deploy-key, or an https repo_url"),
        ("git@github.com:acme/x.git", "none", "opens no repository over ssh; write deploy-key, or an https repo_url"),
        ("file:///srv/x.git", "token", "opens no file:// repository; write none"),
        (
            "https://gitlab.com/acme/x.git",
            "github-app",
            "is an app of GitHub, which opens nothing on gitlab.com; write token",
        ),
    ],
)
def test_a_credential_that_does_not_open_the_repository_is_refused(
    tmp_path: Path, url: str, credential: str, message: str
) -> None:
    assert refusal(tmp_path, f"repo_url: {url}\ncredential: {credential}\n") == [
        f"2:13: answer 'credential': {message}"
    ]


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert [line.split(";")[0] for line in refusal(tmp_path, "scale: 0\nci: githb\nenvironments: Dev\n")] == [
        "1:1: answer 'repo_url': is missing",
        "1:8: answer 'scale': 0 is no number of applications",
        "2:5: answer 'ci': takes only github or gitlab",
        "3:15: answer 'environments[Dev].name': 'Dev' is no name in Kubernetes",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: this is no map of answers; write lines such as `branch: main`"),
        ("- a\n", "1:1: this is no map of answers; write lines such as `branch: main`"),
        ("a: 1\n---\nb: 2\n", "1:1: this is no map of answers; write lines such as `branch: main`"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context"),
    ],
    ids=["empty", "list", "two documents", "no YAML"],
)
def test_a_file_that_holds_no_answers_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == [message]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"answers\.yaml: cannot be read: No such file or directory"):
        answers.read(tmp_path / "answers.yaml")


def test_answers_without_a_file_are_refused_without_a_place() -> None:
    with pytest.raises(Failure) as caught:
        answers.check(answers.complete({"repo_url": URL, "ci": "githb"}))
    assert str(caught.value) == "answer 'ci': takes only github or gitlab; did you mean 'github'?"


def test_a_combination_that_nobody_tests_is_noted() -> None:
    assert answers.notes(Answers(URL, argocd_version="3.5.7", kubernetes_version="1.37")) == (
        "Argo CD 3.5 is tested with Kubernetes 1.33 to 1.36, not with 1.37",
    )
    assert answers.notes(Answers(URL)) == answers.notes(Answers(URL, argocd_version="3.9.0")) == ()


GOOD_SOURCES = [
    "gitopsmith==1.2.3",
    "gitopsmith[kustomize]==1.2.3rc1",
    "gitopsmith @ https://example.com/gitopsmith-1.2.3-py3-none-any.whl",
    "https://example.com/gitopsmith-1.2.3-py3-none-any.whl",
    "git+https://github.com/acme/gitopsmith.git@v1.2.3",
    "git+ssh://git@github.com/acme/gitopsmith.git@0123abc",
    "./dist/gitopsmith-1.2.3-py3-none-any.whl",
    "../gitopsmith",
    "/srv/wheels/gitopsmith-1.2.3-py3-none-any.whl",
    "file:///srv/wheels/gitopsmith-1.2.3-py3-none-any.whl",
]


@pytest.mark.parametrize("source", GOOD_SOURCES)
def test_what_pip_reads_as_it_stands_is_a_source(source: str) -> None:
    answers.check(Answers(URL, tool_source=source))


@pytest.mark.parametrize("character", list(";&|$`<>\"'\\(){}*?!#\n\t"))
def test_a_source_means_nothing_to_a_shell(character: str) -> None:
    for source in GOOD_SOURCES:
        with pytest.raises(Failure):
            answers.check(Answers(URL, tool_source=f"{source}{character}x"))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
WORDS = st.sampled_from(
    ["dev", "prod@east!", "@", "!", "=", "web=acme/web:1.4.2", "no", ",", "a,,b", "1.20", "é", DEMO_IMAGE]
)
KEYS = st.sampled_from(sorted({*Environment._fields, *Application._fields, *Team._fields, "x"}))
FIELDS = st.dictionaries(KEYS, SCALARS | WORDS, max_size=4)
LISTS = st.lists(SCALARS | WORDS | FIELDS, max_size=4)
ANSWERS = st.sampled_from([*(field.name for field in dataclasses.fields(Answers)), "template", "x"])


@given(st.dictionaries(ANSWERS, SCALARS | WORDS | FIELDS | LISTS, max_size=5))
def test_whatever_a_file_holds_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        found = read(folder, yaml.safe_dump({"repo_url": URL} | body, allow_unicode=True))
    except Failure:
        return
    assert read(folder, answers.write(found, "1.2.3")) == found


# --- images


TAGS = [
    "1.4.2", "v1.4.2", "1.20", "1.27-alpine", "main-3f2a9c1", "nightly-20260101", "2026.11", "build-142",
    "sha-0badcafe",
    "latest", "1.2-latest", "latest-1.2", "x.latest", "Latest", "stable", "my_stable", "main", "MAIN", "edge", "prod",
    "16", "v2", "16-alpine", "jammy", "rc", "release-candidate",
]  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_is_taken_is_one_that_the_linter_lets_pass(tag: str) -> None:
    image = f"registry.example.com:5000/acme/web:{tag}"
    body = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "web", "image": image}]}}
    pinning = [item for item in policy.load() if item.id in {"image-unpinned", "image-tag-floating"}]
    assert len(pinning) == 2
    refused = [found for item in pinning if item.check for found in item.check(Resource(body))]
    assert images.problem(image) or not refused


@pytest.mark.parametrize("tag", TAGS[:9])
def test_a_tag_that_stands_for_one_build_is_taken(tag: str) -> None:
    assert images.problem(f"acme/web:{tag}") == ""


# --- what is written


def test_what_is_written_is_for_people_too() -> None:
    text = answers.write(Answers(URL, environments=(Environment("prod", protected=True),)), "1.0")
    assert text.startswith(
        "# What this repository was made from. `gitopsmith add` keeps it up to date; nothing in the cluster reads it.\n"
        'template: "1.0"\n'
        f"repo_url: {URL}\n"
        "branch: main\n"
        "credential: none\n"
        "environments:\n"
        "  - name: prod\n"
        "    cluster: in-cluster\n"
        "    protected: true\n"
        "applications:\n"
        "  - name: web\n"
        "    team: apps\n"
        f"    image: {DEMO_IMAGE}\n"
        "    port: 9898\n"
    )
    assert 'kubernetes_version: "1.34"\n' in text


@pytest.mark.parametrize("made_from", [Answers(URL), EVERYTHING], ids=["defaults", "everything"])
def test_what_is_written_reads_back_and_is_tidy(tmp_path: Path, made_from: Answers) -> None:
    text = answers.write(made_from, "1.2.3")
    assert read(tmp_path, text) == made_from
    settings = content.GENERATOR / "checks" / "{{cookiecutter.directory}}" / ".yamllint"
    lint = (sys.executable, "-m", "yamllint", "--strict", "--config-file", str(settings), "-")
    done = subprocess.run(lint, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@given(st.text(min_size=1))
def test_every_group_that_is_taken_is_the_same_to_every_reader_of_yaml(group: str) -> None:
    made_from = Answers(URL, on_call_group=group)
    if answers.problems(made_from):
        return
    text = answers.write(made_from, "1.2.3")
    plain = f"- {group}\n"
    for load in (yaml.safe_load, YAML(typ="safe").load):
        assert load(StringIO(text))["on_call_group"] == group
        assert load(StringIO(plain)) == [group]


def test_templates_are_given_every_answer_and_the_parts_of_images() -> None:
    variables = answers.variables(EVERYTHING)
    assert json.loads(json.dumps(variables)) == variables
    assert {field.name for field in dataclasses.fields(Answers)} | {"clusters", "version"} == variables.keys()
    assert variables["clusters"] == ["in-cluster", "east", "west"]
    assert variables["environments"][1] == {"name": "prod", "cluster": "west", "protected": True}
    assert variables["teams"][0] == {"name": "payments", "group": "acme:payments"}
    assert variables["applications"][0] == {
        **EVERYTHING.applications[0]._asdict(),
        "image_name": "registry.example.com:5000/web",
        "image_tag": "1.4.2",
        "image_digest": DIGEST,
    }


# --- the schema, for editors

SCHEMA: dict[str, Any] = json.loads((content.SCHEMAS / "config" / "answers.schema.json").read_text("utf-8"))


def test_the_schema_knows_the_same_answers_words_and_defaults() -> None:
    properties = SCHEMA["properties"]
    assert {field.name for field in dataclasses.fields(Answers)} | {"template"} == properties.keys()
    for name, words in answers.CHOICES.items():
        assert tuple(properties[name]["enum"]) == words
    for kind in (Environment, Application, Team):
        assert tuple(SCHEMA["$defs"][kind.__name__.lower()]["properties"]) == kind._fields
    simple = {name: item["default"] for name, item in properties.items() if "default" in item and "oneOf" not in item}
    lists = {name: ",".join(item["default"]) for name, item in properties.items() if "oneOf" in item}
    read_lists = {
        "environments": [answers.environment(item) for item in answers.listed(lists["environments"])],
        "applications": [answers.application(item) for item in answers.listed(lists["applications"])],
        "teams": [answers.team(item) for item in answers.listed(lists["teams"])],
    }
    assert answers.complete({"repo_url": URL, **simple, **read_lists}) == Answers(URL)


@pytest.mark.parametrize("made_from", [Answers(URL), EVERYTHING], ids=["defaults", "everything"])
def test_the_schema_takes_what_is_written(made_from: Answers) -> None:
    assert [*jsonschema_rs.validator_for(SCHEMA).iter_errors(yaml.safe_load(answers.write(made_from, "1.2.3")))] == []


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_the_schema_takes_short_forms(text: str) -> None:
    assert jsonschema_rs.validator_for(SCHEMA).is_valid(yaml.safe_load(HEAD + text))


SHAPES = {
    name: text
    for name, (text, said) in broken().items()
    if name != "answer twice"
    and re.search(r"is not known; (did|`)|is text;|is a list|takes only|YAML; write it", said[0])
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_the_schema_refuses_what_has_the_wrong_shape(text: str) -> None:
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(documents.load(text))
