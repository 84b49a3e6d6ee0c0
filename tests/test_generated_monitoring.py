"""What watches a generated repository: alerts that fire when they must and only then, on metrics that Argo CD has."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import argocd_manifests, program
from gitopsmith import content
from gitopsmith.answers import Answers, Environment, Team
from gitopsmith.generate import plan, template
from outside import Run, path, run, shell

pytestmark = pytest.mark.slow

DEFAULT = Answers(
    repo_url="https://github.com/example/gitops.git",
    monitoring="prometheus-operator",
    slack_channel="deployments",
    argocd_host="argocd.example.com",
)
CASES = {
    "default": DEFAULT,
    "older-argocd": replace(DEFAULT, argocd_version="3.5.7"),
    "several-protected": replace(
        DEFAULT,
        environments=(Environment("dev"), Environment("eu", protected=True), Environment("us", "us", protected=True)),
        teams=(Team("apps"), Team("payments")),
    ),
    "none-protected": replace(DEFAULT, environments=(Environment("live"),), slack_channel="", argocd_host=""),
}
REGIONS = ("prod-eu-central-1", "prod-eu-west-1", "prod-us-east-1", "prod-us-west-2")
MONITORING = "platform/monitoring"
TEXT = (content.GENERATOR / "monitoring" / "{{cookiecutter.directory}}" / MONITORING / "rules.yaml").read_text()
ALERTS = sorted(set(re.findall(r"- alert: (\w+)", TEXT)))
LATE = [alert for alert in ALERTS if alert not in {"ArgoCDSyncBudgetSpent", "ArgoCDChangeTakesLong"}]
"""The alerts whose test sees them silent first; the others have a test of their own for that."""
WORDS = {
    "ratio30d > 0.01": ("ratio30d > 0.001", "two of 300"),
    "ratio30d > 0.01 and": ("ratio30d > 0.02 and", "four of 300"),
    ">= 100": (">= 10", "one of 20"),
    "> 6 * 0.01": ("> 60 * 0.01", "three failures at once"),
    "[30m]": ("[6h]", "three failures at once"),
    ">= 3": (">= 4", "three failures at once"),
    'dry_run="false"': ('dry_run=~".+"', "all is well"),
    "and on () present_over_time(argocd_app_info[10m] offset 1m)": ("", "a first failure counts"),
    '"}[10m] offset 1m)': ('"}[2m] offset 1m)', "a gap in the data"),
    'project!~"root-.+", ': ("", "a release that takes three minutes"),
    "for: 2m": ("for: 1m", "a release that takes one minute"),
    "increase1m * 0": ("increase1m > 0", "a gap in the data"),
}
"""Words of the rules, what they are changed to, and the test that has to notice."""


def render(given: Answers, folder: Path) -> Path:
    """Renders what this module is about, and nothing else of a repository."""
    folder.mkdir(exist_ok=True)
    variables = plan.variables(given)
    for name in ("monitoring", *(["slack"] if given.slack_channel else [])):
        template.render(name, variables, folder)
    return folder


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the default answers make; tests only read it."""
    return render(DEFAULT, tmp_path_factory.mktemp("default") / "gitops")


@pytest.fixture(scope="session", params=CASES)
def given(request: pytest.FixtureRequest) -> Answers:
    """The answers of each case."""
    return CASES[request.param]


def read(folder: Path, name: str) -> Any:
    return yaml.safe_load((folder / name).read_text())


