"""The configuration file: what it may say, and how it is told what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith import config
from gitopsmith.config import Cluster, Config, Environment, Override, Promises
from gitopsmith.finding import Failure
from repository import write

RULES = {"pinning", "image-tag", "health", "probe-port"}


def _read(folder: Path, text: str | bytes) -> Config:
    return config.read(write(folder, {config.FILE_NAME: text}) / config.FILE_NAME, RULES)


def _refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(Failure) as caught:
        _read(folder, text)
    assert caught.value.status == 2
    return str(caught.value).removeprefix(f"{folder}/{config.FILE_NAME}")


def test_everything_that_a_file_can_say(tmp_path: Path) -> None:
    read = _read(
        tmp_path,
        """
repository: {urls: [https://git.example.com/team/fleet.git]}
environments:
  - {name: staging, paths: [clusters/staging]}
  - {name: production, paths: [clusters/production, shared], cluster: main, protected: true}
clusters: [{name: main, server: https://10.0.0.1}, {name: edge, project: team, labels: {a: b}, annotations: {c: d}}]
applicationsets: {previews: [{number: "7"}]}
kubernetes: "1.33"
argocd: "3.5.1"
rules: {pinning: warning, image-tag: "off"}
overrides:
  - paths: [legacy]
    environments: [production]
    rules: {health: info}
    reason: it goes away in May
budgets: {rollback: 60, automated: all, digests: protected, actions: commits}
""",
    )
    assert read == Config(
        path=config.FILE_NAME,
        urls=("https://git.example.com/team/fleet.git",),
        environments=(
            Environment("staging", ("clusters/staging",)),
            Environment("production", ("clusters/production", "shared"), "main", protected=True),
        ),
        kubernetes="1.33",
        argocd="3.5.1",
        rules=(("pinning", "warning"), ("image-tag", "off")),
        overrides=(Override(("legacy", "clusters/production", "shared"), {"health": "info"}, "it goes away in May"),),
        rollback_seconds=60,
        promises=Promises(automated="all", digests="protected", actions="commits"),
        clusters=(
            Cluster("main", "https://10.0.0.1", "", {}, {}),
            Cluster("edge", "", "team", {"a": "b"}, {"c": "d"}),
        ),
        application_sets={"previews": [{"number": "7"}]},
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, text) == Config(config.FILE_NAME)


@pytest.mark.parametrize(
    ("text", "version"),
    [("kubernetes: 1.30\n", "1.30"), ("kubernetes: '1.30'\n", "1.30"), ("kubernetes: 1.34 # new\n", "1.34")],
)
def test_a_version_is_read_as_it_is_written(tmp_path: Path, text: str, version: str) -> None:
    """YAML alone would make 1.3 of 1.30."""
    assert _read(tmp_path, text).kubernetes == version


@pytest.mark.parametrize("text", ["rules: {image-tag: off}\n", "rules: {image-tag: 'off'}\n"])
def test_off_needs_no_quotes(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, text).rules == (("image-tag", "off"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kubernets: '1.34'\n", ":1:1: unknown key 'kubernets'; did you mean 'kubernetes'?"),
        ("\nbudgets:\n  rolback: 3\n", ":3:3: unknown key 'rolback'; did you mean 'rollback'?"),
        (
            "overrides:\n  - rule: {pinning: error}\n    reason: r\n",
            ":2:5: unknown key 'rule'; did you mean 'rules'?",
        ),
        ("zzz: 1\n", ":1:1: unknown key 'zzz'"),
        ("rules:\n  imagetag: error\n", ":2:3: unknown rule 'imagetag'; did you mean 'image-tag'?"),
        (
            "overrides:\n  - rules: {probeport: error}\n    reason: r\n",
            ":2:13: unknown rule 'probeport'; did you mean 'probe-port'?",
        ),
        ("rules: {pinning: fatal}\n", ":1:18: write one of off, info, warning, error, not 'fatal'"),
        ("overrides:\n  - rules: {pinning: error}\n", ":2:5: key 'reason' is missing"),
        (
            "environments: [{name: production}]\noverrides: [{environments: [prodution], rules: {}, reason: r}]\n",
            ":2:29: unknown environment 'prodution'; did you mean 'production'?",
        ),
        (
            "overrides: [{rules: {pinning: off}, reason: r}]\n",
            ":1:13: this override reaches nothing; give it paths or environments",
        ),
        (
            "environments: [{name: production}]\noverrides: [{environments: [production], rules: {}, reason: r}]\n",
            ":2:29: environment 'production' has no paths, so this override cannot reach it",
        ),
        ("kubernetes: newest\n", ":1:13: 'newest' is no version; write it as 1.34 for Kubernetes, 3.6.1 for Argo CD"),
        ("argocd: 3\n", ":1:9: '3' is no version; write it as 1.34 for Kubernetes, 3.6.1 for Argo CD"),
        ("environments: production\n", ":1:15: this must be a list"),
        ("- rules\n", ":1:1: this must be a map"),
        ("budgets: {rollback: 0}\n", ":1:21: 0 is less than the minimum of 1"),
        ("rules: {pinning: error\n", ":2:1: did not find expected ',' or '}' while parsing a flow mapping"),
        (
            "argocd: 3.6.1\nargocd: 3.6.1\n",
            ":2:1: key 'argocd' stands twice in this map; the first, in line 1, is silently lost",
        ),
        (b"\xff\n", ":1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
    ],
    ids=[
        "unknown key", "unknown key below", "unknown key in a list", "nothing near", "unknown rule",
        "unknown rule in an override", "unknown severity", "no reason", "unknown environment",
        "override of nothing", "environment without paths", "Kubernetes version",
        "Argo CD version", "no list", "no map", "too small", "no YAML", "duplicate key", "no UTF-8",
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_the_nearest_right_word(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    assert _refusal(tmp_path, text) == message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"\.gitopsmith\.yaml: cannot be read: No such file"):
        config.read(tmp_path / config.FILE_NAME, RULES)


def test_the_nearest_file_above_a_path_counts(tmp_path: Path) -> None:
    write(tmp_path, {config.FILE_NAME: "", "team/.gitopsmith.yaml": "", "team/apps/web/app.yaml": "", "other/x": ""})
    assert config.find_root(tmp_path / "team/apps/web/app.yaml") == tmp_path / "team"
    assert config.find_root(tmp_path / "other") == tmp_path
    assert config.find_root(tmp_path / "other", tmp_path / "other") is None


@pytest.mark.parametrize(
    ("path", "patterns", "expected"),
    [
        ("clusters/production/web/app.yaml", ["clusters/production"], True),
        ("clusters/production/web/app.yaml", ["clusters/production/"], True),
        ("clusters/production-2/app.yaml", ["clusters/production"], False),
        ("clusters/staging/web/app.yaml", ["clusters/*/web"], True),
        ("apps/web.yaml", ["*.yaml"], True),
        ("apps/web.yaml", ["web.yaml"], False),
        ("Apps/web.yaml", ["apps"], False),
    ],
)
def test_paths_are_globs_or_folders(path: str, patterns: list[str], expected: bool) -> None:
    assert config.matches(path, patterns) is expected


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    said = Config(
        config.FILE_NAME,
        urls=("https://git.example.com/a/b.git",),
        environments=(Environment("prod", ("prod",), "east", protected=True), Environment("dev", ("dev",))),
        kubernetes="1.30",
        profile="production",
        rules=(("image-tag", "off"),),
        overrides=(Override(("dev",), {"pinning": "off"}, "a playground"),),
        build_options="--enable-helm",
        clusters=(Cluster("east", "https://east", "", {"tier": "1"}, {}),),
        application_sets={"pulls": [{"number": 1}]},
    )
    assert _read(tmp_path, config.write(said, dict(said.rules))) == said
