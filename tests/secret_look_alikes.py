"""What looks like a secret to a search by pattern, and is none."""

# ruff: noqa: E501 - a table, one case a line

from __future__ import annotations

import json

from secret_cases import (
    CIPHERTEXT,
    LETTERS,
    LOT,
    Case,
    application,
    argument,
    block,
    chart,
    config,
    config_file,
    data,
    encoded,
    external,
    indented,
    pem,
    pod,
    sealed,
    sealed_value,
    secret,
    sops,
    string_data,
    variable,
)  # fmt: skip

PLACEHOLDERS = {
    "braces": "'{{ .Values.password }}'",
    "variable": "${DB_PASSWORD}",
    "shell": "$DB_PASSWORD",
    "kubernetes": "$(DB_PASSWORD)",
    "angle": "<your-password>",
    "vault": "<path:secret/data/web#password>",
    "changeme": "changeme",
    "replace": "REPLACE_ME",
    "underscores": "__PASSWORD__",
    "percent": "'%PASSWORD%'",
    "at": "'@PASSWORD@'",
    "crosses": "xxxx",
    "stars": "'****'",
    "todo": "TODO",
    "reference": "ref+vault://secret/web#password",
    "one-password": "op://vault/item/field",
    "ssm": "awsssm://shop/web/password",
    "key-vault": "'@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/web)'",
    "concourse": "'((web.password))'",
    "spring": "'#{password}'",
    "grafana": "'$__file{/run/secrets/password}'",
    "empty": "''",
    "bcrypt": "'$2y$10$" + "N9qo8uLOickgx2ZMRZoMye" + "IjZAgcfl7p92ldGxad68LJZdL17lhWy'",
    "argon": "'$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub'",
    "digest": "sha256:" + "4bcd3f0d" * 8,
}
SOPS_FILE = {
    "password": CIPHERTEXT,
    "sops": {"mac": CIPHERTEXT, "lastmodified": "2026-01-10T10:00:00Z", "age": [{"enc": "something"}]},
}
NO_VALUES = {
    "file": ("PASSWORD_FILE", "/run/secrets/password"),
    "path": ("token", "/var/run/secrets/tokens/vault-token"),
    "name": ("secretName", "web-database-7f8d9c6b5d"),
    "suffixed": ("SECRET", "web-config-7f8d9c6b5d"),
    "numbered": ("SECRET", "oauth2-proxy-client-secret"),
    "lifetime": ("TOKEN_TTL", "31536000000"),
    "enabled": ("PASSWORD_RESET", "enabled"),
    "address": ("TOKEN_URL", "https://login.example.com/oauth/token"),
    "existing": ("existingSecret", "shop-7f8d9c6b5d2k1m"),
    "number": ("ACCESS_TOKEN", "'12345678901234'"),
    "public": ("PUBLIC_KEY", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"),
    "commit": ("REVISION", "3f2a9c17e04bd58861" + "c0d7e5f4a3b2918d6c5e4f"),
    "image": ("IMAGE", "registry.example.com/web@sha256:" + "4bcd3f0d" * 8),
    "uuid": ("CLIENT_ID", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"),
    "aws-id": ("AWS_ACCESS_KEY_ID", "AKIA" + "IOSFODNN7EXAMPLE"),
    "aws-example": ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"),
}


def plain(length: int) -> str:
    return "".join(LOT.choices(LETTERS, k=length))


ALERTS_OF_NOBODY = (
    "global:\n  resolve_timeout: 5m\nroute:\n  receiver: all\nreceivers:\n  - name: all\n  - name: watchdog\n"
)


def silent(name: str, text: str, kind: str = "object", *beside: tuple[str, str]) -> Case:
    return Case(name, text, kind=kind, beside=beside)


def token(head: dict[str, str], claims: dict[str, str]) -> str:
    return ".".join((*(encoded(json.dumps(part)).rstrip("=") for part in (head, claims)), plain(43)))


def public() -> list[Case]:
    certificate = pem("CERTIFICATE")
    return [
        silent("certificate", data("certificate", "tls.crt", certificate)),
        silent("certificates", block("certificates", "ca.crt", certificate * 2)),
        silent("public-key", block("public-key", "key.pub", pem("PUBLIC KEY"))),
        silent("ssh-public", string_data("ssh-public", "key", f"ssh-ed25519 {plain(68)} bot@example.com")),
        silent("known-hosts", block("known-hosts", "ssh_known_hosts", f"git.example.com ssh-rsa {plain(200)}\n")),
        silent("encrypted-key", block("encrypted-key", "tls.key", pem("ENCRYPTED PRIVATE KEY"))),
        silent("bundle", config_file("bundle", "ca.crt", certificate)),
        silent("signature", config_file("signature", "sig", pem("PGP SIGNATURE"))),
        silent("openssh", config_file("openssh", "id", pem("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI"))),
        silent("header", config_file("header", "check.sh", f"grep -q -- '{'-' * 5}BEGIN PRIVATE KEY{'-' * 5}' \"$1\"\n")),
        silent("htpasswd", string_data("htpasswd", "auth", f"'bot:$2y$05${plain(53)}'")),
    ]  # fmt: skip


def tokens() -> list[Case]:
    made_up = {
        "one-letter": "gh" + "p_" + "x" * 36,
        "no-checksum": "gh" + "p_" + plain(36),
        "npm": "np" + "m_" + plain(36),
        "grafana": "gl" + "sa_" + plain(32) + "_00000000",
        "example": "gl" + "pat-" + "EXAMPLE" * 3,
        "sequence": "sk_" + "live_" + "1234567890abcdefghijklmn",
        "test-key": "sk_" + "test_" + plain(24),
        "short": "gl" + "pat-" + "abc",
        "unsigned": token({"alg": "none"}, {"sub": "bot"}),
        "published": token({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "name": "John Doe"}),
        "anonymous": token({"alg": "HS256", "typ": "JWT"}, {"iss": "supabase", "role": "anon"}),
    }
    return [
        silent(f"no-token-{name}", config(f"no-token-{name}", "setting", f'"{it}"')) for name, it in made_up.items()
    ]


def addresses() -> list[Case]:
    urls = {
        "plain": "https://git.example.com/team/fleet.git",
        "user": "ssh://git@git.example.com:22/team/fleet.git",
        "variable": "postgres://shop:$(DB_PASSWORD)@database:5432/shop",
        "braces": "'postgres://shop:{{ .password }}@database/shop'",
        "default": "postgresql://postgres:postgres@database/shop",
        "word": "postgresql://shop:mypass@database/shop",
        "documented": "https://user:password@example.com/",
        "port": "see https://example.com:8080/docs or write to team@example.com",
        "query": "https://login.example.com/callback?token=${TOKEN}",
    }
    return [silent(f"url-{name}", config(f"url-{name}", "url", f'"{url}"' if "'" not in url else url)) for name, url in urls.items()]  # fmt: skip


def files() -> list[Case]:
    """Texts in ConfigMaps and Secrets that speak of secrets."""
    texts = {
        "properties": "db.user=shop\ndb.password=${DB_PASSWORD}\n",
        "python": "def check(password):\n    token = config.get('token1')\n    return password == token\n",
        "shell": 'PASSWORD=$(cat /run/secrets/password)\nexport TOKEN="$1"\nclient_secret=oauth2-proxy-secret\n',
        "yaml": "auth:\n  existingSecret: web-login-7f8d9c\n  secretKeyRef:\n    name: web\n    key: password\n",
        "json": json.dumps({"auth": {"passwordFile": "/run/secrets/p1", "tokenUrl": "https://login.example.com"}}),
        "prose": "The password is asked for; a token is never stored. Secret: none.\n",
        "nginx": "proxy_set_header Authorization $http_authorization;\nssl_certificate_key /etc/tls/tls.key;\n",
        "lua": 'local secret = os.getenv("WEB_SECRET1")\nlocal key = self.cache_key\n',
        "registry": json.dumps({"auths": {"registry.example.com": {"auth": encoded("bot:changeme")}}}),
    }
    out = [silent(f"text-{name}", config_file(f"text-{name}", "file", text)) for name, text in texts.items()]
    settings = "storeConfiguration=DATABASE\nacceptors.all.port=61616\nclusterUser=shop\n"
    addresses = 'addressSettings."EXAMPLE.ADDRESS.#".name=EXAMPLE.ADDRESS.#\nsecurityRoles.#.admin.send=true\n'
    labels = "  labels:\n    argocd.argoproj.io/secret-type: {}\n"
    cluster = 'stringData:\n  name: production\n  server: https://10.0.0.1\n  config: \'{"tlsClientConfig":{"insecure":false}}\'\n'
    return [
        *out,
        Case("files/plain.env", "COLOUR=blue\nDB_PASSWORD_FILE=/run/secrets/p1\nDB_USER=shop\n", kind="file"),
        Case("files/blank.env", "DB_PASSWORD=\nTOKEN=changeme\nURL=https://shop.example.com\n", kind="file"),
        silent("validation", config_file("validation", "password_validation.py", "RULES = ['length12', 'digits1']\n")),
        silent("settings", block("settings", "web.properties", settings)),
        silent("settings-quoted", block("settings-quoted", "broker.properties", addresses)),
        silent("settings-json", string_data("settings-json", "settings", "'{\"resources\": {\"limit\": 3}}'")),
        silent("cluster", secret("cluster", cluster, labels.format("cluster"))),
        silent("repo", secret("repo", "stringData:\n  url: https://git.example.com/team\n  type: git\n", labels.format("repository"))),
        silent("argocd", data("argocd-secret", "admin.passwordMtime", "2026-01-10T10:00:00Z")),
        silent("account", secret("account", "type: kubernetes.io/service-account-token\n", "  annotations:\n    kubernetes.io/service-account.name: web\n")),
        silent("no-data", secret("no-data", "data:\n  password: ''\n")),
    ]  # fmt: skip


def workloads() -> list[Case]:
    reference = (
        "env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: web\n        key: password1\n"
    )
    arguments = {
        "variable": "--password=$(DB_PASSWORD)",
        "file": "--token-file=/run/secrets/token1",
        "name": "--tls-secret=web-tls-7f8d9c6b5d",
        "ttl": "--token-ttl=3600s",
        "url": "--token-url=https://login.example.com/v1",
        "path": "--password\n  - /run/secrets/password1",
        "shell": '"export PASSWORD=$(cat /run/secrets/password1)"',
    }
    return [
        *(silent(f"env-{n}", variable(f"env-{n}", name, value)) for n, (name, value) in NO_VALUES.items()),
        silent("env-reference", pod("env-reference", reference)),
        *(silent(f"argument-{name}", argument(f"argument-{name}", value)) for name, value in arguments.items()),
    ]


def encrypted() -> list[Case]:
    body = f"stringData:\n  password: {CIPHERTEXT}\n"
    blank = "template:\n  data:\n    user: shop\n    password: '{{ .password }}'\n"
    reference = "data:\n  password: '{{ .password }}'\n  url: 'postgres://shop:{{ .password }}@database/shop'\n"
    return [
        silent("sops", sops(secret("sops", body))),
        silent("files/sops.yaml", sops(secret("in-file", body)), "file"),
        silent("files/guarded/sops.yaml", sops(secret("guarded", body)), "file"),
        silent("files/guarded/later.yaml", string_data("later", "password", "${DB_PASSWORD}"), "file"),
        silent("files/guarded/config.yaml", config("config", "colour", "blue"), "file"),
        *(silent(f"seal-{n}", sealed(f"seal-{n}", sealed_value(n))) for n in (256, 384, 512)),
        silent("seal-template", sealed("seal-blank", sealed_value(), blank)),
        silent("seal-later", sealed("seal-later", "${SEALED_PASSWORD}")),
        silent("external", external("external", reference)),
        silent("external-words", external("external-words", "data:\n  secret: web-login\n  token: ''\n")),
    ]


def delivery() -> list[Case]:
    """Applications and kustomizations."""
    source = "repoURL: https://git.example.com/vendor/web.git\ntargetRevision: 3f2a9c17e04bd58861c0d7e5f4a3b2918d6c5e4f\npath: deploy\n"
    helm = {
        "existing": "parameters:\n  - name: auth.existingSecret\n    value: web-login-7f8d9c6b5d\n",
        "variable": "valuesObject:\n  auth:\n    password: $ARGOCD_ENV_PASSWORD\n",
        "vault": "values: |\n  auth:\n    password: <path:secret/data/web#password>\n",
        "name": "valuesObject:\n  auth:\n    passwordSecret: web-database\n    secretKeys:\n      adminPasswordKey: password1\n",
    }
    generators: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
        "literal": ("literals:\n  - password=${DB_PASSWORD}\n", ()),
        "public-file": ("files:\n  - ca.crt\n", (("ca.crt", pem("CERTIFICATE")),)),
        "blank-file": ("envs:\n  - web.env\n", (("web.env", "DB_PASSWORD=${DB_PASSWORD}\n"),)),
        "alerts-of-nobody": ("files:\n  - alertmanager.yaml\n", (("alertmanager.yaml", ALERTS_OF_NOBODY),)),
        "sops-file": ("files:\n  - web.json\n", (("web.json", json.dumps(SOPS_FILE)),)),
    }
    return [
        silent("app-plain", application("app-plain", source), "application"),
        *(silent(f"app-no-{name}", chart(f"app-no-{name}", text), "application") for name, text in helm.items()),
        *(
            silent(f"generated-{name}", f"secretGenerator:\n  - name: {name}\n{indented(body, 4)}", "kustomization", *beside)
            for name, (body, beside) in generators.items()
        ),
    ]  # fmt: skip


CASES = [
    *(silent(f"blank-{name}", string_data(f"blank-{name}", "password", value)) for name, value in PLACEHOLDERS.items()),
    *public(), *tokens(), *addresses(), *files(), *workloads(), *encrypted(), *delivery(),
]  # fmt: skip
