"""Files that no kustomization reads: those with a credential, which their names tell, and those that are too large."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gitopsmith.lint import Options, lint
from repository import URL, initialise, write

SECRET, LARGE = "secret-file-committed", "file-too-large"
DASHES, BODY = "-" * 5, "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7\n" * 3
KEY = f"{DASHES}BEGIN PRIVATE KEY{DASHES}\n{BODY}{DASHES}END PRIVATE KEY{DASHES}\n"
LOCKED = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE")
CERTIFICATE = KEY.replace("PRIVATE KEY", "CERTIFICATE")
CONFIG = "apiVersion: v1\nkind: Config\nusers:\n  - name: a\n    user:\n      client-key-data: "
KUBECONFIG = f"{CONFIG}{base64.b64encode(KEY.encode()).decode()}\n"
PASSWORD = "COLOUR=blue\nSHOP_PASSWORD=kD8vq2LxT0mZ\n"
LOGIN = "DATABASE=postgres://shop:kD8vq2LxT0mZ@database/shop\n"


def found(root: Path, files: dict[str, str], rule: str = SECRET) -> list[tuple[str, str, int]]:
    configuration = {
        ".gitopsmith.yaml": f"repository:\n  urls:\n    - {URL}\n",
        "web/kustomization.yaml": "resources: []\n",
    }
    write(root, configuration | files)
    initialise(root)
    report = lint(Options(paths=(root,), select=(rule,), jobs=1))
    assert "kD8vq2LxT0mZ" not in repr(report.findings)
    return [(str(finding.severity), *finding.location[:2]) for finding in report.findings]


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize(
    ("path", "text", "severity", "line"),
    [
        ("web/tls.key", KEY, "error", 1),
        ("web/tls.pem", CERTIFICATE + KEY, "error", 6),
        ("id_ed25519", KEY, "error", 1),
        ("kubeconfig", KUBECONFIG, "error", 6),
        ("admin-kubeconfig.yaml", KUBECONFIG, "error", 6),
        (".kube/config", KUBECONFIG, "error", 6),
        (".env.local", LOGIN, "error", 1),
        ("web/production.env", PASSWORD, "warning", 2),
        ("overlays/test/.env", PASSWORD, "warning", 2),
    ],
)
def test_a_credential_is_found_where_it_stands(path: str, text: str, severity: str, line: int, tmp_path: Path) -> None:
    assert found(tmp_path / "fleet", {path: text}) == [(severity, path, line)]


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("web/tls.pem", CERTIFICATE),
        ("web/tls.key", LOCKED),
        ("web/tls.key", "\0GITCRYPT\0" + KEY),
        ("web/large.key", KEY + "\n" * (1 << 20)),
        ("web/key.yaml", KEY),
        ("testdata/tls.key", KEY),
        (".env.sample", LOGIN),
        (".env", "SHOP_PASSWORD=ENC[AES256_GCM,data:a0Q4dnEy,iv:a0Q4dnEy,tag:a0Q4dnEy,type:str]\n"),
        (".env", "SHOP_PASSWORD=changeme\n"),
        ("kubeconfig.yaml", KUBECONFIG.replace("kind: Config", "kind: ConfigMap")),
    ],
)
def test_what_is_no_credential_or_made_up_is_left_alone(path: str, text: str, tmp_path: Path) -> None:
    assert found(tmp_path / "fleet", {path: text}) == []


@pytest.mark.usefixtures("kustomize")
def test_what_a_kustomization_names_is_told_by_other_rules(tmp_path: Path) -> None:
    kustomization = "secretGenerator:\n  - name: web\n    envs: [.env]\n"
    assert found(tmp_path / "fleet", {"web/kustomization.yaml": kustomization, "web/.env": LOGIN}) == []


@pytest.mark.usefixtures("kustomize")
def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    assert found(tmp_path / "fleet", {".gitignore": ".env\n", ".env": LOGIN, "web/tls.key": KEY}) == [
        ("error", "web/tls.key", 1)
    ]


@pytest.mark.usefixtures("kustomize")
def test_a_large_file_is_one_that_nothing_is_rendered_from(tmp_path: Path) -> None:
    large = "# more\n" * (1 << 18)
    kustomization = "configMapGenerator:\n  - name: web\n    files: [named.txt]\n"
    files = {"web/large.txt": large, "web/crds.yaml": large, "web/named.txt": large, "charts/web-1.4.2.tgz": large}
    files |= {"web/small.txt": large[: 1 << 20], "web/kustomization.yaml": kustomization}
    assert found(tmp_path / "fleet", files, LARGE) == [("info", "web/large.txt", 1)]
