"""What the API server refuses although it fits its schema; each case was put to a real one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from gitopsmith.documents import load
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import get
from gitopsmith.validate import SchemaProblem, Schemas, refusals

CONTAINER: Route = ("spec", "template", "spec", "containers", 0)
POD: Route = ("spec", "template", "spec")


def workload(container: str = "", pod: str = "", spec: str = "", kind: str = "Deployment") -> Any:
    body = load(f"""
apiVersion: {"batch/v1" if kind == "Job" else "apps/v1"}
kind: {kind}
metadata: {{name: web}}
spec:
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      restartPolicy: {"Never" if kind == "Job" else "Always"}
      containers: [{{name: web, image: "web:1"}}]
""")
    body["spec"]["template"]["spec"]["containers"][0] |= load(f"{{{container}}}")
    body["spec"]["template"]["spec"] |= load(f"{{{pod}}}")
    body["spec"] |= load(f"{{{spec}}}")
    if kind != "Job":
        body["spec"].setdefault("selector", {"matchLabels": {"app": "web"}})
    return body


def made(api_version: str, kind: str, rest: str) -> Any:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}} | load(f"{{{rest}}}")


def claim(spec: str) -> Any:
    return made("v1", "PersistentVolumeClaim", f"spec: {{{spec}}}")


def service(spec: str) -> Any:
    return made("v1", "Service", f"spec: {{{spec}}}")


def ingress(path: str, host: str = "web.example.com") -> Any:
    return made("networking.k8s.io/v1", "Ingress", f"spec: {{rules: [{{host: '{host}', http: {{paths: [{path}]}}}}]}}")


def cron(schedule: str) -> Any:
    pod = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'a:1'}]}}"
    return made("batch/v1", "CronJob", f"spec: {{schedule: '{schedule}', jobTemplate: {{spec: {{{pod}}}}}}}")


def bound(kind: str, subject: str) -> Any:
    role = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}"
    return made("rbac.authorization.k8s.io/v1", kind, f"{role}, subjects: [{subject}]")


ZONES = "maxSkew: 1, topologyKey: zone"
BACKEND = "backend: {service: {name: web, port: {number: 80}}}"
REFUSED: dict[str, tuple[Any, Route, str]] = {
    "no-name": (made("v1", "ConfigMap", "metadata: {}"), ("metadata",), "has no name; write one in metadata.name"),
    "name": (
        made("v1", "ConfigMap", "metadata: {name: My_Config}"),
        ("metadata", "name"),
        "'My_Config' cannot be a name: lower-case letters, digits, '-' and '.'",
    ),
    "dots-in-the-name-of-a-namespace": (
        made("v1", "Namespace", "metadata: {name: a.b}"),
        ("metadata", "name"),
        "'a.b' cannot be a name",
    ),
    "name-of-a-role": (
        made("rbac.authorization.k8s.io/v1", "Role", "metadata: {name: a/b}"),
        ("metadata", "name"),
        "it may not be '.' or '..', or hold '/' or '%'",
    ),
    "label": (
        made("v1", "ConfigMap", "metadata: {name: a, labels: {team: two words}}"),
        ("metadata", "labels", "team"),
        "a label cannot be 'two words'",
    ),
    "label-key": (
        made("v1", "ConfigMap", "metadata: {name: a, labels: {'a/b/c': x}}"),
        ("metadata", "labels", "a/b/c"),
        "'a/b/c' cannot be the name of a label",
    ),
    "annotation-key": (
        made("v1", "ConfigMap", "metadata: {name: a, annotations: {'a b': x}}"),
        ("metadata", "annotations", "a b"),
        "'a b' cannot be the name of an annotation",
    ),
    "key-of-a-config-map": (made("v1", "ConfigMap", "data: {a/b: x}"), ("data", "a/b"), "'a/b' cannot be a key"),
    "key-twice": (
        made("v1", "ConfigMap", "data: {a: x}, binaryData: {a: eA==}"),
        ("data", "a"),
        "stands in binaryData too",
    ),
    "plain-text-in-a-secret": (
        made("v1", "Secret", "data: {password: hunter2!}"),
        ("data", "password"),
        "is not base64; plain text belongs in stringData",
    ),
    "secret-of-a-type": (
        made("v1", "Secret", "type: kubernetes.io/tls, data: {tls.crt: eA==}"),
        (),
        "a Secret of type kubernetes.io/tls needs the key 'tls.key'",
    ),
    "docker-configuration": (
        made("v1", "Secret", "type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: none}"),
        ("stringData", ".dockerconfigjson"),
        "does not hold JSON",
    ),
    "claim-without-modes": (claim("resources: {requests: {storage: 1Gi}}"), ("spec",), "needs accessModes"),
    "claim-without-a-size": (claim("accessModes: [ReadWriteOnce]"), ("spec",), "needs a size"),
    "mode-of-a-claim": (
        claim("accessModes: [readwriteonce], resources: {requests: {storage: 1Gi}}"),
        ("spec", "accessModes", 0),
        "did you mean 'ReadWriteOnce'?",
    ),
    "size-of-a-claim": (
        claim("accessModes: [ReadWriteOnce], resources: {requests: {storage: 10 GB}}"),
        ("spec", "resources", "requests", "storage"),
        "'10 GB' is no quantity",
    ),
    "request-above-its-limit": (
        workload("resources: {requests: {memory: 1Gi}, limits: {memory: 512Mi}}"),
        (*CONTAINER, "resources", "requests", "memory"),
        "1Gi is more than the limit 512Mi",
    ),
    "account-without-a-namespace": (
        bound("ClusterRoleBinding", "{kind: ServiceAccount, name: web}"),
        ("subjects", 0),
        "a ServiceAccount needs its namespace",
    ),
    "kind-of-a-subject": (
        bound("RoleBinding", "{kind: user, name: ann, apiGroup: rbac.authorization.k8s.io}"),
        ("subjects", 0, "kind"),
        "did you mean 'User'?",
    ),
    "rule-without-groups": (
        made("rbac.authorization.k8s.io/v1", "Role", "rules: [{resources: [pods], verbs: [get]}]"),
        ("rules", 0),
        "needs apiGroups",
    ),
    "recreate-with-rolling-update": (
        workload(spec="strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}"),
        ("spec", "strategy", "rollingUpdate"),
        "may not be given when the type is 'Recreate'",
    ),
    "no-room-to-roll": (
        workload(spec="strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}"),
        ("spec", "strategy", "rollingUpdate", "maxUnavailable"),
        "may not be 0 when maxSurge is 0",
    ),
    "restart-policy": (
        workload(pod="restartPolicy: Never"),
        (*POD, "restartPolicy"),
        "must be 'Always' here, not 'Never'",
    ),
    "restart-policy-of-a-job": (
        workload(pod="restartPolicy: Always", kind="Job"),
        (*POD, "restartPolicy"),
        "must be 'OnFailure' or 'Never'",
    ),
    "pull-policy": (workload("imagePullPolicy: always"), (*CONTAINER, "imagePullPolicy"), "did you mean 'Always'?"),
    "no-image": (workload("image: null"), CONTAINER, "needs an image"),
    "container-name": (workload("name: Web_1"), (*CONTAINER, "name"), "'Web_1' cannot name a container"),
    "mount-without-a-volume": (
        workload("volumeMounts: [{name: data, mountPath: /data}]"),
        (*CONTAINER, "volumeMounts", 0, "name"),
        "no volume of the pod is called 'data'",
    ),
    "mount-path-twice": (
        workload("volumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /a}]", "volumes: [{name: a}]"),
        (*CONTAINER, "volumeMounts", 1, "mountPath"),
        "two mount paths are '/a'",
    ),
    "volume-with-two-sources": (
        workload(pod="volumes: [{name: a, emptyDir: {}, configMap: {name: a}}]"),
        (*POD, "volumes", 0),
        "a volume has one source; choose one of 'emptyDir', 'configMap'",
    ),
    "probe-without-a-handler": (
        workload("readinessProbe: {periodSeconds: 5}"),
        (*CONTAINER, "readinessProbe"),
        "needs a handler",
    ),
    "probe-with-two-handlers": (
        workload("readinessProbe: {httpGet: {port: 80}, tcpSocket: {port: 80}}"),
        (*CONTAINER, "readinessProbe"),
        "choose one of 'httpGet', 'tcpSocket'",
    ),
    "liveness-that-has-to-succeed-twice": (
        workload("livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}"),
        (*CONTAINER, "livenessProbe", "successThreshold"),
        "must be 1 for a livenessProbe",
    ),
    "quoted-port-of-a-probe": (
        workload("readinessProbe: {tcpSocket: {port: '80'}}"),
        (*CONTAINER, "readinessProbe", "tcpSocket", "port"),
        "write the number without quotes",
    ),
    "port-beyond-all": (
        workload("ports: [{containerPort: 80800}]"),
        (*CONTAINER, "ports", 0, "containerPort"),
        "must be between 1 and 65535, not 80800",
    ),
    "long-port-name": (
        workload("ports: [{containerPort: 80, name: administration-http}]"),
        (*CONTAINER, "ports", 0, "name"),
        "at most 15 lower-case letters",
    ),
    "variable-with-two-values": (
        workload("env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
        (*CONTAINER, "env", 0, "value"),
        "cannot stand beside valueFrom",
    ),
    "variable-from-a-field": (
        workload("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]"),
        (*CONTAINER, "env", 0, "valueFrom", "fieldRef", "fieldPath"),
        "is no field that a variable can be set from",
    ),
    "toleration-without-a-key": (
        workload(pod="tolerations: [{effect: NoSchedule}]"),
        (*POD, "tolerations", 0),
        "needs the operator 'Exists'",
    ),
    "constraint-twice": (
        workload(
            pod=f"topologySpreadConstraints: [{', '.join(['{whenUnsatisfiable: DoNotSchedule, ' + ZONES + '}'] * 2)}]"
        ),
        (*POD, "topologySpreadConstraints", 1, "topologyKey"),
        "two constraints are 'zone DoNotSchedule'",
    ),
    "no-domains": (
        workload(pod=f"topologySpreadConstraints: [{{minDomains: 0, whenUnsatisfiable: DoNotSchedule, {ZONES}}}]"),
        (*POD, "topologySpreadConstraints", 0, "minDomains"),
        "must be at least 1, not 0",
    ),
    "domains-of-a-preference": (
        workload(pod=f"topologySpreadConstraints: [{{minDomains: 2, whenUnsatisfiable: ScheduleAnyway, {ZONES}}}]"),
        (*POD, "topologySpreadConstraints", 0, "minDomains"),
        "needs whenUnsatisfiable: DoNotSchedule",
    ),
    "weight-of-an-affinity": (
        workload(
            pod="affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
            "[{weight: 0, podAffinityTerm: {topologyKey: zone}}]}}"
        ),
        (*POD, "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution", 0, "weight"),
        "must be between 1 and 100, not 0",
    ),
    "service-without-ports": (service("selector: {app: web}"), ("spec",), "needs ports"),
    "type-of-a-service": (
        service("type: LoadBalanced, ports: [{port: 80}]"),
        ("spec", "type"),
        "must be one of 'ClusterIP'",
    ),
    "unnamed-ports": (
        service("ports: [{port: 80}, {port: 81, name: more}]"),
        ("spec", "ports", 0),
        "needs a name",
    ),
    "port-twice": (
        service("ports: [{port: 80, name: a}, {port: 80, name: b}]"),
        ("spec", "ports", 1, "port"),
        "two ports are 'TCP 80'",
    ),
    "node-port": (
        service("ports: [{port: 80, nodePort: 30080}]"),
        ("spec", "ports", 0, "nodePort"),
        "may not be given for a Service of type ClusterIP",
    ),
    "relative-path": (
        ingress(f"{{path: web, pathType: Prefix, {BACKEND}}}"),
        ("spec", "rules", 0, "http", "paths", 0, "path"),
        "begins with '/'",
    ),
    "host-with-a-port": (
        ingress(f"{{path: /, pathType: Prefix, {BACKEND}}}", "web.example.com:8080"),
        ("spec", "rules", 0, "host"),
        "leave the port out",
    ),
    "backend-without-a-port": (
        ingress("{path: /, pathType: Prefix, backend: {service: {name: web}}}"),
        ("spec", "rules", 0, "http", "paths", 0, "backend", "service"),
        "needs the name or the number of a port",
    ),
    "peer-without-a-selector": (
        made("networking.k8s.io/v1", "NetworkPolicy", "spec: {podSelector: {}, ingress: [{from: [{}]}]}"),
        ("spec", "ingress", 0, "from", 0),
        "needs a podSelector",
    ),
    "four-fields": (cron("0 3 * *"), ("spec", "schedule"), "it has 4 fields instead of 5"),
    "hour-beyond-the-day": (cron("0 24 * * *"), ("spec", "schedule"), "'24' cannot stand in its place"),
    "zone-in-a-schedule": (cron("TZ=UTC 0 3 * * *"), ("spec", "schedule"), "write it in spec.timeZone"),
    "fewer-at-most": (
        made(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, minReplicas: 3, maxReplicas: 2}",
        ),
        ("spec", "maxReplicas"),
        "must be at least minReplicas, 3",
    ),
    "both-budgets": (
        made("policy/v1", "PodDisruptionBudget", "spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}"),
        ("spec", "maxUnavailable"),
        "cannot stand beside minAvailable",
    ),
}
ACCEPTED: dict[str, Any] = {
    "null-strategy": workload(spec="strategy: {type: Recreate, rollingUpdate: null}"),
    "quantities": workload("resources: {requests: {cpu: 100m, memory: 1.5Gi}, limits: {cpu: 1, memory: 2e9}}"),
    "sidecar-with-a-probe": workload(
        pod="initContainers: [{name: a, image: 'a:1', restartPolicy: Always, startupProbe: {tcpSocket: {port: 80}}}]"
    ),
    "claimed-mount": workload(
        "volumeMounts: [{name: data, mountPath: /data}]",
        spec="serviceName: web, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], "
        "resources: {requests: {storage: 1Gi}}}}]",
        kind="StatefulSet",
    ),
    "variable-names": workload(
        "env: [{name: a.b, value: x}, {name: 1x, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a']\"}}}]"
    ),
    "role-names": made("rbac.authorization.k8s.io/v1", "ClusterRole", "metadata: {name: 'system:a:B_c'}, rules: []"),
    "account-of-the-same-namespace": bound("RoleBinding", "{kind: ServiceAccount, name: web}"),
    "generated-name": {**workload(kind="Job"), "metadata": {"generateName": "a-"}},
    "headless": service("clusterIP: None"),
    "external": service("type: ExternalName, externalName: example.com"),
    "two-protocols": service("ports: [{port: 53, name: udp, protocol: UDP}, {port: 53, name: tcp}]"),
    "wildcard": ingress(f"{{path: /, pathType: Prefix, {BACKEND}}}", "*.example.com"),
    "schedules": cron("*/5,7 0-23/2 ? JAN-dec mon"),
    "macro": cron("@daily"),
    "lines-of-base64": made("v1", "Secret", 'data: {a: "eHh4\\nCg=="}'),
    "user-of-openshift": made("user.openshift.io/v1", "Group", "metadata: {name: 'A:b'}, users: []"),
}


@pytest.mark.parametrize(("body", "route", "message"), REFUSED.values(), ids=list(REFUSED))
def test_refuses_at_the_field_and_says_what_to_write(body: Any, route: Route, message: str) -> None:
    found = refusals(body)
    assert [(problem.rule, problem.route) for problem in found] == [("api-refused", route)]
    assert message in found[0].message


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepts_what_the_server_accepts(body: Any) -> None:
    assert refusals(body) == []


@pytest.mark.parametrize(
    ("spec", "severity"),
    [
        ("resources: {requests: {storage: 20Gi}}", Severity.WARNING),
        ("storageClassName: fast, resources: {requests: {storage: 20Gi}}", None),
        ("accessModes: [], resources: {requests: {storage: 20Gi}}", None),
    ],
)
def test_a_claim_of_nothing_but_a_size_may_resize_one_that_is_there(spec: str, severity: Severity | None) -> None:
    assert [(problem.route, problem.severity) for problem in refusals(claim(spec))] == [(("spec",), severity)]


def test_a_template_of_claims_makes_them() -> None:
    templates = "[{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]"
    body = workload(spec=f"serviceName: web, volumeClaimTemplates: {templates}", kind="StatefulSet")
    (problem,) = refusals(body)
    assert problem.message.startswith("needs accessModes; ")
    assert problem.severity is None


def test_says_nothing_where_the_schema_does() -> None:
    body = claim("accessModes: [ReadWriteOnce], resources: {requests: {storage: []}}")
    known = Schemas("1.37").check(body)
    assert [problem.route for problem in known] == [("spec", "resources", "requests", "storage")]
    assert refusals(body, [SchemaProblem("schema-invalid", ("spec",), "")]) == refusals(body, known) == []


def test_never_shows_the_value_of_a_secret() -> None:
    body = made("v1", "Secret", "type: kubernetes.io/ssh-auth, data: {ssh-privatekey: hunter2!, a: hunter2}")
    found = refusals(body)
    assert len(found) == 2
    assert not any("hunter2" in problem.message for problem in found)


def test_leaves_what_sops_has_encrypted() -> None:
    body = made("v1", "Secret", "data: {a: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}")
    assert refusals(body) == []


def places(value: Any, route: Route = ()) -> Iterator[Route]:
    """Yields the route to everything in a body."""
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*route, step)
        if isinstance(item, dict | list):
            yield from places(item, (*route, step))


@pytest.mark.parametrize("broken", [None, [], {}, 1, "text", [None], [[]], {"a": None}], ids=repr)
def test_survives_anything_in_place_of_any_field(broken: Any) -> None:
    for body in (*(case[0] for case in REFUSED.values()), *ACCEPTED.values()):
        for route in places(body):
            changed = copy.deepcopy(body)
            get(changed, *route[:-1])[route[-1]] = broken
            refusals(changed)
