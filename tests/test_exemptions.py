"""What policies must leave alone, and what they must not miss beside it: the cases in which other tools go wrong."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from gitopsmith import policy
from gitopsmith.finding import Severity
from judging import judged, marked_lines

POLICIES = {item.id: item for item in policy.load()}

CONFIGURED = "- name: web\n  envFrom: [{configMapRef: {name: web}}]"
SETTINGS = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {COLOUR: blue}\n"
ARGO_CD = "web, labels: {app.kubernetes.io/part-of: argocd}}"


def pod(containers: str, kind: str = "Pod", metadata: str = "", pod_spec: str = "") -> str:
    """Writes a workload around the text of its containers."""
    spec = f"containers:\n{indent(dedent(containers), '  ')}{dedent(pod_spec)}"
    head = f"name: web\nlabels:\n  app: web\n{dedent(metadata)}"
    if kind == "Pod":
        return f"apiVersion: v1\nkind: Pod\nmetadata:\n{indent(head, '  ')}spec:\n{indent(spec, '  ')}"
    version = "batch/v1" if kind == "Job" else "apps/v1"
    template = f"metadata:\n{indent(head, '  ')}spec:\n{indent(spec, '  ')}"
    return (
        f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: web\nspec:\n"
        f"  selector:\n    matchLabels:\n      app: web\n  template:\n{indent(template, '    ')}"
    )


def service(port: str = "port: 80", more: str = "", selector: str = "app: web") -> str:
    return (
        f"---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n{indent(dedent(more), '  ')}"
        f"  selector:\n    {selector}\n  ports:\n    - {port}\n"
    )


def replicated(pods: int | None) -> str:
    """Writes a Deployment of so many pods."""
    count = "" if pods is None else f"\n  replicas: {pods}"
    return pod("- name: web\n", "Deployment").replace("spec:", f"spec:{count}", 1)


def autoscaler(name: str = "web", kind: str = "Deployment", group: str = "apps/v1") -> str:
    return (
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n"
        f"  maxReplicas: 9\n  scaleTargetRef:\n    apiVersion: {group}\n    kind: {kind}\n    name: {name}\n"
    )


def budget(amount: str) -> str:
    head = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n"
    return f"{head}  {amount}\n  selector:\n    matchLabels:\n      app: web\n"


def application(spec: str) -> str:
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\nspec:\n  project: shop\n"
    return head + indent(dedent(spec), "  ")


def source(text: str) -> str:
    return application(f"source:\n{indent(dedent(text), '  ')}destination:\n  name: production\n")


def annotated(annotation: str) -> str:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  annotations:\n"
    return f"{head}    argocd.argoproj.io/{annotation}\n"


def secret(text: str, metadata: str = "") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n{indent(dedent(metadata), '  ')}{dedent(text)}"


PROBE = "readinessProbe:\n      tcpSocket:\n        port: 80\n"
CASES: list[tuple[str, str, str]] = [
    # health
    ("readiness-missing", "no Service", pod("- name: web\n")),
    ("readiness-missing", "a Service of other pods", pod("- name: web\n") + service(selector="app: api")),
    ("readiness-missing", "a Job", pod("- name: web\n", "Job") + service()),
    ("readiness-missing", "a pod that runs once", pod("- name: web\n", pod_spec="restartPolicy: Never\n") + service()),
    ("readiness-missing", "metrics", pod("- name: web\n") + service("{name: http-metrics, port: 9090}")),
    ("readiness-missing", "early addresses", pod("- name: web\n") + service(more="publishNotReadyAddresses: true\n")),
    ("readiness-missing", "an external name", pod("- name: web\n") + service(more="type: ExternalName\n")),
    (
        "readiness-missing",
        "a readiness gate",
        pod("- name: web\n", pod_spec="readinessGates:\n  - conditionType: example.com/ready\n") + service(),
    ),
    (
        "readiness-missing",
        "the container of the port alone",
        pod("""\
            - name: web  # <- here
              ports:
                - containerPort: 80
            - name: logs
              ports:
                - containerPort: 9000
            """)
        + service(),
    ),
    (
        "readiness-missing",
        "one probe where no container declares the port",
        pod("- name: web\n- name: proxy\n  readinessProbe: {tcpSocket: {port: 80}}\n") + service(),
    ),
    ("readiness-missing", "no probe and no declared port", pod("- name: web  # <- here\n- name: logs\n") + service()),
    (
        "readiness-missing",
        "a hook",
        pod("- name: web\n", metadata="annotations:\n  argocd.argoproj.io/hook: PreSync\n") + service(),
    ),
    ("probe-port-undefined", "a number in quotes", pod("- name: web\n  livenessProbe: {httpGet: {port: '8080'}}\n")),
    ("probe-port-undefined", "a number", pod("- name: web\n  startupProbe: {tcpSocket: {port: 8080}}\n")),
    (
        "probe-port-undefined",
        "the port of another container",
        pod("""\
            - name: web
              ports:
                - {name: http, containerPort: 80}
            - name: proxy
              livenessProbe:
                httpGet:
                  port: http  # <- here
            """),
    ),
    (
        "probe-port-undefined",
        "a handler",
        pod("- name: web\n  lifecycle:\n    preStop:\n      httpGet:\n        port: admin  # <- here\n"),
    ),
    ("service-target-port-undefined", "no pods here", service("{port: 80, targetPort: http}")[4:]),
    (
        "service-target-port-undefined",
        "one of two workloads has it",
        pod("- name: web\n  ports: [{name: http, containerPort: 80}]\n", "Deployment")
        + "---\n"
        + pod("- name: web\n", "StatefulSet")
        + service("{port: 80, targetPort: http}"),
    ),
    (
        "service-target-port-undefined",
        "an injected proxy",
        pod("- name: web\n", metadata="annotations:\n  sidecar.istio.io/inject: 'true'\n")
        + service("{port: 80, targetPort: http-envoy-prom}"),
    ),
    (
        "service-target-port-undefined",
        "a sidecar",
        pod(
            "- name: web\n",
            pod_spec="initContainers:\n  - {name: p, restartPolicy: Always, ports: [{name: in, containerPort: 1}]}\n",
        )
        + service("{port: 80, targetPort: in}"),
    ),
    (
        "progress-deadline-invalid",
        "the default is not longer",
        pod("- name: web\n", "Deployment").replace("spec:\n", "spec:\n  minReadySeconds: 600  # <- here\n", 1),
    ),
    (
        "progress-deadline-invalid",
        "a second longer",
        pod("- name: web\n", "Deployment").replace(
            "spec:\n", "spec:\n  minReadySeconds: 9\n  progressDeadlineSeconds: 10\n", 1
        ),
    ),
    # pinning
    ("image-unpinned", "latest with a digest", pod("- {name: web, image: 'web:latest@sha256:4bcd3f'}\n")),
    ("image-unpinned", "a registry's port is no tag", pod("- name: web\n  image: localhost:5000/web  # <- here\n")),
    ("image-unpinned", "a template", pod("- {name: web, image: '{{ .image }}'}\n")),
    (
        "image-unpinned",
        "every kind of container",
        pod(
            "- {name: web, image: web}  # <- here\n",
            pod_spec="initContainers:\n  - {name: i, image: i}  # <- here\nephemeralContainers:\n"
            "  - {name: e, image: e}  # <- here\n",
        ),
    ),
    *[
        ("image-tag-floating", tag, pod(f"- name: web\n  image: web:{tag}\n"))
        for tag in (
            "1.4",
            "v2.0",
            "1.4-alpine",
            "20260110",
            "4213",
            "main-3f2a9c1",
            "nightly-20260101",
            "bookworm-1.2",
            "rc1",
            "stable@sha256:4bcd3f",
        )
    ],
    *[
        ("image-tag-floating", tag, pod(f"- name: web\n  image: web:{tag}  # <- here\n"))
        for tag in (
            "1",
            "v2",
            "15-alpine",
            "stable",
            "stable-slim",
            "Main",
            "latest-alpine",
            "1.4-latest",
            "nightly",
            "ubi-release",
        )
    ],
    (
        "chart-version-floating",
        "two parts",
        source("repoURL: https://charts.example.com\nchart: web\ntargetRevision: '1.2'\n"),
    ),
    *[
        (
            "chart-version-floating",
            version,
            source(f"repoURL: https://charts.example.com\nchart: web\ntargetRevision: {version!r}  # <- here\n"),
        )
        for version in ("*", "^1.2.0", "~1.2", ">=1.0.0", "1.x", "1.2.*", "1.0.0 - 2.0.0", "")
    ],
    ("chart-version-floating", "none", source("repoURL: https://charts.example.com\nchart: web  # <- here\n")),
    (
        "chart-version-floating",
        "git",
        source("repoURL: https://git.example.com/a/b.git\npath: web\ntargetRevision: 1.x\n"),
    ),
    *[
        (
            "external-revision-floating",
            revision,
            source(f"repoURL: https://git.example.com/a/b.git\npath: web\ntargetRevision: {revision}\n"),
        )
        for revision in (
            "v1.2.3",
            "1.2.3",
            "release-1.2.3",
            "4c2e8b8f1f5cbe9d2b5d0b0e5a0e7a1b2c3d4e5f",
            "refs/tags/v1",
            "a-name",
        )
    ],
    *[
        (
            "external-revision-floating",
            revision,
            source(f"repoURL: https://git.example.com/a/b.git\npath: web\ntargetRevision: {revision}  # <- here\n"),
        )
        for revision in ("HEAD", "main", "master", "release-1.2", "refs/heads/x", "v1.*", "production")
    ],
    (
        "external-revision-floating",
        "own",
        source("repoURL: git@git.example.com:team/fleet.git\npath: .\ntargetRevision: main\n"),
    ),
    (
        "external-revision-floating",
        "OCI",
        source("repoURL: oci://registry.example.com/web\npath: .\ntargetRevision: latest  # <- here\n"),
    ),
    # argocd
    ("application-path-missing", "here", source("repoURL: https://git.example.com/team/fleet\npath: .\n")),
    ("application-path-missing", "elsewhere", source("repoURL: https://git.example.com/a/b.git\npath: gone\n")),
    ("application-path-missing", "filled in", source("repoURL: https://git.example.com/team/fleet\npath: APP_PATH\n")),
    ("application-path-missing", "up", source("repoURL: https://git.example.com/team/fleet\npath: ../x  # <- here\n")),
    (
        "application-path-missing",
        "a tag",
        source("repoURL: https://git.example.com/team/fleet\ntargetRevision: v1.2.3\npath: x  # <- here\n"),
    ),
    (
        "application-source-shape",
        "an empty block",
        source("repoURL: https://x.example.com/a.git\npath: a\nhelm: {}\ndirectory: {recurse: false}\n"),
    ),
    ("application-source-shape", "absolute", source("repoURL: https://x.example.com/a.git\npath: /a  # <- here\n")),
    (
        "application-source-shape",
        "chart and path",
        source("repoURL: https://x.example.com\nchart: a\npath: b  # <- here\n"),
    ),
    ("application-source-shape", "no repository", source("path: a\n").replace("source:", "source:  # <- here")),
    ("application-source-shape", "none", application("destination:\n  name: a\n").replace("spec:", "spec:  # <- here")),
    (
        "application-source-shape",
        "hydrated",
        application("sourceHydrator:\n  drySource: {repoURL: https://x.example.com/a.git, path: a}\n"),
    ),
    (
        "application-source-shape",
        "both",
        application(
            "source:  # <- here\n  {repoURL: a, path: b}\nsources:\n  - {repoURL: https://x.example.com/a, path: b}\n"
        ),
    ),
    ("application-destination-shape", "left to the schema", application("source:\n  repoURL: a\n  path: b\n")),
    ("sync-wave-not-integer", "positive", annotated("sync-wave: '+5'")),
    ("sync-wave-not-integer", "a fraction", annotated("sync-wave: '1.5'  # <- here")),
    ("sync-wave-not-integer", "a blank", annotated("sync-wave: ' 1'  # <- here")),
    ("hook-unknown", "several", annotated("hook: PreSync, PostSync,Skip")),
    ("hook-unknown", "one of several", annotated("hook: PreSync,AfterSync  # <- here")),
    ("hook-delete-policy-unknown", "several", annotated("hook-delete-policy: HookSucceeded,BeforeHookCreation")),
    ("resource-sync-option-unknown", "blanks", annotated("sync-options: Prune=confirm , Delete=confirm")),
    ("resource-sync-option-unknown", "no value", annotated("sync-options: Prune  # <- here")),
    # secrets
    ("secret-plaintext", "nothing", secret("data:\n  a: ''\n  b: null\n")),
    ("secret-plaintext", "a shell", secret("type: kubernetes.io/service-account-token\n")),
    ("secret-plaintext", "a certificate", secret("data:\n  ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==\n")),
    ("secret-plaintext", "not yet filled in", secret("stringData:\n  a: <path:x#y>\n  b: ${B}\n  c: changeme\n")),
    ("secret-plaintext", "a short one", secret("data:\n  pin: MTIzNA==  # <- here\n")),
    ("secret-plaintext", "stringData", secret("stringData:\n  password: kD8vq2LxT0mZ  # <- here\n")),
    (
        "secret-plaintext",
        "a cluster's settings",
        secret(
            "stringData:\n  name: a\n  server: https://a.example.net\n"
            '  config: \'{"tlsClientConfig": {"insecure": false}}\'\n',
            "labels:\n  argocd.argoproj.io/secret-type: cluster\n",
        ),
    ),
    (
        "secret-plaintext",
        "a cluster's token",
        secret(
            'stringData:\n  name: a\n  config: \'{"bearerToken": "kD8vq2LxT0mZ"}\'  # <- here\n',
            "labels:\n  argocd.argoproj.io/secret-type: cluster\n",
        ),
    ),
    *[
        ("secret-env-literal", value, pod(f"- name: web\n  env:\n    - {{name: DB_PASSWORD, value: {value!r}}}\n"))
        for value in (
            "",
            "$(OTHER)",
            "${OTHER}",
            "changeme",
            "/run/secrets/db",
            "web-db-credentials",
            "12345",
            "https://a.example.net",
        )
    ],
    *[
        ("secret-env-literal", name, pod(f"- name: web\n  env:\n    - {{name: {name}, value: kD8vq2LxT0mZ}}\n"))
        for name in ("PASSWORD_FILE", "SECRETS_DIR", "TOKEN_TTL", "SECRET_NAME", "PASSWORD_RESET_ENABLED")
    ],
    (
        "secret-env-literal",
        "a Secret here",
        pod("- name: web\n  env:\n    - {name: DB_SECRET, value: web}\n") + "---\n" + secret(""),
    ),
    (
        "secret-env-literal",
        "init",
        pod(
            "- name: web\n",
            pod_spec="initContainers:\n  - env:\n      - {name: API_KEY, value: kD8vq2LxT0mZ}  # <- here\n",
        ),
    ),
    # kustomize
    ("kustomize-reference-missing", "to be filled in", "resources:\n  - ${ENV}/web\n"),
    ("kustomize-reference-missing", "inline", "patches:\n  - patch: |\n      kind: A\n"),
    ("kustomize-deprecated-field", "another case", "Bases:  # <- here\n  - base\n"),
    ("kustomize-deprecated-field", "env", "configMapGenerator:\n  - name: a\n    env: a.env  # <- here\n"),
    *[
        ("kustomize-remote-unpinned", url, f"resources:\n  - {url}\n")
        for url in (
            "https://example.com/v1.2.3/install.yaml",
            "https://github.com/a/b.git//c?ref=v1",
            "git@github.com:a/b.git?ref=1.2.3",
            "https://github.com/a/b//c?timeout=90s&ref=v1.2.3",
            "https://github.com/a/b/raw/v1.2.3/c.yaml",
            "https://raw.githubusercontent.com/a/b/refs/tags/v1/c.yaml",
            "https://github.com/a/b//c?ref=${REF}",
        )
    ],
    *[
        ("kustomize-remote-unpinned", url, f"resources:\n  - {url}  # <- here\n")
        for url in (
            "git@github.com:a/b.git",
            "https://github.com/a/b.git//c?ref=master",
            "https://github.com/a/b//c?timeout=90s",
            "https://github.com/a/b/raw/main/c.yaml",
            "https://raw.githubusercontent.com/a/b/refs/heads/x/c.yaml",
            "https://gitlab.com/a/b/-/raw/HEAD/c.yaml",
        )
    ],
    # reliability
    (
        "selector-mismatch",
        "expressions",
        pod("- name: web\n", "Deployment").replace(
            "matchLabels:\n      app: web",
            "matchExpressions:\n      - {key: app, operator: In, values: [api, web]}\n"
            "      - {key: app, operator: Exists}\n      - {key: tier, operator: DoesNotExist}\n"
            "      - {key: app, operator: NotIn, values: [web]}  # <- here",
        ),
    ),
    (
        "selector-mismatch",
        "empty",
        pod("- name: web\n", "Deployment").replace(
            "selector:\n    matchLabels:\n      app: web", "selector: {}  # <- here"
        ),
    ),
    (
        "selector-mismatch",
        "a Job",
        pod("- name: web\n", "Job").replace("matchLabels:\n      app: web", "matchLabels:\n      app: x"),
    ),
    (
        "container-name-duplicate",
        "across lists",
        pod("- name: web\n", pod_spec="initContainers:\n  - name: web  # <- here\n"),
    ),
    ("cpu-request-missing", "a limit is a request too", pod("- name: web\n  resources: {limits: {cpu: 1}}\n")),
    ("cpu-request-missing", "what runs beside", pod("- name: web  # <- here\n- name: logs  # <- here\n")),
    (
        "cpu-request-missing",
        "init containers, but for sidecars",
        pod(
            "- name: web\n  resources: {requests: {cpu: 1}}\n",
            pod_spec="""\
                initContainers:
                  - name: prepare
                  - name: proxy  # <- here
                    restartPolicy: Always
                """,
        ),
    ),
    ("memory-limit-missing", "a hook", pod("- name: web\n", metadata="annotations:\n  helm.sh/hook: test\n")),
    ("single-replica", "no Service", pod("- name: web\n", "Deployment")),
    ("single-replica", "metrics", pod("- name: web\n", "Deployment") + service("{name: metrics, port: 9090}")),
    (
        "single-replica",
        "a claimed volume",
        pod("- name: web\n", "Deployment", pod_spec="volumes:\n  - {name: d, persistentVolumeClaim: {claimName: d}}\n")
        + service(),
    ),
    (
        "single-replica",
        "none",
        pod("- name: web\n", "Deployment").replace("spec:", "spec:\n  replicas: 0", 1) + service(),
    ),
    (
        "single-replica",
        "a number that is filled in later",
        pod("- name: web\n", "Deployment").replace("spec:", "spec:\n  replicas: ${REPLICAS}", 1) + service(),
    ),
    (
        "rollout-interrupts-service",
        "a claimed volume",
        pod(
            "- name: web\n", "Deployment", pod_spec="volumes:\n  - {name: d, persistentVolumeClaim: {claimName: d}}\n"
        ).replace("spec:", "spec:\n  strategy: {type: Recreate}", 1)
        + service(),
    ),
    ("autoscaled-replicas", "switched off", replicated(0) + autoscaler()),
    ("autoscaled-replicas", "of another workload", replicated(2) + autoscaler("api")),
    (
        "autoscaler-target-missing",
        "something of an operator",
        autoscaler(kind="Cluster", group="kafka.example.com/v1")[4:],
    ),
    (
        "autoscaler-target-missing",
        "in another namespace",
        replicated(2).replace("  name", "  namespace: b\n  name", 1) + autoscaler("web  # <- here"),
    ),
    (
        "disruption-budget-missing",
        "the autoscaler's minimum",
        replicated(None) + autoscaler().replace("spec:", "spec:\n  minReplicas: 1"),
    ),
    ("disruption-budget-blocks", "one more pod than needed", replicated(2) + budget("minAvailable: 1")),
    ("disruption-budget-blocks", "pods of an operator", budget("minAvailable: 1")[4:]),
    ("disruption-budget-blocks", "a share is rounded up", replicated(3) + budget("minAvailable: 67%  # <- here")),
    ("disruption-budget-blocks", "any share that may be away", replicated(1) + budget("maxUnavailable: 1%")),
    ("disruption-budget-blocks", "a share of none", replicated(3) + budget("maxUnavailable: 0%  # <- here")),
    (
        "disruption-budget-selects-nothing",
        "other labels",
        replicated(2) + budget("minAvailable: 1").replace("app:", "name:"),
    ),
    ("grace-period-short", "minutes", pod("- name: web\n  lifecycle: {preStop: {exec: {command: [sleep, 1m]}}}\n")),
    (
        "grace-period-short",
        "the handler that sleeps",
        pod("- name: web\n  lifecycle:\n    preStop:  # <- here\n      sleep: {seconds: 30}\n"),
    ),
    (
        "grace-period-short",
        "several sleeps",
        pod(
            "- name: web\n  lifecycle:\n    preStop:  # <- here\n      exec: {command: [sh, -c, sleep 20; sleep 15]}\n"
        ),
    ),
    (
        "probes-identical",
        "a longer period",
        pod(
            "- name: web\n  readinessProbe: {tcpSocket: {port: 80}}\n"
            "  livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 20}\n"
        ),
    ),
    ("image-pull-policy-stale", "never", pod("- name: web\n  image: shop/web:main\n  imagePullPolicy: Never\n")),
    ("image-registry-implicit", "a port", pod("- name: web\n  image: registry:5000/web:1.4.2\n")),
    (
        "single-replica",
        "a store, by its name",
        pod("- name: web\n", "Deployment").replace("name: web\nspec:", "name: redis\nspec:", 1) + service(),
    ),
    (
        "disruption-budget-missing",
        "pods that only hold a place",
        replicated(2).replace("- name: web\n", "- name: web\n          image: registry.k8s.io/pause:3.10\n"),
    ),
    (
        "spread-missing",
        "the affinity of another namespace",
        replicated(2).replace(
            "    spec:\n",
            "    spec:  # <- here\n      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
            "[{namespaces: [other], topologyKey: zone, labelSelector: {matchLabels: {app: web}}}]}}\n",
        ),
    ),
    (
        "rollout-interrupts-service",
        "a share of the pods",
        replicated(4).replace("spec:", "spec:\n  strategy: {rollingUpdate: {maxUnavailable: 99%}}", 1) + service(),
    ),
    (
        "job-deleted-after-finish",
        "a hook of Helm",
        pod("- name: web\n", "Job").replace(
            "name: web\nspec:", "name: web\n  annotations: {helm.sh/hook: test}\nspec:\n  ttlSecondsAfterFinished: 9", 1
        ),
    ),
    ("config-change-unnoticed", "of a Job", pod(CONFIGURED, "Job") + SETTINGS),
    ("config-change-unnoticed", "of Argo CD", pod(CONFIGURED, "Deployment") + SETTINGS.replace("web}", ARGO_CD)),
    ("config-change-unnoticed", "immutable", pod(CONFIGURED, "Deployment") + SETTINGS + "immutable: true\n"),
    (
        "config-change-unnoticed",
        "a hash in a label",
        pod(CONFIGURED, "Deployment", "annotations: {shop.example.com/config-hash: a}\n") + SETTINGS,
    ),
    (
        "config-change-unnoticed",
        "reloaded",
        pod(CONFIGURED, "Deployment", "annotations: {configmap.reloader.stakater.com/reload: web}\n") + SETTINGS,
    ),
    (
        "config-change-unnoticed",
        "an init container that ends, and a mount",
        pod(
            "- name: web\n",
            "Deployment",
            pod_spec="""\
                initContainers:
                  - name: prepare
                    envFrom: [{configMapRef: {name: web}}]
                volumes:
                  - name: config
                    configMap: {name: web}
                """,
        )
        + SETTINGS,
    ),
    (
        "config-change-unnoticed",
        "once for each workload",
        pod(f"{CONFIGURED}  # <- here\n{CONFIGURED.replace('web', 'more', 1)}\n", "StatefulSet") + SETTINGS,
    ),
    (
        "list-key-duplicate",
        "no key",
        pod("- name: web\n  ports: [{name: a}, {name: a}]\n", pod_spec="imagePullSecrets: [{}, {}]\n"),
    ),
    ("list-key-duplicate", "no list", pod("- name: web\n  ports: none\n", pod_spec="imagePullSecrets: [a, a]\n")),
    ("env-name-duplicate", "two containers", pod("- name: a\n  env: [{name: A}]\n- name: b\n  env: [{name: A}]\n")),
]


@pytest.mark.parametrize(
    ("rule", "text"), [pytest.param(rule, text, id=f"{rule}-{name}") for rule, name, text in CASES]
)
def test_a_policy_finds_the_marked_lines_and_no_others(rule: str, text: str, tmp_path: Path) -> None:
    found = [(line, violation.message) for line, violation in judged(POLICIES[rule], text, tmp_path)]
    assert sorted(line for line, _ in found) == marked_lines(text), f"{found}\n{text}"


@pytest.mark.parametrize(
    ("name", "severity"),
    [("secret-argocd.yaml", Severity.WARNING), ("db.credentials.env", Severity.WARNING), ("secretary.yaml", None)],
)
def test_a_missing_file_named_like_a_secret_may_be_kept_out_of_git(
    name: str, severity: Severity | None, tmp_path: Path
) -> None:
    found = judged(POLICIES["kustomize-reference-missing"], f"resources:\n- {name}\n", tmp_path)
    assert [violation.severity for _, violation in found] == [severity]
    assert [("add it encrypted" in violation.message) for _, violation in found] == [severity is not None]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("Configmap", "its kind would have to be 'ConfigMap'"),
        ("ConfigMaps", "its kind would have to be 'ConfigMap'"),
        ("Deployment", "remove it, or name the object that it is for"),
    ],
)
def test_a_patch_that_matches_nothing_is_told_another_kind_only_where_it_looks_like_a_slip(
    kind: str, hint: str, tmp_path: Path
) -> None:
    text = f"configMapGenerator:\n- name: web\npatches:\n- path: more.yaml\n  target: {{kind: {kind}, name: web}}\n"
    (tmp_path / "more.yaml").write_text("[{op: add, path: /data/size, value: large}]\n")
    (_, violation), *more = judged(POLICIES["kustomize-patch-unmatched"], text, tmp_path)
    assert violation.message.endswith(f"so this patch changes nothing; {hint}")
    assert not more