def rules(folder: Path) -> list[dict[str, Any]]:
    return [rule for group in read(folder, f"{MONITORING}/rules.yaml")["spec"]["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("regions", [(), REGIONS], ids=["prod", "four-regions"])
def test_yamllint_finds_nothing(tmp_path: Path, given: Answers, regions: tuple[str, ...]) -> None:
    protected = tuple(Environment(name, protected=True) for name in regions)
    answers = replace(given, environments=(*given.environments, *protected))
    folder = render(answers, tmp_path / "gitops")
    template.render("checks", plan.variables(answers), folder)
    done = run(sys.executable, "-m", "yamllint", "--strict", "--format=parsable", ".", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")


# --- alerts


def promtool_tests(folder: Path) -> Run:
    """Runs the tests by the command that the file with the tests gives to its owner."""
    text = (folder / MONITORING / "rules_test.yaml").read_text()
    command = "\n".join(re.findall(r"^#   (.+)$", text, re.MULTILINE))
    return shell(command, folder, PATH=path(Path(program("promtool")).parent))


def test_the_alerts_pass_their_tests(tmp_path: Path, given: Answers) -> None:
    folder = render(given, tmp_path / "gitops")
    done = promtool_tests(folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    checked = run(program("promtool"), "check", "rules", "--lint=all", f"{MONITORING}/argocd.rules", cwd=folder)
    assert (checked.returncode, checked.stderr) == (0, "")
    # An alert that a test expects by name is one that exists, and each has such a test.
    text = (folder / MONITORING / "rules_test.yaml").read_text()
    assert {rule["alert"] for rule in rules(folder) if "alert" in rule} == set(re.findall(r'alertname="(\w+)"', text))


def changed(source: Path, folder: Path, old: str, new: str, only: str) -> Run:
    """Runs the tests with some name on rules in which some words are others."""
    shutil.copytree(source / MONITORING, folder, dirs_exist_ok=True)
    text = (folder / "rules.yaml").read_text().partition("\nspec:\n")[2]
    assert old in text
    (folder / "argocd.rules").write_text(text.replace(old, new))
    return run(program("promtool"), "test", "rules", f"--run={only}", "rules_test.yaml", cwd=folder)


def expecting(folder: Path, alert: str) -> str:
    """Returns the name of the first test that expects an alert."""
    cases = read(folder, f"{MONITORING}/rules_test.yaml")["tests"]
    return next(str(case["name"]) for case in cases if f'"{alert}"' in str(case["promql_expr_test"]))


@pytest.mark.parametrize("alert", ALERTS)
def test_the_tests_miss_an_alert_that_does_not_fire(default: Path, tmp_path: Path, alert: str) -> None:
    case = expecting(default, alert)
    done = changed(default, tmp_path, f"- alert: {alert}\n", f"- alert: Not{alert}\n", case)
    assert done.returncode == 1
    assert alert in done.stdout + done.stderr


@pytest.mark.parametrize("alert", LATE)
def test_the_tests_notice_an_alert_that_fires_too_soon(default: Path, tmp_path: Path, alert: str) -> None:
    rule = next(rule for rule in rules(default) if rule.get("alert") == alert)
    text = (default / MONITORING / "rules.yaml").read_text()
    start = text.index(f"- alert: {alert}\n")
    end = text.index(f"for: {rule['for']}\n", start)
    old = text[start : end + len(f"for: {rule['for']}")]
    assert changed(default, tmp_path, old, f"{old[: end - start]}for: 0s", expecting(default, alert)).returncode == 1


@pytest.mark.parametrize("words", WORDS)
def test_the_tests_notice_another_condition(default: Path, tmp_path: Path, words: str) -> None:
    other, case = WORDS[words]
    assert changed(default, tmp_path, words, other, case).returncode == 1


def test_every_alert_says_what_to_do(given: Answers, tmp_path: Path) -> None:
    folder = render(given, tmp_path / "gitops")
    documented = content.GENERATOR / "docs" / "{{cookiecutter.directory}}" / "docs"
    for rule in rules(folder):
        if "alert" not in rule:
            continue
        assert rule["for"]
        severity = rule["labels"]["severity"]
        assert severity in {"critical", "warning", "info"} or severity.startswith('{{ if match "-(')
        notes = rule["annotations"]
        assert set(notes) == {"summary", "description", "runbook_url"}
        assert not notes["summary"].endswith(".")
        assert notes["description"].endswith((".", ")")) or "topk(" in notes["description"]
        base, _, page = notes["runbook_url"].rpartition("/")
        assert base == "https://github.com/example/gitops/blob/main/docs"
        assert (documented / page).is_file()


@pytest.mark.parametrize(
    ("url", "ci", "pages"),
    [
        ("https://github.com/o/r.git", "github", "https://github.com/o/r/blob/main/docs"),
        ("git@github.com:o/r.git", "github", "https://github.com/o/r/blob/main/docs"),
        ("https://gitlab.com/g/s/r.git", "github", "https://gitlab.com/g/s/r/-/blob/main/docs"),
        ("git@git.example.com:g/s/r.git", "gitlab", "https://git.example.com/g/s/r/-/blob/main/docs"),
        ("ssh://git@git.example.com:2222/g/r.git", "gitlab", "https://git.example.com/g/r/-/blob/main/docs"),
        ("file:///srv/git/r.git", "github", "docs"),
    ],
)
def test_runbooks_are_linked_where_people_read_them(tmp_path: Path, url: str, ci: str, pages: str) -> None:
    folder = render(replace(DEFAULT, repo_url=url, ci=ci), tmp_path / "gitops")
    links = {rule["annotations"]["runbook_url"].rpartition("/")[0] for rule in rules(folder) if "alert" in rule}
    assert links == {pages}


# --- metrics


def go_source(version: str) -> Path:
    """Returns Argo CD's own source, as the module cache of Go has it; skips where it is not there."""
    argocd_manifests(version)
    cache = run(program("go"), "env", "GOMODCACHE", cwd=Path("/")).stdout.strip()
    folder = Path(cache) / "github.com" / "argoproj" / "argo-cd" / f"v3@v{version}"
    if not folder.is_dir():
        pytest.skip(f"needs the source of Argo CD {version} in the module cache: run `make tools` (Go)")
    return folder


ELSEWHERE = {
    "argocd_notifications_deliveries_total": {"trigger", "service", "succeeded"},
    "up": {"namespace", "job"},
    "workqueue_queue_duration_seconds": {"name", "controller"},
}
"""Metrics of the notifications engine, of Prometheus itself, and of controller-runtime."""
COMMON = {"descAppDefaultLabels": ("namespace", "name", "project"), "descClusterDefaultLabels": ("server",)}


def declared(source: Path) -> dict[str, set[str]]:
    """Returns the labels of every metric that Argo CD's controller and repo-server declare."""
    found = dict(ELSEWHERE)
    for file in (*source.glob("controller/metrics/*.go"), *source.glob("reposerver/metrics/*.go")):
        for name, declaration in re.findall(r'"(argocd_\w+)",(.*?)(?:\n\t+\)|\}\))\n', file.read_text(), re.DOTALL):
            # The sentence that explains a metric stands before its labels.
            labels = re.sub(r'^\s*(Help:\s*)?".*', "", declaration, flags=re.MULTILINE)
            common = [label for variable, more in COMMON.items() if variable in labels for label in more]
            found[name] = {*re.findall(r'"(\w+)"', labels), *common}
    return found


def selected(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Yields the metrics of an expression that are no recorded ones, each with the labels that it is selected by."""
    without_groups = re.sub(r"(by|on) \([^)]*\)", "", expression)
    for name, selector in re.findall(r"(?<![\w:])((?:argocd|workqueue)_\w+|up)\b(?:\{([^}]*)\})?", without_groups):
        yield name.removesuffix("_bucket"), set(re.findall(r"(\w+)[!=]", selector))


def grouped(expression: str) -> set[str]:
    return {name for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression) for name in re.findall(r"\w+", group)}


def expressions(folder: Path) -> list[str]:
    panels = json.loads((folder / MONITORING / "dashboard.json").read_text())["panels"]
    drawn = [target["expr"] for panel in panels for target in panel["targets"]]
    return [*(rule["expr"] for rule in rules(folder)), *drawn]


@pytest.mark.parametrize("version", ["3.6.1", "3.5.7"])
def test_every_metric_and_label_is_one_that_argo_cd_has(tmp_path: Path, version: str) -> None:
    known = declared(go_source(version))
    assert known["argocd_app_sync_total"] == {"namespace", "name", "project", "dest_server", "phase", "dry_run"}
    assert ("phase" in known["argocd_app_info"]) == (version == "3.6.1")
    folder = render(replace(DEFAULT, argocd_version=version), tmp_path / "gitops")
    for expression in expressions(folder):
        metrics = [*selected(expression)]
        assert {name for name, _ in metrics} <= set(known)
        assert [labels - known[name] for name, labels in metrics if labels - known[name]] == []


def test_series_are_grouped_by_labels_that_they_have(default: Path) -> None:
    known = declared(go_source("3.6.1")) | {"app:argocd_syncs:increase1m": {"namespace", "project", "name", "phase"}}
    for expression in expressions(default):
        there = {label for name in known if name in expression for label in known[name]} | {"le"}
        assert grouped(expression) <= there, expression


def test_what_is_recorded_is_used_and_what_is_used_is_recorded(default: Path) -> None:
    recorded = {rule["record"] for rule in rules(default) if "record" in rule}
    read_again = {name for text in expressions(default) for name in re.findall(r"\b\w+:\w+:\w+\b", text)}
    assert read_again == recorded


def test_every_service_with_metrics_is_scraped_by_its_label() -> None:
    documents = (argocd_manifests("3.6.1") / "install.yaml").read_text().split("\n---\n")
    services = [yaml.safe_load(text) for text in documents if "\nkind: Service\n" in text]
    with_metrics = {
        body["metadata"]["labels"]["app.kubernetes.io/name"]
        for body in services
        if any(port["name"] == "metrics" for port in body["spec"].get("ports", []))
    }
    text = content.GENERATOR / "monitoring" / "{{cookiecutter.directory}}" / MONITORING / "servicemonitor.yaml"
    scraped = set(re.findall(r"^ +- (argocd-\S+)$", text.read_text(), re.MULTILINE))
    assert scraped == with_metrics - {"argocd-dex-server"}


# --- dashboard


def test_the_dashboard_is_one_that_grafana_finds(default: Path, kustomize: str) -> None:
    built = run(kustomize, "build", MONITORING, cwd=default)
    assert built.returncode == 0, built.stderr
    bodies = {body["kind"]: body for body in yaml.safe_load_all(built.stdout)}
    assert set(bodies) == {"ConfigMap", "PrometheusRule", "ServiceMonitor"}
    assert bodies["ConfigMap"]["metadata"] == {
        "labels": {"grafana_dashboard": "1"},
        "name": "argocd-dashboard",
        "namespace": "argocd",
    }
    assert json.loads(bodies["ConfigMap"]["data"]["argocd.json"])["title"] == "Argo CD"
    assert all(body["metadata"]["namespace"] == "argocd" for body in bodies.values())


def test_no_panel_lies_on_another(default: Path) -> None:
    panels = json.loads((default / MONITORING / "dashboard.json").read_text())["panels"]
    cells = [cell for panel in panels for cell in cells_of(**panel["gridPos"])]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def cells_of(x: int, y: int, w: int, h: int) -> list[tuple[int, int]]:
    return [(x + column, y + row) for column in range(w) for row in range(h)]


def test_prometheus_understands_every_panel(default: Path, tmp_path: Path) -> None:
    texts = [re.sub(r"\$__(rate_)?interval", "5m", expression) for expression in expressions(default)]
    drawn = [{"record": f"panel:{index}:value", "expr": text} for index, text in enumerate(texts)]
    (tmp_path / "panels.rules").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": drawn}]}))
    done = run(program("promtool"), "check", "rules", "panels.rules", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


# --- notifications

NOTIFICATIONS = "bootstrap/argocd/argocd-notifications-cm.yaml"
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: none, context: {cluster: none, user: none, namespace: argocd}}]
users: [{name: none, user: {}}]
current-context: none
"""
"""Of a cluster that does not answer, since the program wants to know one."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def application(**status: Any) -> dict[str, Any]:
    """Returns an Application as Argo CD has it after a sync that went well; ``status`` replaces parts of its status."""
    operation = {"phase": "Succeeded", "finishedAt": "2026-11-24T10:00:10Z", "syncResult": {"revision": COMMIT}}
    after = {
        "reconciledAt": "2026-11-24T10:00:20Z",
        "sync": {"status": "Synced", "revision": COMMIT},
        "health": {"status": "Healthy"},
        "summary": {"images": ["registry.example.com/web:1.2", "registry.example.com/proxy:3"]},
        "operationState": operation,
    }
    meta = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    named = {"metadata": {"name": "web-prod", "namespace": "argocd"}, "spec": {"project": "apps-prod"}}
    return {**meta, **named, "status": after | status}


def ask(folder: Path, *words: str, about: dict[str, Any]) -> str:
    """Asks Argo CD's own program, which has no cluster here, what it makes of an Application."""
    (folder / "kubeconfig").write_text(KUBECONFIG)
    (folder / "app.yaml").write_text(yaml.safe_dump(about))
    command = (program("argocd"), "admin", "notifications", *words, "./app.yaml", "--kubeconfig", "kubeconfig")
    done = run(*command, "--config-map", NOTIFICATIONS, "--secret", ":empty", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


FAILED = {"phase": "Failed", "message": 'one "quoted" word\nand a line', "finishedAt": "2026-11-24T10:00:10Z"}


@pytest.mark.parametrize(
    ("trigger", "about", "told"),
    [
        ("on-sync-failed", application(), False),
        ("on-sync-failed", application(operationState=FAILED), True),
        ("on-sync-failed", application(operationState=FAILED | {"phase": "Running"}), False),
        ("on-sync-failed", application() | {"status": {}}, False),
        ("on-degraded", application(), False),
        ("on-degraded", application(health={"status": "Degraded"}), True),
        ("on-deployed", application(), True),
        ("on-deployed", application(reconciledAt="2026-11-24T10:00:09Z"), False),
        ("on-deployed", application(health={"status": "Progressing"}), False),
        ("on-deployed", application() | {"spec": {"project": "apps-dev"}}, False),
        ("on-deployed", application() | {"spec": {"project": "root-prod"}}, False),
        ("on-deployed", application() | {"status": {}}, False),
    ],
)
def test_people_are_told_when_it_matters(tmp_path: Path, trigger: str, about: dict[str, Any], *, told: bool) -> None:
    folder = render(DEFAULT, tmp_path / "gitops")
    assert ask(folder, "trigger", "run", trigger, about=about).split()[-1] == str(told).lower()


@pytest.mark.parametrize(
    ("name", "about", "text"),
    [
        ("sync-failed", application(operationState=FAILED), 'one "quoted" word\nand a line'),
        ("degraded", application(health={"status": "Degraded"}), "Commit 0123456."),
        (
            "degraded",
            application(health={"status": "Degraded", "message": "Caused by apps/Deployment:web-prod/web"}),
            "Commit 0123456. Caused by apps/Deployment:web-prod/web",
        ),
        (
            "deployed",
            application(),
            "Commit 0123456: registry.example.com/web:1.2, registry.example.com/proxy:3",
        ),
    ],
)
def test_people_are_told_what_happened_and_where(tmp_path: Path, name: str, about: dict[str, Any], text: str) -> None:
    folder = render(DEFAULT, tmp_path / "gitops")
    told = yaml.safe_load(ask(folder, "template", "notify", name, about=about))
    assert told["message"].startswith("web-prod: ")
    (attachment,) = json.loads(told["slack"]["attachments"])
    assert attachment["text"] == text
    assert attachment["title_link"] == "https://argocd.example.com/applications/argocd/web-prod"


def test_without_a_host_there_is_no_link(tmp_path: Path) -> None:
    folder = render(replace(DEFAULT, argocd_host=""), tmp_path / "gitops")
    told = yaml.safe_load(ask(folder, "template", "notify", "deployed", about=application()))
    (attachment,) = json.loads(told["slack"]["attachments"])
    assert set(attachment) == {"color", "text"}


@pytest.mark.parametrize("case", [name for name, answers in CASES.items() if answers.slack_channel])
def test_every_trigger_is_subscribed_to_and_sends_what_is_there(tmp_path: Path, case: str) -> None:
    data = read(render(CASES[case], tmp_path / "gitops"), NOTIFICATIONS)["data"]
    assert yaml.safe_load(data["service.slack"]) == {"token": "$slack-token"}
    (subscription,) = yaml.safe_load(data["subscriptions"])
    assert subscription["recipients"] == ["slack:deployments"]
    triggers = {key.removeprefix("trigger."): yaml.safe_load(text) for key, text in data.items() if "trigger." in key}
    assert set(subscription["triggers"]) == set(triggers)
    sent = {f"template.{name}" for conditions in triggers.values() for item in conditions for name in item["send"]}
    assert sent == {key for key in data if key.startswith("template.")}
