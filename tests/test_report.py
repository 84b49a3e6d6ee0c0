"""Every format tells the same story, in the reader's own way, and none tells a secret."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.report.sample import BASE, CLEAN, DB, MENU, PROD, SAMPLE, SECRET, SECRETS
from gitopsmith.content import SCHEMAS
from gitopsmith.finding import Finding, Location, Note, Related, Report, Severity, Summary, Suppressed
from gitopsmith.report import FORMATS, Options
from gitopsmith.report.secret_yaml import mask

FIXTURES = Path(__file__).parent / "fixtures"
GOLDENS = FIXTURES / "report" / "golden"
SARIF_SCHEMA = FIXTURES / "sarif" / "sarif-2.1.0-rtm.5.json"
VARIANTS = {
    "text.txt": ("text", SAMPLE, Options()),
    "text-color.txt": ("text", SAMPLE, Options(color=True)),
    "text-verbose-narrow.txt": ("text", SAMPLE, Options(verbose=True, width=60)),
    "text-quiet.txt": ("text", SAMPLE, Options(quiet=True)),
    "text-clean.txt": ("text", CLEAN, Options()),
    "report.json": ("json", SAMPLE, Options()),
    "report.sarif": ("sarif", SAMPLE, Options()),
    "github.txt": ("github", SAMPLE, Options()),
    "github-clean.txt": ("github", CLEAN, Options()),
    "gitlab.json": ("gitlab", SAMPLE, Options()),
    "gitlab-clean.json": ("gitlab", CLEAN, Options()),
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def _golden(name: str) -> str:
    form, report, options = VARIANTS[name]
    return FORMATS[form](report, options)


def write_goldens() -> None:
    """Writes what each format makes of the sample."""
    GOLDENS.mkdir(exist_ok=True)
    for name in VARIANTS:
        (GOLDENS / name).write_bytes(_golden(name).encode())


def _text(report: Report, **options: Any) -> str:
    return FORMATS["text"](report, Options(**options))


def _one(source: str, place: tuple[int, int, int, int], message: str = "it is wrong", **changes: Any) -> Report:
    """Makes a report of one finding in one file."""
    finding = Finding("some-rule", Severity.ERROR, message, Location("a.yaml", *place), **changes)
    return Report((finding,), sources={"a.yaml": source})


def _excerpt(report: Report, width: int = 120) -> list[str]:
    return [line for line in _text(report, width=width, quiet=True).splitlines() if re.match(r" *\S* *\|", line)]


@pytest.mark.parametrize("name", VARIANTS)
def test_each_format_writes_the_sample_as_agreed(name: str) -> None:
    assert _golden(name).encode() == (GOLDENS / name).read_bytes(), "run `make regenerate` and read the difference"


def test_no_golden_is_left_over() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(VARIANTS)


def test_colours_change_nothing_but_colours() -> None:
    assert ANSI.sub("", _text(SAMPLE, color=True)) == _text(SAMPLE)
    assert "\x1b" not in _text(SAMPLE)


@pytest.mark.parametrize("form", FORMATS)
def test_the_order_in_which_findings_come_does_not_show(form: str) -> None:
    turned = replace(
        SAMPLE, findings=SAMPLE.findings[::-1], notes=SAMPLE.notes[::-1], suppressed=SAMPLE.suppressed[::-1]
    )
    assert FORMATS[form](turned, Options()) == FORMATS[form](SAMPLE, Options())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_encoded_and_ends_in_one_newline(form: str) -> None:
    for report in (SAMPLE, CLEAN):
        written = FORMATS[form](report, Options())
        assert written.encode("utf-8")
        assert written.endswith("\n")
        assert not written.endswith("\n\n")


# --- text


def test_the_span_is_underlined_under_tabs_and_wide_characters() -> None:
    number, underline = _excerpt(_one("\t名前: 値段\n", (1, 6, 1, 8)))[1:3]
    assert number == "1 |     名前: 値段"
    assert underline == "  |           ^^^^"


def test_combining_characters_take_no_room() -> None:
    assert _excerpt(_one("cafe\u0301: x\n", (1, 8, 1, 9)))[2] == "  |       ^"


def test_a_block_scalar_ends_where_its_text_ends() -> None:
    rows = _excerpt(_one("a: |\n  one\n  two\nb: c\n", (1, 4, 4, 1)))
    assert rows[1:5] == ["1 | / a: |", "2 | |   one", "3 | |   two", "  | |_____^"]


def test_a_long_span_shows_its_head_and_its_last_line() -> None:
    rows = _excerpt(_one("".join(f"key{n}: x\n" for n in range(40)), (2, 1, 39, 6)))
    assert [row.split(" | ")[0].strip() for row in rows[1:-3]] == ["1", "2", "3", "4", "5", "6", "...", "39"]


def test_a_finding_far_to_the_right_is_in_sight() -> None:
    rows = _excerpt(_one(f"key: {'x' * 300} wrong {'y' * 300}\n", (1, 307, 1, 312)), width=60)
    line, underline = rows[1:3]
    assert "wrong" in line
    assert line.index("wrong") == underline.index("^^^^^")
    assert max(map(len, rows)) <= 60


def test_wide_characters_are_never_cut_in_half() -> None:
    report = _one(f"a{'値' * 200} wrong\nb: c\n", (1, 203, 1, 208))
    for width in range(40, 50):
        line, underline = _excerpt(report, width)[1:3]
        before = line[: line.index("wrong")]
        assert len(before) + before.count("値") == underline.index("^")


def test_a_line_much_shorter_than_its_neighbour_is_left_blank_beside_a_far_span() -> None:
    assert (
        _excerpt(_one(f"a: b\nc: {'x' * 300} wrong\n", (2, 305, 2, 310)), width=60)[1] == "1 | \N{HORIZONTAL ELLIPSIS}"
    )


def test_a_span_longer_than_the_terminal_is_underlined_to_the_edge() -> None:
    rows = _excerpt(_one(f"a: {'x' * 300}\n", (1, 4, 1, 304)), width=60)
    assert len(rows[1]) == len(rows[2]) <= 60


def test_of_many_related_places_the_first_are_shown_and_the_rest_counted() -> None:
    related = tuple(Related(Location("b.yaml", n), "here too") for n in range(1, 8))
    report = _one("a: b\n", (1, 1, 1, 2), related=related)
    assert _text(report).count("::: b.yaml") == 3
    assert "= related: 4 more places; -v shows all" in _text(report)
    assert _text(report, verbose=True).count("::: b.yaml") == 7


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (9, 1, 9, 2), (1, 99, 1, 200), (2, 5, 1, 1)], ids=str)
def test_a_place_that_is_none_does_no_harm(place: tuple[int, int, int, int]) -> None:
    for form in FORMATS:
        assert FORMATS[form](_one("a: b\n", place), Options())


def test_an_empty_file_has_no_excerpt() -> None:
    assert _excerpt(_one("", (1, 1, 1, 1))) == []


def test_a_message_of_several_lines_keeps_to_its_margin() -> None:
    lines = _text(_one("a: b\n", (1, 1, 1, 2), "first\n::error::second")).splitlines()
    assert lines[:2] == ["error[some-rule]: first", "  | ::error::second"]


def test_characters_that_command_a_terminal_are_shown_and_not_sent() -> None:
    hostile = "\x1b[2J\u202e\x07"
    report = _one(f"a: {hostile}\n", (1, 1, 1, 2), f"bad {hostile}", applications=(hostile,), help=hostile)
    assert not set("\x1b\u202e\x07") & set(_text(report))


def test_notes_that_say_the_same_are_counted_and_the_rest_of_many_is_too() -> None:
    notes = tuple(Note("unverifiable", f"chart {n:02} is not fetched", "a.yaml") for n in range(25)) * 2
    lines = _text(replace(CLEAN, notes=notes)).splitlines()
    assert lines[1] == "  notes       unverifiable: chart 00 is not fetched (2 times, a.yaml)"
    assert lines[-1].strip() == "and 30 more notes; -v shows all"
    assert "chart 24" in _text(replace(CLEAN, notes=notes), verbose=True)


def test_a_clean_run_says_in_one_line_what_was_looked_at() -> None:
    assert _text(CLEAN).count("\n") == 1
    assert _text(CLEAN, quiet=True) == ""


def test_all_of_it_rendered_is_said_only_of_all_of_it() -> None:
    assert "rendered 99%" in _text(Report((), summary=Summary(builds=1, rendered_share=0.9999)))
    assert "rendered 100%" in _text(Report((), summary=Summary(builds=1, rendered_share=1.0)))


# --- json


def _json(report: Report = SAMPLE) -> Any:
    return json.loads(FORMATS["json"](report, Options()))


@pytest.mark.parametrize("report", [SAMPLE, CLEAN], ids=["sample", "clean"])
def test_json_is_what_its_schema_says(report: Report) -> None:
    schema = json.loads((SCHEMAS / "report" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(_json(report))


def test_the_schema_knows_no_key_that_is_not_written() -> None:
    schema = json.loads((SCHEMAS / "report" / "report.schema.json").read_text())
    finding = schema["$defs"]["finding"]
    assert list(finding["properties"]) == list(_json()["findings"][0]) == finding["required"]
    assert list(schema["properties"]) == list(_json()) == schema["required"]
    summary = schema["properties"]["summary"]
    assert list(summary["properties"]) == list(_json()["summary"]) == summary["required"]


def test_json_gives_the_fingerprint_that_baselines_use() -> None:
    by_rule = {finding["rule"]: finding["fingerprint"] for finding in _json()["findings"]}
    assert by_rule["image-floating-tag"] == SAMPLE.findings[0].fingerprint


# --- sarif


def _sarif(report: Report = SAMPLE) -> Any:
    return json.loads(FORMATS["sarif"](report, Options()))


@pytest.mark.parametrize("report", [SAMPLE, CLEAN], ids=["sample", "clean"])
def test_sarif_is_valid_by_the_official_schema(report: Report) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text())
    jsonschema.Draft4Validator(schema).validate(_sarif(report))


def test_sarif_results_name_their_rule_twice_alike() -> None:
    run = _sarif()["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(SAMPLE.rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_sarif_paths_are_relative_uris_that_lead_back_to_the_file() -> None:
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in _sarif()["runs"][0]["results"]
    ]
    assert {BASE, PROD, SECRET, MENU} <= set(map(unquote, uris))
    assert "apps/caf%C3%A9%20menu/kustomization.yaml" in uris
    assert all(re.fullmatch(r"[!$&-;=@A-Z_a-z~%]+", uri) and ":" not in uri for uri in uris)


def test_sarif_says_of_all_results_or_of_none_whether_they_are_suppressed() -> None:
    results = _sarif()["runs"][0]["results"]
    assert [entry["kind"] for result in results for entry in result["suppressions"]] == ["inSource", "external"]
    bare = _sarif(replace(SAMPLE, suppressed=()))["runs"][0]["results"]
    assert not any("suppressions" in result for result in bare)


def test_code_scanning_is_given_what_is_open_alone() -> None:
    """GitHub shows a suppressed result as an open alert."""
    given = json.loads(FORMATS["code-scanning"](SAMPLE, Options()))
    assert given == _sarif(replace(SAMPLE, suppressed=()))
    assert len(given["runs"][0]["results"]) == len(SAMPLE.findings)


# --- github


def _unescape(text: str) -> str:
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github_commands_survive_what_their_own_signs_would_break() -> None:
    report = Report((Finding("r", Severity.ERROR, "50%,\r\n::warning::x: y", Location("a, b:100%\n.yaml")),))
    command, summary = FORMATS["github"](report, Options()).splitlines()
    match = re.fullmatch(r"::error file=([^,:]*),line=1,endLine=1,col=1,endColumn=2,title=r::(.*)", command)
    assert match
    assert _unescape(match[1]) == "a, b:100%\n.yaml"
    assert _unescape(match[2]).endswith("50%,\r\n::warning::x: y")
    assert not summary.startswith("::")


def test_github_is_given_columns_only_within_one_line() -> None:
    command = FORMATS["github"](_one("", (3, 2, 5, 1)), Options()).splitlines()[0]
    assert command.startswith("::error file=a.yaml,line=3,endLine=5,title=")


def test_github_tells_how_many_findings_no_annotation_shows() -> None:
    many = tuple(Finding("r", Severity(1 + n % 2), "m", Location("a.yaml", n + 1)) for n in range(25))
    summary = FORMATS["github"](Report(many), Options()).splitlines()[-1]
    assert "first 10 of a type in a step, so 5 stand in this log alone" in summary
    assert "first 10" not in FORMATS["github"](Report(many[:20]), Options())


# --- gitlab


def test_gitlab_is_given_every_finding_under_a_fingerprint_of_its_own() -> None:
    """It shows the first entry of a fingerprint alone; the first one keeps its name, whatever comes after it."""
    findings = [Finding("r", Severity.ERROR, message, Location("a.yaml", 1)) for message in ("one", "two", "three")]
    entries = json.loads(FORMATS["gitlab"](Report(tuple(findings)), Options()))
    assert {entry["description"] for entry in entries} == {"one", "two", "three"}
    assert len({entry["fingerprint"] for entry in entries}) == 3
    assert entries[0]["fingerprint"] == findings[0].fingerprint


# --- secrets


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("secret_rules", [SAMPLE.secret_rules, frozenset[str]()], ids=["told", "untold"])
def test_no_format_shows_a_secret_of_the_sample(form: str, secret_rules: frozenset[str]) -> None:
    written = FORMATS[form](replace(SAMPLE, secret_rules=secret_rules), Options(verbose=True))
    assert [secret for secret in SECRETS if secret in written] == []


HIDDEN = "N0t-for-your-eyes"
SECRET_TEXTS = {
    "data": f"kind: Secret\ndata: {{a: {HIDDEN}}}\n",
    "stringData-first": f"stringData:\n  a: {HIDDEN}\nkind: Secret\n",
    "no-kind": f"data:\n  a: {HIDDEN}\n",
    "block": f"kind: Secret\nstringData:\n  a: |-\n    one\n\n    {HIDDEN}\n  b: >\n   {HIDDEN}\n",
    "block-anchored": f"kind: Secret\nstringData:\n  a: &a !!str | # it is\n    {HIDDEN}\n  b: *a\n",
    "plain-over-lines": f"kind: Secret\nstringData:\n  a: one\n   {HIDDEN}\n",
    "quoted-to-the-margin": f'kind: Secret\nstringData:\n  a: "one\n{HIDDEN}\n  two"\n',
    "twice": f"kind: Secret\ndata: {{a: {HIDDEN}}}\ndata: {{a: x}}\n",
    "anchor-elsewhere": f"x: &x {HIDDEN}\nitems:\n- kind: Secret\n  data: {{a: *x}}\n",
    "map-anchored-elsewhere": f"x: &x {{a: {HIDDEN}}}\nkind: Secret\nstringData:\n  <<: *x\n",
    "kind-merged-in": f"x: &x {{kind: Secret}}\nitems:\n- <<: *x\n  data: {{a: {HIDDEN}}}\n",
    "kind-by-alias": f"x: &x Secret\nitems:\n- kind: *x\n  data: {{a: {HIDDEN}}}\n",
    "list": f"kind: List\nitems:\n- kind: Secret\n  data:\n    a: {HIDDEN}\n",
    "json": json.dumps({"kind": "Secret", "data": {"a": HIDDEN}}),
    "json-indented": json.dumps({"kind": "Secret", "data": {"a": HIDDEN}}, indent=2),
    "comment": f"kind: Secret\nstringData:\n  # a: {HIDDEN}\n  b: c # {HIDDEN}\n",
    "literal": f"secretGenerator:\n- name: a\n  literals:\n  - A={HIDDEN}\n  - 'B={HIDDEN}'\n",
    "literal-flow": f'secretGenerator: [{{name: a, literals: ["A={HIDDEN}"]}}]\n',
    "literal-without-key": f"secretGenerator:\n- literals: [{HIDDEN}]\n",
    "generator": f"kind: SecretGenerator\nliterals:\n- A={HIDDEN}\n",
    "sealed-template": f"kind: SealedSecret\nspec:\n  template:\n    data:\n      a: {HIDDEN}\n",
    "sops-template": f"kind: SopsSecret\nspec:\n  secretTemplates:\n  - name: a\n    data: {{a: {HIDDEN}}}\n",
    "json-patch": f"- op: add\n  path: /data/a\n  value: {HIDDEN}\n",
    "json-patch-of-all": f"- op: add\n  value: {{a: {HIDDEN}}}\n  path: /stringData\n",
    "json-patch-misspelt": f"- op: add\n  path: data/a\n  valeu: {HIDDEN}\n",
    "field-misspelt": f"kind: Secret\nstringdata:\n  a: {HIDDEN}\n",
    "kind-misspelt": f"kind: secret\nstringdata:\n  a: {HIDDEN}\n",
    "literals-misspelt": f"secretGenerator:\n- name: a\n  literal: [A={HIDDEN}]\n",
    "commented-out": f"a: b\n# kind: Secret\n# stringData:\n#   a: {HIDDEN}\nc: d\n",
    "inline-patch": f"patches:\n- patch: |-\n    kind: Secret\n    data:\n      a: {HIDDEN}\n",
    "inline-json-patch": f"patches:\n- patch: |-\n    - op: add\n      path: /data/a\n      value: {HIDDEN}\n",
    "last-applied": f"""metadata: {{annotations: {{last: '{{"kind":"Secret","data":{{"a":"{HIDDEN}"}}}}'}}}}\n""",
    "broken": f"kind: Secret\nstringData:\n  a: {HIDDEN}\n  b: c: d\n",
    "broken-before": f"a: b: c\n---\nkind: Secret\nstringData:\n  a: |\n   {HIDDEN}\n  b: {HIDDEN}\n",
    "template": f"{{{{ if .x }}}}\nkind: Secret\ndata:\n  a: {HIDDEN}\n{{{{ end }}}}\n",
    "control-character": f"kind: Secret\nstringData:\n  a: {HIDDEN}\x01\n",
    "carriage-returns": f"kind: Secret\r\nstringData:\r\n  a: {HIDDEN}\r\n",
}


@pytest.mark.parametrize("text", SECRET_TEXTS.values(), ids=SECRET_TEXTS)
def test_a_secret_is_masked_however_it_is_written(text: str) -> None:
    masked = mask(text)
    assert HIDDEN not in masked
    assert "***" in masked
    assert masked.count("\n") == text.count("\n")
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "kind: ConfigMap\ndata:\n  a: shown # yes\n",
        "kind: Secret\nmetadata: {name: shown} # yes\ntype: Opaque\n",
        "kind: ExternalSecret\nspec:\n  data:\n  - secretKey: a\n    remoteRef: {key: shown}\n",
        "configMapGenerator:\n- literals: [A=shown]\nsecretGenerator:\n- files: [shown.txt]\n",
        "kind: Deployment\nspec: {template: {spec: {containers: [{env: [{valueFrom: {secretKeyRef: {name: a}}}]}]}}}\n",
        "- op: replace\n  path: /spec/replicas\n  value: 3\n",
        "# the Secret is made by hand\nkind: Pod\n",
        "valuesFrom:\n- {kind: Secret, name: shown}\n",
        "volumes:\n- hostPath: {path: /data, type: Directory}\n",
        "a: b: c\n",
        "",
        "description: |-\n  A Secret that\n  holds data\n",
        "script: |-\n  cp shown /data/\n  ls /data/\n",
    ],
    ids=[
        "configmap",
        "secret-name",
        "external-secret",
        "configmap-generator",
        "reference",
        "patch",
        "comment",
        "values-from",
        "path",
        "broken",
        "empty",
        "description",
        "script",
    ],
)
def test_what_is_no_secret_stays_to_be_read(text: str) -> None:
    assert mask(text) == text


def test_keys_quotes_and_block_headers_stay_to_be_read() -> None:
    text = "kind: Secret\nstringData:\n  a: 'one'\n  b: |-\n    two\n\n    three\n  c: four\n"
    assert mask(text) == "kind: Secret\nstringData:\n  a: '***'\n  b: |-\n    ***\n\n    ***\n  c: ***\n"


def test_the_value_under_a_secret_finding_is_hidden_for_its_neighbours_too() -> None:
    source = "env:\n- name: TOKEN\n  value: >-\n    N0t-for\n    -your-eyes\n- name: A\n  value: shown\n"
    secret = Finding("env-secret", Severity.ERROR, "TOKEN is a secret", Location("a.yaml", 3, 10, 6, 1))
    other = Finding("other", Severity.ERROR, "is odd", Location("a.yaml", 6, 3, 6, 7))
    report = Report((secret, other), sources={"a.yaml": source}, secret_rules=frozenset({"env-secret"}))
    assert "N0t-for" not in _text(report)
    assert "eyes" not in _text(report)
    assert "value: shown" in _text(report)
    hidden = replace(report, findings=(other,), suppressed=(Suppressed(secret, "it is a test", "comment"),))
    assert "eyes" not in _text(hidden)


def test_a_file_that_is_no_manifest_is_not_shown() -> None:
    finding = Finding("odd", Severity.ERROR, "is odd", Location("secret.env"))
    assert "hunter" not in _text(Report((finding,), sources={"secret.env": "PASSWORD=hunter\n"}))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("hunter2", "'hunter2' is too short"),
        ("cat", "'cat' is not one of"),
        ("12345", "12345 is not of type 'string'"),
        ("0x1F", "31 is not of type 'string'"),
        (base64.b64encode(b"hunter2").decode(), "hunter2 decoded"),
    ],
    ids=["word", "short", "number", "number-rewritten", "decoded"],
)
@pytest.mark.parametrize("form", FORMATS)
def test_a_message_that_quotes_a_secret_is_masked(form: str, value: str, said: str) -> None:
    report = _one(f"kind: Secret\ndata:\n  a: {value}\n", (3, 6, 3, 7), f"data.a: {said}", object=DB)
    written = FORMATS[form](report, Options())
    assert "data.a: " in written
    assert said not in written
    assert "***" in written


def test_a_message_about_another_object_may_use_a_word_that_is_a_secret_too() -> None:
    source = "kind: Secret\nstringData:\n  user: postgres\n---\nkind: Pod\nimage: postgres\n"
    written = _text(_one(source, (6, 1, 6, 6), "image 'postgres' has no tag", object=DB._replace(kind="Pod")))
    assert "image 'postgres' has no tag" in written


SHOWN = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z", "Cc")), max_size=20)


@settings(derandomize=True, deadline=None)
@given(
    values=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.tuples(SHOWN, SHOWN), min_size=1, max_size=4),
    style=st.sampled_from([None, '"', "'", "|", ">"]),
    indent=st.integers(2, 4),
    cut=st.integers(0, 80),
)
def test_no_writing_of_a_secret_gets_through(
    values: dict[str, tuple[str, str]], style: Any, indent: int, cut: int
) -> None:
    """Whatever surrounds it, whatever the style, whole or cut off in the middle of the file."""
    body = {key: f"{before}{HIDDEN}{after}" for key, (before, after) in values.items()}
    text = yaml.safe_dump({"kind": "Secret", "stringData": body}, default_style=style, indent=indent, width=30)
    for piece in (text, text[: len(text) - cut], text + "a: b: c\n"):
        assert HIDDEN not in mask(piece)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("- https://me:{}@git.example.com/base?ref=main", "- https://me:***@git.example.com/base?ref=main"),
        ("- https://{}@git.example.com/base?ref=main", "- https://***@git.example.com/base?ref=main"),
        ("url: postgres://shop:{}@db/shop", "url: postgres://shop:***@db/shop"),
        ("- ssh://git@git.example.com/base", "- ssh://git@git.example.com/base"),
    ],
    ids=["password", "token", "database", "user alone"],
)
def test_no_login_in_a_url_is_shown(line: str, shown: str) -> None:
    assert mask(f"resources:\n{line.format('Vq3' * 8)}\n") == f"resources:\n{shown}\n"
