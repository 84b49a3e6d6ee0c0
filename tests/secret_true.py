"""Secrets in plain text, in every place where a GitOps repository can have one."""

# ruff: noqa: E501 - a table, one case a line

from __future__ import annotations

import json
import string

from secret_cases import (
    CIPHERTEXT,
    ERROR,
    MARK,
    VALUES,
    WARNING,
    Case,
    application,
    argument,
    block,
    chart,
    checked,
    config,
    config_file,
    data,
    drawn,
    encoded,
    external,
    hexadecimal,
    indented,
    jwt,
    made,
    of_grafana,
    pem,
    pod,
    sealed,
    sealed_value,
    secret,
    sops,
    string_data,
    variable,
)  # fmt: skip

_BEFORE = len(VALUES)
_UPPER = string.ascii_uppercase + string.digits
_BASE32 = string.ascii_uppercase + "234567"
_SHORTEST = 4
PASSWORD_NAMES = ("password", "clientSecret", "apiKey", "signing-key", "MINIO_ROOT_PASSWORD", "jwt_secret")
TOKENS = {
    "github-classic": checked("gh" + "p_"),
    "github-app": checked("gh" + "s_"),
    "github-fine": made("github" + "_pat_", drawn(22), "_", drawn(59)),
    "gitlab": made("gl" + "pat-", drawn(20)),
    "gitlab-deploy": made("gl" + "dt-", drawn(20)),
    "slack-bot": made("xox" + "b-", drawn(12, string.digits + "a").replace("a", "7"), "-", drawn(24)),
    "slack-webhook": made("https://hooks.slack" + ".com/services/T", drawn(10, _UPPER), "/B", drawn(10, _UPPER), "/", drawn(24)),
    "stripe": made("sk_" + "live_", drawn(24)),
    "sendgrid": made("SG" + ".", drawn(22), ".", drawn(43)),
    "npm": checked("np" + "m_"),
    "pypi": made("pypi-" + "AgEIcHlwaS5vcmc", drawn(60)),
    "vault": made("hv" + "s.", drawn(28)),
    "terraform": made(drawn(14), ".atlas" + "v1.", drawn(66)),
    "google": made("AI" + "za", drawn(35)),
    "google-client": made("GOC" + "SPX-", drawn(28)),
    "azure-client": made(drawn(3), "8Q" + "~", drawn(33)),
    "azure-storage": made("Account" + "Key=", drawn(86), "=="),
    "digitalocean": made("do" + "p_v1_", hexadecimal(64)),
    "grafana": of_grafana(),
    "docker-hub": made("dckr" + "_pat_", drawn(27)),
    "databricks": made("da" + "pi", hexadecimal(32)),
    "new-relic": made("NR" + "AK-", drawn(27, _UPPER)),
    "dynatrace": made("dt0" + "c01.", drawn(24, _BASE32), ".", drawn(64, _BASE32)),
    "pulumi": made("pu" + "l-", hexadecimal(40)),
    "sonarqube": made("sq" + "u_", hexadecimal(40)),
    "telegram": made("48291057", ":A" + "A", drawn(33)),
    "discord": made("https://discord" + ".com/api/webhooks/482910573816482910/", drawn(68)),
    "age": made("AGE-SECRET-" + "KEY-1", drawn(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")),
}  # fmt: skip
PUTTY = (
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: bot\n"
    f"Public-Lines: 1\n{drawn(64)}\nPrivate-Lines: 1\n{drawn(48)}\n"
)
KEYS = {
    "pkcs8": pem("PRIVATE KEY"),
    "rsa": pem("RSA PRIVATE KEY"),
    "ec": pem("EC PRIVATE KEY", "MHc"),
    "openssh": pem("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"),
    "pgp": pem("PGP PRIVATE KEY BLOCK"),
    "putty": PUTTY,
    "jwk": json.dumps({"kty": "EC", "crv": "P-256", "d": drawn(43)}),
    "service-account": json.dumps({"type": "service_account", "private_key": pem("PRIVATE KEY")}),
}


def login(password: str, user: str = "bot") -> str:
    """Makes what a registry or HTTP takes as a login."""
    VALUES.append(encoded(f"{user}:{password}"))
    return VALUES[-1]


def registry() -> str:
    return json.dumps({"auths": {"registry.example.com": {"auth": login(drawn(24))}}})


def kubeconfig() -> str:
    key = encoded(pem("EC PRIVATE KEY", "MHc"))
    VALUES.append(key)
    return f"apiVersion: v1\nkind: Config\nusers:\n  - name: admin\n    user:\n      client-key-data: {key}\n"


def aws() -> str:
    return made(drawn(20), "/", drawn(19))


def cluster(name: str, **fields: object) -> str:
    labels = "  labels:\n    argocd.argoproj.io/secret-type: cluster\n"
    body = f"stringData:\n  name: production\n  server: https://10.0.0.1\n  config: |  {MARK}\n"
    return secret(name, body + indented(json.dumps(fields), 4), labels)


def repository(name: str, body: str, kind: str = "repository") -> str:
    labels = f"  labels:\n    argocd.argoproj.io/secret-type: {kind}\n"
    return secret(name, f"stringData:\n  url: https://git.example.com/team\n  username: bot\n{body}", labels)


def errors(name: str, text: str, rule: str = "secret-plaintext") -> Case:
    return Case(name, text, rule, ERROR)


def warns(name: str, text: str, rule: str) -> Case:
    return Case(name, text, rule, WARNING)


def plaintext() -> list[Case]:
    out = [errors(f"data-{n}", data(f"data-{n}", key, drawn(16))) for n, key in enumerate(PASSWORD_NAMES)]
    out += [errors(f"string-{n}", string_data(f"string-{n}", key, drawn(14))) for n, key in enumerate(PASSWORD_NAMES)]
    out += [errors(f"key-{name}", data(f"key-{name}", "file", key)) for name, key in KEYS.items()]
    out += [errors(f"block-{name}", block(f"block-{name}", "file", key)) for name, key in KEYS.items()]
    return [
        *out,
        warns("short", data("short", "pin", made("12", "34")), "secret-plaintext"),
        warns("word", string_data("word", "password", made("hunt", "er2")), "secret-plaintext"),
        errors("twice", data("twice", "token", encoded(TOKENS["gitlab"]))),
        errors("registry", data("registry", ".dockerconfigjson", registry())),
        errors("kubeconfig", data("kubeconfig", "kubeconfig", kubeconfig())),
        errors("dotenv", block("dotenv", "app.env", f"USER=shop\nexport DB_PASSWORD='{drawn(16)}'\n")),
        errors("json-in", data("json-in", "app.json", json.dumps({"db": {"user": "a", "password": drawn(16)}}))),
        errors("yaml-in", block("yaml-in", "app.yaml", f"db:\n  user: shop\n  password: {drawn(16)}\n")),
        errors("properties", block("properties", "app.properties", f"db.user=shop\ndb.password={drawn(16)}\n")),
        errors(
            "properties-quoted", block("properties-quoted", "a.properties", f'users."shop.#".password={drawn(16)}\n')
        ),
        errors("ini", block("ini", "app.ini", f"[db]\nuser = shop\npassword = {drawn(16)}\n")),
        errors("url-in", string_data("url-in", "dsn", f"postgres://shop:{drawn(16)}@database:5432/shop")),
        errors("aws-key", string_data("aws-key", "AWS_SECRET_ACCESS_KEY", aws())),
        errors("aws-file", block("aws-file", "credentials", f"[default]\naws_secret_access_key = {aws()}\n")),
        errors("last-applied", last_applied()),
        errors("argocd", data("argocd-secret", "server.secretkey", drawn(44))),
        errors("hook", string_data("webhook", "webhook.github.secret", drawn(32))),
        errors("repository", repository("repository", f"  password: {drawn(20)}  {MARK}\n")),
        errors("repo-creds", repository("repo-creds", f"  bearerToken: {drawn(40)}  {MARK}\n", "repo-creds")),
        errors("app-key", repository("app-key", f"  githubAppPrivateKey: |  {MARK}\n{indented(KEYS['rsa'], 4)}")),
        errors("cluster-token", cluster("cluster-token", bearerToken=jwt(iss="kubernetes/serviceaccount"))),
        errors("cluster-plain", cluster("cluster-plain", bearerToken=drawn(40), tlsClientConfig={"insecure": True})),
        errors("cluster-key", cluster("cluster-key", tlsClientConfig={"keyData": remembered(pem("RSA PRIVATE KEY"))})),
        errors("account-token", data("account-token", "token", jwt(iss="kubernetes/serviceaccount"))),
    ]


def remembered(text: str) -> str:
    VALUES.append(encoded(text))
    return VALUES[-1]


def last_applied() -> str:
    body = json.dumps({"kind": "Secret", "data": {"password": remembered(drawn(16))}})
    note = f"  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |  {MARK}\n{indented(body, 6)}"
    return secret("last-applied", "type: Opaque\n", note)


def elsewhere() -> list[Case]:
    """Credentials with a form of their own, outside of Secrets."""
    rule = "secret-token"
    name, texts = "token-{}", TOKENS.items()
    return [
        *(errors(name.format(kind), config(name.format(kind), "setting", f'"{token}"'), rule) for kind, token in texts),
        *(errors(f"config-{kind}", config_file(f"config-{kind}", "file", key), rule) for kind, key in KEYS.items()),
        errors("config-jwt", config("config-jwt", "setting", jwt(iss="argocd", sub="bot")), rule),
        errors("config-url", config("config-url", "url", f"redis://:{drawn(20)}@cache:6379/0"), rule),
        errors("config-query", config("config-query", "url", f"jdbc:postgresql://database/shop?password={drawn(18)}"), rule),
        errors("config-registry", config_file("config-registry", "config.json", registry()), rule),
        errors("config-base64", config("config-base64", "blob", remembered(TOKENS["github-classic"])), rule),
        errors("config-header", config("config-header", "header", f'"Authorization: Basic {login(drawn(18))}"'), rule),
        errors("env-token", variable("env-token", "COLOUR", TOKENS["gitlab"]), rule),
        errors("env-url", variable("env-url", "DATABASE_URL", f"mysql://shop:{drawn(16)}@database/shop"), rule),
        errors("argument-url", argument("argument-url", f"--dsn=amqp://shop:{drawn(16)}@queue/"), rule),
        errors("annotation", annotated("annotation", TOKENS["slack-webhook"]), rule),
    ]  # fmt: skip


def annotated(name: str, value: str) -> str:
    note = f"  annotations:\n    example.com/hook: {value}  {MARK}\n"
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{note}"


def by_name() -> list[Case]:
    """Values of which only the name and the shape tell what they are."""
    rule = "secret-in-configmap"
    xml = f"<servers>\n  <server>\n    <password>{drawn(16)}</password>\n  </server>\n</servers>\n"
    pairs = f"env:\n  - name: DB_PASSWORD\n    value: {drawn(16)}\n"
    return [
        warns("by-name", config("by-name", "clientSecret", drawn(20)), rule),
        warns("by-env", config_file("by-env", "app.env", f"USER=shop\nDB_PASSWORD={drawn(16)}\n"), rule),
        warns("by-properties", config_file("by-properties", "a.properties", f"db.password={drawn(16)}\n"), rule),
        warns("by-json", config_file("by-json", "app.json", json.dumps({"auth": {"apiKey": drawn(24)}})), rule),
        warns("by-yaml", config_file("by-yaml", "app.yaml", f"auth:\n  client_secret: '{drawn(24)}'\n"), rule),
        warns("by-ini", config_file("by-ini", "app.ini", f"[auth]\nsecret_key = {drawn(24)}\n"), rule),
        warns("by-toml", config_file("by-toml", "app.toml", f'[auth]\ntoken = "{drawn(24)}"\n'), rule),
        warns("by-xml", config_file("by-xml", "settings.xml", xml), rule),
        warns("by-pairs", config_file("by-pairs", "values.yaml", pairs), rule),
        warns("by-string", config("by-string", "dsn", f'"Server=database;User=shop;Password={drawn(16)};"'), rule),
        warns("env-1", variable("env-1", "DB_PASSWORD", drawn(16)), "secret-env-literal"),
        warns("env-2", variable("env-2", "API_KEY", drawn(32)), "secret-env-literal"),
        warns("env-3", variable("env-3", "POSTGRES_PASSWORD", made("post", "gres9x")), "secret-env-literal"),
        errors("env-aws", variable("env-aws", "AWS_SECRET_ACCESS_KEY", aws()), "secret-env-literal"),
        warns("argument-1", argument("argument-1", f"--admin-password={drawn(16)}"), "secret-argument"),
        warns("argument-2", argument("argument-2", f"--client-secret\n  - {drawn(16)}"), "secret-argument"),
        warns("argument-3", argument("argument-3", f'"PGPASSWORD={drawn(16)} psql -c true"', "command"), "secret-argument"),
        warns("argument-4", probe("argument-4", f"redis-cli --pass {drawn(16)} ping"), "secret-argument"),
        warns("template", external("template", f"data:\n  password: {drawn(16)}  {MARK}\n"), "external-secret-literal"),
        warns("template-file", external("template-file", f"data:\n  a.env: |  {MARK}\n    DB_PASSWORD={drawn(16)}\n    X=1\n"), "external-secret-literal"),
        warns("fake", fake("fake", drawn(20)), "external-secret-literal"),
    ]  # fmt: skip


def probe(name: str, command: str) -> str:
    return pod(name, f"livenessProbe:\n  exec:\n    command:\n      - sh\n      - -c\n      - {command}  {MARK}\n")


def fake(name: str, value: str) -> str:
    return (
        f"apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata:\n  name: {name}\nspec:\n  provider:\n"
        f"    webhook:\n      url: https://vault.example.com\n      headers:\n        apiToken: {value}  {MARK}\n"
    )


def encrypted() -> list[Case]:
    """Files of SOPS and SealedSecrets that are not what they should be."""
    half = f"stringData:\n  user: {CIPHERTEXT}\n  password: {drawn(16)}  {MARK}\n"
    cut = f"stringData:\n  user: {CIPHERTEXT}  {MARK}\n"
    return [
        errors("sops-half", sops(secret("sops-half", half)), "sops-unencrypted-value"),
        Case("files/half.yaml", sops(secret("half", half)), "sops-unencrypted-value", ERROR, "file"),
        Case("files/suffix.yaml", sops(f"password: {drawn(12)}  {MARK}\nuser: {CIPHERTEXT}\n", rule="encrypted_suffix: word"), "sops-unencrypted-value", ERROR, "file"),
        Case("files/cut.yaml", secret("cut", cut), "sops-metadata-invalid", ERROR, "file"),
        Case("files/keyless.yaml", sops(f"user: {CIPHERTEXT}\n", "").replace("sops:\n", f"sops:  {MARK}\n"), "sops-metadata-invalid", ERROR, "file"),
        Case("files/guarded/plain.yaml", string_data("plain", "password", drawn(16)), "sops-rule-escaped", ERROR, "file"),
        Case("files/guarded/values.yaml", f"data:\n  password: {drawn(16)}  {MARK}\n", "sops-rule-escaped", WARNING, "file"),
        Case("files/guarded/token.yaml", f"data:\n  token: {TOKENS['gitlab']}  {MARK}\n", "sops-rule-escaped", ERROR, "file"),
        errors("unsealed", sealed("unsealed", f"{remembered(drawn(16))}  {MARK}"), "sealed-secret-not-sealed"),
        errors("short-seal", sealed("short-seal", f"{sealed_value()[:400]}  {MARK}"), "sealed-secret-not-sealed"),
        errors("seal-template", sealed("seal-template", sealed_value(), f"template:\n  data:\n    clientSecret: {drawn(16)}  {MARK}\n"), "sealed-secret-not-sealed"),
        errors("seal-file", sealed("seal-file", sealed_value(), f"template:\n  data:\n    a.env: |  {MARK}\n      DB_PASSWORD={drawn(16)}\n      X=1\n"), "sealed-secret-not-sealed"),
    ]  # fmt: skip


def applications() -> list[Case]:
    rule = "application-secret"
    user_info = (
        f"repoURL: https://bot:{drawn(20)}@git.example.com/vendor/web.git  {MARK}\ntargetRevision: v1\npath: deploy\n"
    )
    token = f"repoURL: https://{TOKENS['github-classic']}@git.example.com/vendor/web.git  {MARK}\ntargetRevision: v1\npath: deploy\n"
    plugin = f"repoURL: https://git.example.com/vendor/web.git\ntargetRevision: v1\npath: deploy\nplugin:\n  env:\n    - name: API_TOKEN\n      value: {drawn(20)}  {MARK}\n"
    helm = {
        "parameter": f"parameters:\n  - name: auth.password\n    value: {drawn(16)}  {MARK}\n",
        "values": f"values: |  {MARK}\n  auth:\n    password: {drawn(16)}\n",
        "object": f"valuesObject:\n  auth:\n    clientSecret: {drawn(16)}  {MARK}\n",
    }
    certain = f"valuesObject:\n  auth:\n    colour: {TOKENS['gitlab']}  {MARK}\n"
    return [
        Case("app-user-info", application("app-user-info", user_info), rule, ERROR, "application"),
        Case("app-token", application("app-token", token), rule, ERROR, "application"),
        Case("app-plugin", application("app-plugin", plugin), rule, WARNING, "application"),
        Case("app-certain", chart("app-certain", certain), rule, ERROR, "application"),
        *(Case(f"app-{n}", chart(f"app-{n}", text), rule, WARNING, "application") for n, text in helm.items()),
    ]  # fmt: skip


def kustomizations() -> list[Case]:
    def generator(name: str, body: str, *beside: tuple[str, str], rule: str, severity: str) -> Case:
        text = f"secretGenerator:\n  - name: {name}\n{indented(body, 4)}"
        return Case(name, text, rule, severity, "kustomization", beside)

    literal, from_file = "secret-generator-literal", "secret-generator-file"
    alerts = "route:\n  receiver: all\nreceivers:\n  - name: all\n    webhook_configs:\n      - url: https://alerts.example.com/shop\n"
    values = f"helmCharts:\n  - name: web\n    repo: https://charts.example.com\n    version: 1.2.3\n    valuesInline:\n      auth:\n        password: {drawn(16)}  {MARK}\n"
    return [
        generator("literal", f"literals:\n  - password={drawn(16)}  {MARK}\n", rule=literal, severity=ERROR),
        generator("literal-token", f"literals:\n  - a={TOKENS['gitlab']}  {MARK}\n", rule=literal, severity=ERROR),
        generator("literal-word", f"literals:\n  - user=shop  {MARK}\n", rule=literal, severity=WARNING),
        generator("env-file", f"envs:\n  - web.env  {MARK}\n", ("web.env", f"DB_PASSWORD={drawn(16)}\n"), rule=from_file, severity=ERROR),
        generator("env-file-token", f"envs:\n  - web.env  {MARK}\n", ("web.env", f"A={TOKENS['gitlab']}\n"), rule=from_file, severity=ERROR),
        generator("alerts", f"files:\n  - alertmanager.yaml  {MARK}\n", ("alertmanager.yaml", alerts), rule=from_file, severity=WARNING),
        generator("one-line", f"files:\n  - token.txt  {MARK}\n", ("token.txt", TOKENS["gitlab"]), rule=from_file, severity=ERROR),
        Case("inflated", values, "secret-helm-values", WARNING, "kustomization"),
    ]  # fmt: skip


def committed() -> list[Case]:
    """Returns files that nothing reads."""
    rule = "secret-file-committed"
    return [
        Case("files/token.env", f"NAME=shop\nA={TOKENS['gitlab']}  {MARK}\n", rule, ERROR, "file"),
        Case(
            "files/url.env", f"DATABASE=postgres://shop:{drawn(16)}@db.example.com/shop  {MARK}\n", rule, ERROR, "file"
        ),
        Case("files/local/.env", f"DB_PASSWORD={drawn(16)}  {MARK}\n", rule, WARNING, "file"),
    ]


CASES = [*plaintext(), *elsewhere(), *by_name(), *encrypted(), *applications(), *kustomizations(), *committed()]
SECRETS = tuple(
    dict.fromkeys(line for value in VALUES[_BEFORE:] for line in value.splitlines() if len(line) > _SHORTEST)
)
"""Every line of every secret in the cases, in plain text or as it stands there."""
