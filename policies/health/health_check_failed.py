"""Custom health checks give the health that their tests expect.

Argo CD waits for the next sync wave, and tells people whether an application runs, by what a health check says. Its Lua
lives in argocd-cm, where a mistake only shows when an object is in the state that nobody thought of. A check that
breaks off gives Unknown; an empty answer, or one with a message that is no string, counts as Healthy without a word
(`ExecuteHealthLua` in `util/lua/lua.go`). The most frequent mistake is `string.find` or `math.max`: Lua's libraries
are not there unless `resource.customizations.useOpenLibs.<group>_<Kind>` is set.

So a check lies in a folder named like the end of its key, `<group>_<Kind>/health.lua`, and `health_test.yaml` beside
it lists cases, in the form of Argo CD's own tests: an `object` (or `inputPath`, a file with one) and the
`healthStatus` that it gets, with its `message` where that matters; `null` where the check has nothing to say, and
`useOpenLibs: true` at the top where that is set. In a generated repository `health/kustomization.yaml` puts the Lua
into argocd-cm. Each case is run in Lua 5.1, with what Argo CD 3.6 leaves to a check, for at most a second.

An error: a case that gets something else, Lua that does not compile, tests that cannot be read or whose object is of
another kind, and a ConfigMap generator in the folder above that gives the Lua another key. A warning: a check without
tests, and one that this generator leaves out while it takes others.

Exempt: a `health.lua` in a folder with another name and without such tests.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "health"

GOOD = ["health-check-failed-good"]
BAD = ["health-check-failed-bad", "health-check-failed-untested"]
