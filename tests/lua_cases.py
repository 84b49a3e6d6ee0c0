"""Health checks that go wrong in every way that comes to mind, and what Argo CD says of each.

The answers are those of Argo CD 3.6.1 itself: `argocd admin settings resource-overrides health`, which
tests/test_health.py asks again where the program is there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

FAILED = "an error"
"""The command ends with an error, and the controller shows Unknown with it."""


class Said(NamedTuple):
    """A check, the object that it looks at, and what Argo CD says: status, message."""

    id: str
    lua: str
    status: str | None
    message: str = ""
    body: dict[str, Any] = {}  # noqa: RUF012 - it is only read
    open_libs: bool = False


QUEUE: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Queue",
    "metadata": {"name": "orders", "namespace": "shop", "generation": 3},
    "spec": {
        "replicas": 3,
        "share": 1.5,
        "paused": False,
        "big": 9007199254740993,
        "nothing": None,
        "map": {},
        "list": [],
        "holes": ["a", None, "b"],
        "date": "2026-01-02T03:04:05Z",
        "name": "größe",
    },
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Full", "status": "False"}]},
}
DELETED = {**QUEUE, "metadata": {"name": "orders", "deletionTimestamp": "2026-01-02T03:04:05Z"}}
BLOCKED = {**QUEUE, "metadata": {**DELETED["metadata"], "finalizers": ["a.example.com", "b.example.com"]}}
HOOKED = {**QUEUE, "metadata": {**DELETED["metadata"], "finalizers": ["argocd.argoproj.io/hook-finalizer"]}}


def healthy(expression: str) -> str:
    """Writes a check that says what an expression is."""
    return f'return {{status = "Healthy", message = tostring({expression})}}'


CASES = (
    Said("healthy", 'return {status = "Healthy", message = "fine"}', "Healthy", "fine"),
    Said("every-code-suspended", 'return {status = "Suspended"}', "Suspended"),
    Said("every-code-missing", 'return {status = "Missing"}', "Missing"),
    Said("every-code-unknown", 'return {status = "Unknown", message = "?"}', "Unknown", "?"),
    Said("nil", "return nil", None),
    Said("no-return", "local x = 1", None),
    Said("number", "return 1", FAILED),
    Said("string", 'return "Healthy"', FAILED),
    Said("boolean", "return true", FAILED),
    Said("function", "return tostring", FAILED),
    Said("empty-table", "return {}", ""),
    Said("list", 'return {"Healthy"}', ""),
    Said("status-is-a-number", "return {status = 5}", ""),
    Said("message-is-a-number", 'return {status = "Healthy", message = 5}', ""),
    Said("message-is-a-table", 'return {status = "Healthy", message = {}}', ""),
    Said("message-is-true", 'return {status = "Degraded", message = true}', ""),
    Said("no-status", 'return {message = "fine"}', "Unknown", "Lua returned an invalid health status"),
    Said("empty-status", 'return {status = ""}', "Unknown", "Lua returned an invalid health status"),
    Said("lower-case-status", 'return {status = "healthy"}', "Unknown", "Lua returned an invalid health status"),
    Said("status-with-a-space", 'return {status = "Healthy "}', "Unknown", "Lua returned an invalid health status"),
    Said("upper-case-keys", 'return {Status = "Healthy", MESSAGE = "fine"}', "Healthy", "fine"),
    Said("keys-twice", 'return {Status = "Degraded", status = "Healthy", STATUS = "Missing"}', "Healthy"),
    Said("unknown-keys", 'return {status = "Healthy", reason = {a = {1, 2}}, n = 1.5}', "Healthy"),
    Said("last-of-two", 'return nil, {status = "Healthy"}', "Healthy"),
    Said("last-is-nil", 'return {status = "Healthy"}, nil', None),
    Said("last-is-a-message", 'return {status = "Healthy"}, "fine"', FAILED),
    Said("a-function-inside", 'return {status = "Healthy", f = tostring}', FAILED),
    Said("the-same-table-twice", 'local t = {1} return {status = "Healthy", a = t, b = t}', FAILED),
    Said("a-cycle", 'local t = {status = "Healthy"} t.t = t return t', FAILED),
    Said("a-list-with-a-hole", 'return {status = "Healthy", a = {[1] = 1, [3] = 3}}', FAILED),
    Said("a-list-from-zero", 'return {status = "Healthy", a = {[0] = 1, [1] = 2}}', FAILED),
    Said("a-list-with-halves", 'return {status = "Healthy", a = {[0.5] = 1, [2] = 2}}', FAILED),
    Said("a-list-in-any-order", 'return {status = "Healthy", a = {[2] = 1, [1] = 2, [3] = {}}}', "Healthy"),
    Said("a-list-with-a-metatable", "return {a = setmetatable({[2] = 1}, {__index = {1}})}", FAILED),
    Said("mixed-keys", 'return {status = "Healthy", [1] = 1}', FAILED),
    Said("a-boolean-key", 'return {status = "Healthy", a = {[true] = 1}}', FAILED),
    Said("not-a-number", 'return {status = "Healthy", a = 0/0}', FAILED),
    Said("infinite", 'return {status = "Healthy", a = 1/0}', FAILED),
    Said("a-metatable", 'return setmetatable({}, {__index = {status = "Healthy"}})', ""),
    Said("not-utf-8", 'return {status = "Healthy", message = "a\\255b"}', "Healthy", "a\ufffdb"),
    Said("several-lines", 'return {status = "Healthy", message = "a\\nb"}', "Healthy", "a\nb"),
    Said("umlauts", healthy("obj.spec.name"), "Healthy", "größe"),
    Said("html", 'return {status = "Healthy", message = "<a> & b"}', "Healthy", "<a> & b"),
    Said("no-string", 'return {status = string.find("a", "a") and "Healthy"}', FAILED),
    Said("no-methods-of-strings", 'return {status = ("healthy"):upper()}', FAILED),
    Said("no-math", "return {status = math.max(1, 2)}", FAILED),
    Said("no-os", "return {status = os.time()}", FAILED),
    Said("no-io", "return {status = io.read()}", FAILED),
    Said("no-coroutine", "return {status = coroutine.create(print)}", FAILED),
    Said("no-debug", "return {status = debug.traceback()}", FAILED),
    Said("required-os", healthy('require("os").date("!%Y-%m-%d", 0)'), "Healthy", "1970-01-01"),
    Said("required-string", 'return {status = require("string").lower("A")}', FAILED),
    Said("required-time", healthy('require("os").time({year = 1970, month = 1, day = 2, hour = 0})'),
         "Healthy", "86400"),
    Said("required-time-at-noon", healthy('require("os").time({year = 1970, month = 1, day = 1})'), "Healthy", "43200"),
    Said("required-date", healthy('require("os").date("!%c|%a %A %b %x|%X %p %P %z %Z %w %% %k", 0)'), "Healthy",
         "01 Jan 70 00:00 UTC|mon Thursday Jan 00/00/00|00:00:00 AM am +0000 UTC 4 % %k"),
    Said("required-date-table", healthy('require("os").date("*t", 86400).day'), "Healthy", "2"),
    Said("table-library", healthy('table.concat({"a", "b"}, "-")'), "Healthy", "a-b"),
    Said("getn", healthy("table.getn(obj.status.conditions)"), "Healthy", "2"),
    Said("open-libraries", healthy('string.find("abc", "b") .. math.max(1, 2)'), "Healthy", "22", open_libs=True),
    Said("open-methods", healthy('("healthy"):upper()'), "Healthy", "HEALTHY", open_libs=True),
    Said("syntax-error", 'if obj.status then return {status = "Healthy"}', FAILED),
    Said("goto", 'goto out\n::out::\nreturn {status = "Healthy"}', "Healthy"),
    Said("two-semicolons", 'local a = 1;; return {status = "Healthy"}', "Healthy"),
    Said("error", 'error("no")', FAILED),
    Said("error-is-a-table", "error({1})", FAILED),
    Said("caught", healthy('pcall(error, "no")'), "Healthy", "false"),
    Said("caught-twice", healthy('xpcall(function() error("no") end, function() return "x" end)'), "Healthy", "false"),
    Said("index-nil", "return {status = obj.status.missing.phase}", FAILED),
    Said("index-from-zero", "return {status = obj.status.conditions[0].status}", FAILED),
    Said("call-nil", "return {status = missing()}", FAILED),
    Said("endless", "while true do end", FAILED),
    Said("endless-and-caught", "while true do pcall(function() while true do end end) end", FAILED),
    Said("null-in-a-list", healthy("#obj.spec.holes .. obj.spec.holes[2]"), "Healthy", "2b"),
    Said("null-in-a-map", healthy("obj.spec.nothing"), "Healthy", "nil"),
    Said("empty-map", healthy("type(obj.spec.map) .. #obj.spec.map"), "Healthy", "table0"),
    Said("empty-list", healthy("next(obj.spec.list)"), "Healthy", "nil"),
    Said("whole-number", healthy('obj.spec.replicas .. ""'), "Healthy", "3"),
    Said("fraction", healthy('obj.spec.share .. ""'), "Healthy", "1.5"),
    Said("big-number", healthy("obj.spec.big == 9007199254740992"), "Healthy", "true"),
    Said("false", healthy("obj.spec.paused"), "Healthy", "false"),
    Said("type-of-false", healthy("type(obj.spec.paused)"), "Healthy", "boolean"),
    Said("type-of-a-date", healthy("type(obj.spec.date) .. obj.spec.date"), "Healthy", "string2026-01-02T03:04:05Z"),
    Said("numbers-compare", healthy("obj.spec.replicas == obj.metadata.generation"), "Healthy", "true"),
    Said("number-and-string", healthy('obj.spec.replicas == "3"'), "Healthy", "false"),
    Said("coercion", healthy('"10" + 1'), "Healthy", "11"),
    Said("hexadecimal", healthy('"0x10" + 0'), "Healthy", "16"),
    Said("tonumber", healthy('tonumber("10", 2) .. tostring(tonumber("x"))'), "Healthy", "2nil"),
    Said("modulo", healthy("-5 % 3"), "Healthy", "1"),
    Said("power", healthy("2 ^ 0.5 > 1.41"), "Healthy", "true"),
    Said("division", healthy("7 / 2"), "Healthy", "3.5"),
    Said("length-of-a-string", healthy('#"größe"'), "Healthy", "7"),
    Said("escapes", healthy('"\\065\\x41"'), "Healthy", "Ax41"),
    Said("long-string", healthy("[==[\na]]b]==]"), "Healthy", "a]]b"),
    Said("long-comment", '--[[ a\nb ]] return {status = "Healthy"}', "Healthy"),
    Said("ipairs-in-order", 'local s = "" for i, c in ipairs(obj.status.conditions) do s = s .. i .. c.type end\n'
         'return {status = "Healthy", message = s}', "Healthy", "1Ready2Full"),
    Said("sorted", 'local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end)\n'
         'return {status = "Healthy", message = table.concat(t, ",")}', "Healthy", "3,2,1"),
    Said("inserted", 'local t = {1, 3} table.insert(t, 2, 2) table.remove(t, 1)\n'
         'return {status = "Healthy", message = table.concat(t, ",")}', "Healthy", "2,3"),
    Said("unpacked", healthy('select("#", unpack({1, 2, 3}))'), "Healthy", "3"),
    Said("no-arguments", healthy('select("#", ...)'), "Healthy", "0"),
    Said("action-parameters", healthy("type(actionParams)"), "Healthy", "table"),
    Said("deep-calls", 'local function f(n) if n == 0 then return "x" end local r = f(n - 1) return r end\n'
         'return {status = "Healthy", message = f(150)}', "Healthy", "x"),
    Said("too-deep-calls", "local function f(n) return 1 + f(n + 1) end return {status = f(1)}", FAILED),
    Said("globals", 'name = "x" return {status = "Healthy", message = _G.name .. getfenv().name}', "Healthy", "xx"),
    Said("changed-object", 'obj.kind = "Other" return {status = "Healthy", message = obj.kind}', "Healthy", "Other"),
    Said("being-deleted", 'return {status = "Healthy"}', "Progressing", "Pending deletion", DELETED),
    Said("deletion-blocked", 'return {status = "Degraded"}', "Progressing",
         "Pending deletion; blocked by finalizers: a.example.com, b.example.com", BLOCKED),
    Said("deletion-of-a-hook", 'return {status = "Degraded", message = "x"}', "Degraded", "x", HOOKED),
    Said("deletion-message", 'return {status = "Degraded", message = "x", deletionMessage = "stuck"}', "Degraded",
         "stuck", BLOCKED),
    Said("deletion-message-of-a-live-one", 'return {status = "Healthy", message = "x", deletionMessage = "y"}',
         "Healthy", "x"),
    Said("deletion-and-nil", "return nil", "Progressing", "Pending deletion", DELETED),
    Said("deletion-and-an-error", 'error("no")', FAILED, "", DELETED),
)  # fmt: skip
