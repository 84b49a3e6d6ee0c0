"""What fetches secrets from elsewhere holds none itself.

An ExternalSecret, a store or a SecretProviderClass says where a value is; a value that is written into its template,
its `fake` provider or its configuration stands in git in plain text, as it would in a Secret
(https://external-secrets.io/latest/guides/templating/).

Looked at: random values under a name such as `password`, of External Secrets, the Secrets Store CSI driver, Vault's
operator and SopsSecrets. Only the name and the shape tell, so it is a warning; private keys, vendors' tokens and URLs
with a password are the rule `secret-token`.
Exempt: references (`remoteRef`, `secretRef`, `secretKey`), `{{ }}`, placeholders, words, paths and URLs, and what
SOPS encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, mapping, pointer
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
STORES = ("ExternalSecret", "ClusterExternalSecret", "PushSecret", "SecretStore", "ClusterSecretStore")
GENERATORS = ("Fake", "Webhook", "VaultDynamicSecret", "GithubAccessToken", "ECRAuthorizationToken")
OF_VAULT = ("VaultStaticSecret", "VaultDynamicSecret", "VaultAuth", "VaultConnection")
KINDS = frozenset({
    *(f"{kind}.external-secrets.io" for kind in STORES),
    *(f"{kind}.generators.external-secrets.io" for kind in GENERATORS),
    *(f"{kind}.secrets.hashicorp.com" for kind in OF_VAULT),
    "SecretProviderClass.secrets-store.csi.x-k8s.io",
    "SopsSecret.isindir.github.com",
})  # fmt: skip
REFERENCES = frozenset({"secretKey", "key", "property", "name"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.body, "spec")
    for route, name, value in secrets.named(spec):
        if _is_reference(route) or secrets.certain(value):
            continue
        if found := secrets.credential(name, value):
            message = f"{pointer(resource.body, ('spec', *route))} holds {found.what} in plain text"
            yield Violation(("spec", *route), f"{message}; put it into the store, and refer to it")


def _is_reference(route: Route) -> bool:
    return route[-1] in REFERENCES and not {"template", "stringData"} & set(route)


GOOD = [
    """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: web
spec:
  secretStoreRef:
    name: vault
  data:
    - secretKey: password
      remoteRef:
        key: shop/web
        property: password
  target:
    template:
      data:
        password: "{{ .password }}"
"""
]
BAD = [
    """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: web
spec:
  secretStoreRef:
    name: vault
  data:
    - secretKey: user
      remoteRef:
        key: shop/web
  target:
    template:
      data:
        user: "{{ .user }}"
        password: kD8vq2LxT0mZ  # <- here
"""
]
