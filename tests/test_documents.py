"""What the YAML reader makes of a text, beside what Kubernetes' own code makes of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, program
from gitopsmith import documents
from gitopsmith.documents import MAX_DEPTH, Documents
from gitopsmith.finding import Location, Route
from gitopsmith.manifest import scalars

WORDS = """
y Y yes Yes YES yEs n N no No NO nO on On ON oN off Off OFF true True TRUE tRue false False FALSE t f
~ null Null NULL nULL none None nil
0 1 -1 +1 -0 +0 010 08 09 -010 0777 0o10 0O17 -0o7 0o8 0b11 0B11 -0b11 +0b1 0b2 0b-11 0x1F 0X1f -0xff +0x10 0x 0xG
1_000 1__0 _1 1_ 0_7 0x_F 1_0.5 +_1
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615
18446744073709551616 0xffffffffffffffff 0x10000000000000000 0777777777777777777777 123456789012345678901234567890
1.5 1. .5 -.5 +.5 .5_0 .5_ ._5 . .. .e3 1e3 1E3 1e+3 1e-3 1e 1e400 -1e400 5e-324 1e-400 0.1 1.10 1.0 -0.0 1e21 1e20
123456789012345678.0 1.7976931348623157e308 0x1p4 0x1.8p1 1.2.3 1.2.3.4 1,000
.inf .Inf .INF +.inf -.inf .iNf .nan .NaN .NAN .Nan inf nan Infinity NaN
22:22 1:30:45 190:20:30.15 12:00 2001-01-01 2001-1-1 2001-12-14t21:59:43.10-05:00 2001-13-45 2001-01 20010101
!!str !!int !!null !!binary
"""
SPACED = (
    "2001-12-14 21:59:43", "!!str 1", "!!str true", "!!int 3", "!!int '3'", "!!int 3.0", "!!int x", "!!float 1",
    "!!float 1.5", "!!float x", "!!float 0xfffffffffffffff", "!!bool yes", "!!bool 1", "!!null ''", "!!null x",
    "!!binary aGk=", "!!binary a-b", "!!binary /w==", "!!timestamp 2001-01-01", "!!timestamp x", "!custom 1", "! 12",
    "!<tag:yaml.org,2002:int> 3", "!!float .inf", "!!unknown 1", "'1'", '"1"', '"true"', "'~'", '""', "''", "a: b",
    "a #b", "a#b", "#a", "-", "- a", "-a", "--", "---", "...", "?", "? a", "?a", ":", ":a", "a:", "@a", "`a`", "%a",
    "&a", "*a", "!a", "|", ">", "{a: b}", "[a]", "{{ .x }}", "{{.x}}", "[[1]]", "${X}", "a\tb", "a\t#b", "\ta", "a  ",
    "é", "日本", "\U0001f600", "\u00a0", "a\u2028b", "\x7f", "\x01",
)  # fmt: skip
SCALARS = (*WORDS.split(), *SPACED)
"""Scalars that are hard to resolve; Go is asked at test time what they are, as values, as items and as keys."""
DOCUMENTS: dict[str, str | bytes] = {
    "empty": "",
    "only spaces": "   ",
    "only line ends": "\n\n",
    "only a comment": "# nothing",
    "only a marker": "---",
    "markers only": "---\n---\n---\n",
    "comment before a marker": "# c\n---\na: 1",
    "two documents": "a: 1\n---\nb: 2",
    "empty document between": "a: 1\n---\n---\nb: 2",
    "comment after a marker": "a: 1\n--- # c\nb: 2",
    "spaces after a marker": "a: 1\n---   \nb: 2",
    "tab after a marker": "a: 1\n---\t\nb: 2",
    "text after a marker": "a: 1\n--- {b: 2}\n",
    "text after the first marker": "--- {b: 2}\n",
    "block scalar after a marker": "--- |\n  a\n",
    "word that begins with the marker": "---a: 1",
    "four dashes": "----\na: 1",
    "comment that touches the first marker": "---#: 1\n---\na: 1",
    "marker inside a block scalar": "a: |\n  x\n  ---\n  y\nb: 1",
    "marker that ends a block scalar": "a: |\n  x\n---\nb: 1",
    "marker inside quotes": 'a: "x\n--- y"',
    "document end": "a: 1\n...\n",
    "document end and marker": "a: 1\n...\n---\nb: 2",
    "version 1.1": "%YAML 1.1\n---\na: 1",
    "version 1.2": "%YAML 1.2\n---\na: 1",
    "tag directive": "%TAG ! tag:x,2000:\n---\na: !b 1",
    "byte order mark": b"\xef\xbb\xbfa: 1",
    "byte order mark and marker": b"\xef\xbb\xbf---\na: 1",
    "byte order mark after a marker": b"a: 1\n---\n\xef\xbb\xbfb: 2",
    "carriage returns and line feeds": "a: 1\r\nb:\r\n- c\r\n---\r\nd: |\r\n  e\r\n",
    "lone carriage returns": "a: 1\rb: 2\r",
    "no line end at the end of a block scalar": "a: |\n  x",
    "no line end at the end of a folded scalar": "a: >\n  x\n  y",
    "kept line ends": "a: |+\n  x\n\n\nb: 1",
    "stripped line ends": "a: |-\n  x\n\n",
    "indented block scalar": "a: |2\n   x\n  y",
    "block scalar indented too little": "a: |4\n  x",
    "folded scalar with paragraphs": "a: >\n  x\n  y\n\n  z\n   w\n",
    "escapes": r'a: "\n\t\\\"\x41\u263a\U0001F600\e\0\a\_\N\L\P\ "',
    "escaped slash": r'a: "\/"',
    "escaped slash beside an escaped backslash": r'a: "\\/ \\\/"',
    "escaped backslash and slash": r'a: "\\/"',
    "escaped slash in a key": r'"\/": 1',
    "escaped quote": r'a: "it\'s", ',
    "escaped quotes": "a: \"it\\'s\"\nb: \"\\'\\'\"\nc: '\\'\nd: e\\'f",
    "unknown escape": r'a: "\q"',
    "surrogate escapes": r'a: "\ud83d\ude00"',
    "escaped line end": 'a: "x\\\n  y"',
    "quote in single quotes": "a: 'it''s'",
    "unclosed quotes": 'a: "x\nb: 1',
    "quotes over lines": 'a: "x\n  y\n\n  z"',
    "word over lines": "a: x\n  y\n\n  z",
    "text after quotes": "a: 'x' y",
    "colon in a word": "a: b: c",
    "colon and no space": "a:b",
    "address": "a: http://x:80/y?z=1#w",
    "windows path": r"a: C:\x",
    "tab as indentation": "a:\n\tb: 1",
    "tab after a colon": "a:\tb",
    "tab after a dash": "-\ta",
    "tab before a comment": "a: 1\t# c",
    "tab in a list of brackets": "a: [\n\t1,\n\t2\n]",
    "list under a key, not indented": "a:\n- b\n- c",
    "list under a key, badly indented": "a:\n  - b\n - c",
    "lists in lists": "- - a\n  - b\n-\n  - c",
    "map in a list": "- a: 1\n  b: 2\n-\n  c: 3",
    "list and map mixed": "- a\nb: 1",
    "badly indented key": "a: 1\n b: 2",
    "key without a colon": "a: 1\nb\nc: 2",
    "list in the place of a value": "a: - b",
    "brackets over lines": "a: {b: 1,\n c: [2,\n3]}",
    "brackets closed at the left": "a: [\n1\n]",
    "trailing comma": "a: [1, 2,]\nb: {c: 1,}",
    "double comma": "a: [1,,2]",
    "unclosed brackets": "a: [1, 2",
    "wrong bracket": "a: [1}",
    "single pair in brackets": "a: [b: 1]",
    "key without a value in braces": "a: {b, c: }",
    "quoted key without a space": '{"a":1,"b":[2]}',
    "word with a colon in braces": "{a:1}",
    "question mark in brackets": "a: [b?c]",
    "question mark in an address in brackets": "a: [http://x/?y=1]",
    "question mark in quotes in brackets": "a: ['b?c']",
    "question mark outside of brackets": "a: b?c",
    "brackets, a question mark after": "a: [b]\nc: d?e",
    "complex key": "? a\n: 1\n? b\n",
    "list as a key": "? [a]\n: 1",
    "map as a key": "{a: 1}: 2",
    "null key": "~: 1",
    "no key": ": 1",
    "boolean key": "on: 1\nyes: 2\noff: 3",
    "integer key": "1: a\n0x10: b\n-5: c\n9223372036854775807: d",
    "key too big for an integer": "9223372036854775808: a",
    "float key": "1.0: a\n1.5: b\n1e3: c\n1e6: d\n1e20: e\n0.1: f\n1234567.8: g\n1e-5: h\n1e-400: i",
    "float key beyond 32 bits": "1e81: a\n1e-81: b\n0.123456789: c",
    "infinite key": ".inf: a\n-.inf: b\n.nan: c",
    "infinite value": "a: .inf",
    "tagged key": "!!str 1: a\n!!int 2: b\n!!bool yes: c",
    "quoted keys": "'1': a\n\"true\": b\n'': c",
    "key of 1,000 letters": f"{'k' * 1000}: 1",
    "key of 1,100 letters": f"{'k' * 1100}: 1",
    "duplicate keys": "a: 1\na: 2",
    "duplicate keys at depth": "a:\n- b:\n    c: 1\n    c: {d: 2}\n",
    "duplicate keys, once a map": "a: {b: 1}\na: {c: 2}",
    "anchor": "a: &x 1\nb: *x",
    "anchor on a map": "a: &x {b: 1}\nc: *x",
    "anchor on a key": "&x 1: a\nb: *x",
    "alias as a key": "a: &x b\n*x : 1",
    "alias of a map as a key": "a: &x {b: 1}\n*x : 1",
    "duplicate anchors": "a: &x 1\nb: &x 2\nc: *x",
    "anchor within its own map": "a: &x {&x b: 1}\nc: *x",
    "unknown alias": "a: *x",
    "alias of another document": "a: &x 1\n---\nb: *x",
    "anchor that contains itself": "a: &x [*x]",
    "anchor and tag": "a: &x !!str 1\nb: !!str &y 2\nc: [*x, *y]",
    "two anchors": "a: &x &y 1",
    "alias with an anchor": "a: &x 1\nb: &y *x",
    "merge": "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3",
    "merge after the key": "a: &x {b: 1}\nd:\n  b: 3\n  <<: *x",
    "merge of several": "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}",
    "merge of an inline map": "a: {<<: {b: 1}}",
    "two merges": "a: &x {b: 1}\nc: &y {b: 2}\nd:\n  <<: *x\n  <<: *y",
    "merge of a merged map": "a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}",
    "merge of a list's alias": "a: &x [{b: 1}]\nc: {<<: *x}",
    "merge of a word": "a: {<<: b}",
    "merge of null": "a:\n  <<:\n  b: 1",
    "quoted merge key": "a: &x {b: 1}\nc: {'<<': *x}",
    "tagged merge key": "a: &x {b: 1}\nc: {!!merge <<: *x}",
    "merge word in a list": "- <<",
    "tag on a map": "!!map {a: 1}",
    "tag on a list": "a: !!seq [1]\nb: !!set {c}\nd: !!omap [e: 1]",
    "template": "a: {{ .Values.x }}",
    "template in braces": "{{ if .x }}\na: 1\n{{ end }}",
    "template in quotes": 'a: "{{ .x }}"',
    "jinja": "{% if x %}\na: 1\n{% endif %}",
    "null byte": b"a: \x00",
    "null byte in quotes": b'a: "\x00"',
    "control character": "a: \x01",
    "escape character": "a: \x1b[0m",
    "delete character": "a: \x7f",
    "next line": "a: b\x85c: d",
    "line separator": "a: b\u2028c: d",
    "no-break space": "a:\u00a01",
    "not a character": "a: \ufffe",
    "emoji": "a: \U0001f600",
    "not UTF-8": b"a: \xff",
    "latin-1": "a: é".encode("latin-1"),
    "half of a character": b"a: \xc3",
    "encoded surrogate": b"a: \xed\xa0\x80",
    "overlong encoding": b"a: \xc0\x80",
    "UTF-16, little end first": b"\xff\xfe" + "a: 1\n".encode("utf-16-le"),
    "UTF-16 without a mark": "a: 1\n".encode("utf-16-le"),
    "JSON": '{"a": [1, 2.5, null, true], "b": {"c": "d"}}',
    "JSON over lines": '{\n\t"a": [\n\t\t1\n\t]\n}\n',
    "JSON with escaped slashes": '{"a": "x\\/y"}',
    "JSON with surrogates": '{"a": "\\ud83d\\ude00"}',
    "JSON after JSON": '{"a": 1}{"b": 2}\n{"c": 3}',
    "JSON and a marker": '{"a": 1}\n---\n{"b": 2}',
    "JSON of a list": "[1, 2]",
    "JSON with a comma too many": '{"a": 1,}',
    "JSON with a comment": '{"a": 1} # c',
    "broken JSON": '{"a": ',
    "word": "hello",
    "number": "12",
    "list": "- 1\n- 2",
    "many aliases, allowed": "a: &x [1, 2, 3]\nb:\n" + "- *x\n" * 300,
    "one alias too many": "a: &x [" + "1, " * 3000 + "1]\nb: [" + "*x, " * 200 + "*x]",
    "aliases of aliases": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]\n" for i in range(1, 9)),
    "merges of merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 30)),
    "deep, allowed": "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1),
    "10,001 levels": "[" * 10_001 + "]" * 10_001,
    "10,001 maps": "{a: " * 10_001 + "}" * 10_001,
    "10,001 dashes": "- " * 10_001 + "a",
}  # fmt: skip
"""Documents that are hard to read; Go is asked at test time what they hold."""
LOST = {
    "text after the document's end": ("a: 1\n...\nb: 2\n", 3),
    "braces after braces": ("[1] [2]\n", 1),
    "quotes after quotes": ('"a"\n\n"b"\n', 3),
    "lone carriage return before a marker": ("a: 1\r---\rb: 2\n", 2),
}
"""Documents that Go accepts, while it silently drops what follows them; and the line where the lost part begins."""


class Read(NamedTuple):
    """What Kubernetes makes of one file."""

    bodies: list[Any]
    errors: list[str]


Oracle = Callable[[Iterable[Path]], dict[Path, Read]]


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    built = program("yamloracle")

    def ask(paths: Iterable[Path]) -> dict[Path, Read]:
        found = {path: Read([], []) for path in paths}
        asked = "\n".join(map(str, found))
        done = subprocess.run([built], input=asked, capture_output=True, text=True, encoding="utf-8", check=True)
        for line in done.stdout.split("\n")[:-1]:
            said = json.loads(line)
            read = found[Path(said["file"])]
            read.errors.append(said["error"]) if "error" in said else read.bodies.append(said["json"])
        return found

    return ask


@pytest.fixture(scope="module")
def tricky(oracle: Oracle, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Read]:
    """Asks once for all tricky texts, since starting a program for each takes longer than the rest."""
    folder = tmp_path_factory.mktemp("tricky")
    paths = {data: folder / str(index) for index, data in enumerate(_tricky())}
    for data, path in paths.items():
        path.write_bytes(data)
    answers = oracle(paths.values())
    return lambda data: answers[paths[data]]


def _tricky() -> Iterator[bytes]:
    yield from (_bytes(text) for text in DOCUMENTS.values())
    yield from (text.encode() for text, _ in LOST.values())
    for scalar in SCALARS:
        yield from (_value(scalar), _item(scalar), _key(scalar))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _value(scalar: str) -> bytes:
    return f"k: {scalar}\n".encode()


def _item(scalar: str) -> bytes:
    return f"- {scalar}\n".encode()


def _key(scalar: str) -> bytes:
    return f"{scalar}: v\n".encode()


def _bodies(found: Documents) -> list[Any]:
    return [document.body for document in found.documents]


def _syntax(found: Documents) -> list[str]:
    return [problem.message for problem in found.problems if problem.rule == "yaml-syntax"]


def _same(go: Any, own: Any) -> bool:
    """Compares types too, but lets a number that fits no 64 bits be written in either way."""
    if isinstance(go, int | float) and isinstance(own, int | float) and abs(go) >= 1 << 63:
        return float(go) == float(own)
    if type(go) is not type(own):
        return isinstance(go, float) and isinstance(own, int) and go == float(own)
    if isinstance(go, dict):
        return go.keys() == own.keys() and all(_same(go[key], own[key]) for key in go)
    if isinstance(go, list):
        return len(go) == len(own) and all(map(_same, go, own))
    return bool(go == own)


def _agree(go: Read, own: Documents) -> bool:
    return len(go.errors) == len(_syntax(own)) and _same(go.bodies, _bodies(own))


def _check(data: bytes, go: Read) -> None:
    own = documents.read(data)
    if go.errors:
        assert _syntax(own), f"Go refuses it: {go.errors[0]}; read as {_bodies(own)}"
    else:
        assert not _syntax(own), f"Go takes it for {go.bodies}"
        assert _same(go.bodies, _bodies(own)), f"Go reads {go.bodies}, not {_bodies(own)}"


@pytest.mark.parametrize("write", [_value, _item, _key], ids=["value", "item", "key"])
@pytest.mark.parametrize("scalar", SCALARS, ids=ascii)
def test_scalars_are_what_go_takes_them_for(
    scalar: str, write: Callable[[str], bytes], tricky: Callable[[bytes], Read]
) -> None:
    _check(write(scalar), tricky(write(scalar)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_hold_what_go_finds_in_them(name: str, tricky: Callable[[bytes], Read]) -> None:
    data = _bytes(DOCUMENTS[name])
    _check(data, tricky(data))


@pytest.mark.parametrize("name", LOST)
def test_text_that_go_drops_in_silence_is_a_problem(name: str, tricky: Callable[[bytes], Read]) -> None:
    text, line = LOST[name]
    own, go = documents.read(text.encode()), tricky(text.encode())
    assert not go.errors
    assert _same(go.bodies, _bodies(own))
    assert [(problem.message[:15], problem.line) for problem in own.problems] == [("nothing is read", line)]


@pytest.mark.slow
def test_every_document_of_the_corpora_is_read_as_go_reads_it(
    corpora: Path, conformance: Path, oracle: Oracle, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [
        path
        for folder in (corpora, conformance)
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".yaml", ".yml", ".json"} and path.is_file()
    ]
    answers = oracle(paths)
    different = [path for path in paths if not _agree(answers[path], documents.read(path.read_bytes()))]
    read = sum(len(answer.bodies) for answer in answers.values())
    refused = sum(len(answer.errors) for answer in answers.values())
    with capsys.disabled():
        print(f"\n{len(paths)} files, {read} documents read and {refused} refused by Go: {len(different)} different")
    assert read > 14_000
    assert refused > 100
    assert different == []


FIXTURES = ROOT / "tests" / "fixtures"


@pytest.mark.parametrize("path", sorted((FIXTURES / "ok").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_sound_file_has_no_problems(path: Path, oracle: Oracle) -> None:
    own = documents.read(path.read_bytes())
    assert own.problems == ()
    assert _agree(oracle([path])[path], own)


@pytest.mark.parametrize("path", sorted((FIXTURES / "err").glob("*.yaml")), ids=lambda path: path.stem)
def test_each_problem_is_told_at_its_place(path: Path) -> None:
    found = documents.read(path.read_bytes()).problems
    said = [f"{problem.line}:{problem.column} {problem.message}" for problem in found]
    assert said == path.with_suffix(".txt").read_text("utf-8").splitlines()


def test_a_broken_document_leaves_the_others_alone() -> None:
    found = documents.read((FIXTURES / "err" / "broken-in-the-middle.yaml").read_bytes())
    assert [document.body["metadata"]["name"] for document in found.documents] == ["first", "last"]
    assert [document.index for document in found.documents] == [0, 1]
    assert [document.location("f", ("metadata", "name")).line for document in found.documents] == [2, 10]


@pytest.mark.parametrize("middle", [b"a: \0", b"a: \xe9", b"a: \x07", b"a: [", b"a: *x", b"\t- a", b"a: \xc3"])
def test_no_byte_in_one_document_spoils_another(middle: bytes) -> None:
    found = documents.read(b"first: 1\n---\nb: 1\n" + middle + b"\n---\nlast: 1\n")
    assert _bodies(found) == [{"first": 1}, {"last": 1}]
    assert [problem.line in {4, 5} for problem in found.problems] == [True]
    found.text.encode()


def test_a_duplicate_key_knows_where_the_first_one_stands() -> None:
    (problem,) = documents.read(b"---\na: 1\n---\nb:\n  key: 1\n  key: 2\n").problems
    assert problem.rule == "yaml-duplicate-key"
    assert problem.location("f") == Location("f", 6, 3, 6, 6)
    assert problem.first_line == 5


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n",
        "a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n",
        "a: &x {b: 1}\nc: &y {b: 2}\nd: {<<: [*x, *y], b: 3}\n",
        "a: {b: 1}\nc: {b: 1}\n",
    ],
    ids=["merge, then override", "override, then merge", "merges, then override", "the same key in two maps"],
)
def test_a_key_that_overrides_a_merged_one_is_no_duplicate(text: str) -> None:
    assert documents.read(text.encode()).problems == ()


def test_a_key_that_stands_twice_after_a_merge_is_a_duplicate() -> None:
    (problem,) = documents.read(b"a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n  b: 3\n").problems
    assert (problem.line, problem.first_line) == (5, 4)


@pytest.mark.parametrize("text", ["{", "[", "{a: ", "- ", "[{a: "], ids=repr)
def test_ten_thousand_levels_are_one_problem(text: str) -> None:
    (problem,) = documents.read((text * 10_000).encode()).problems
    assert problem.rule == "yaml-syntax"
    assert (problem.line, len(problem.message) < 100) == (1, True)


def test_deep_json_is_one_problem() -> None:
    assert len(documents.read(b'{"a":' * 10_000 + b"1" + b"}" * 10_000).problems) == 1


@pytest.mark.parametrize(
    ("levels", "problems"), [(MAX_DEPTH, []), (MAX_DEPTH + 1, [f"nested deeper than {MAX_DEPTH} levels"])]
)
def test_levels_are_counted(levels: int, problems: list[str]) -> None:
    maps = "".join(f"{' ' * level}a:\n" for level in range(levels))
    assert _syntax(documents.read(maps.encode())) == problems


PLACES = """\
# a comment
kind: Deployment
metadata: {name: web, labels: {"app": 'x'}}
---
- &x first
-   second: |
      text
      more
    third: *x
"""


@pytest.mark.parametrize(
    ("document", "route", "key", "place"),
    [
        (0, (), False, (2, 1, 2, 2)),
        (0, ("kind",), False, (2, 7, 2, 17)),
        (0, ("kind",), True, (2, 1, 2, 5)),
        (0, ("metadata",), False, (3, 1, 3, 9)),
        (0, ("metadata", "name"), False, (3, 18, 3, 21)),
        (0, ("metadata", "labels", "app"), False, (3, 39, 3, 42)),
        (0, ("metadata", "labels", "app"), True, (3, 32, 3, 37)),
        (0, ("metadata", "labels", "none"), False, (3, 23, 3, 29)),
        (0, ("none", "none"), False, (2, 1, 2, 2)),
        (0, ("kind", "none"), False, (2, 7, 2, 17)),
        (0, ("metadata", 0), False, (3, 1, 3, 9)),
        (1, (0,), False, (5, 3, 5, 11)),
        (1, (1, "second"), False, (6, 13, 9, 1)),
        (1, (5,), False, (5, 1, 5, 2)),
        (1, (1, "third"), False, (9, 12, 9, 14)),
    ],
)
def test_places_of_keys_and_values(document: int, route: Route, key: bool, place: tuple[int, int, int, int]) -> None:
    found = documents.read(PLACES.encode()).documents[document].location("f", route, key=key)
    assert found == Location("f", *place)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    text = "a: 1\nb: |\n  x\n\nc:\n- d\n- e: 2\n".replace("\n", end)
    (document,) = documents.read(text.encode()).documents
    assert document.location("f", ("c", 1, "e"))[1:3] == (7, 6)


def test_lines_of_later_documents_are_counted_from_the_top_of_the_file() -> None:
    text = "\ufeff# c\r\n---\r\na: 1\r\n---\n---\n\n# d\nb:\n  c: 2\n--- # e\nd: 3"
    found = documents.read(text.encode()).documents
    lines = [
        document.location("f", route).line for document, route in zip(found, [("a",), ("b", "c"), ("d",)], strict=True)
    ]
    assert lines == [3, 9, 11]


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"], ids=ascii)
def test_lines_are_those_of_editors_not_those_of_libyaml(character: str) -> None:
    text = f'a: "x{character}y"\nb:\n- c\n- d: 1\n  d: 2\n---\ne: 1\n'
    found = documents.read(text.encode())
    assert found.documents[0].location("f", ("b", 1, "d")) == Location("f", 5, 6, 5, 7)
    assert found.documents[1].location("f", ("e",)) == Location("f", 7, 4, 7, 5)
    assert [(problem.line, problem.first_line) for problem in found.problems] == [(5, 4)]


def test_a_byte_order_mark_in_the_middle_is_a_problem_at_its_line() -> None:
    found = documents.read("a: 1\n---\nb: 1\n\ufeffc: 2\n".encode())
    assert _bodies(found) == [{"a": 1}]
    assert [(problem.message, problem.line) for problem in found.problems] == [
        ("a byte order mark in the middle of a file; delete it", 4)
    ]


def test_json_that_is_no_yaml_has_no_places_but_holds_its_data() -> None:
    (document,) = documents.read(b'{"a": {"b": "\\ud83d\\ude00"}}').documents
    assert document.body == {"a": {"b": "\U0001f600"}}
    assert document.location("f", ("a", "b")) == Location("f", 1, 1, 1, 2)


def test_knows_which_fields_a_document_holds_itself() -> None:
    (document,) = documents.read(b"a: {b: null, c: [1]}").documents
    assert document.has(("a", "b"))
    assert document.has(("a", "c", 0))
    assert not document.has(("a", "d"))
    assert not document.has(("a", "c", 1))
    assert not document.has(("a", "b", "c"))


def test_load_returns_the_first_body_and_none_for_nothing() -> None:
    assert documents.load("a: 1\n---\nb: 2") == {"a": 1}
    assert documents.load("# nothing") is None
    assert documents.load("a: [") is None


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("a", ["a"]),
        ("---\na\n---\nb\n", ["---\na\n", "---\nb\n"]),
        ("a\n---\n", ["a\n", "---\n"]),
        ("a: '\n  ---'\n", ["a: '\n  ---'\n"]),
    ],
)
def test_split_keeps_every_character(text: str, pieces: list[str]) -> None:
    assert documents.split(text) == pieces


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("a: {{ b }}", True),
        ("{% if a %}", True),
        ("a: ${B}", True),
        ("a: $(B)", False),
        ("a: ${1}", False),
        ("", False),
    ],
)
def test_knows_a_template_by_its_braces(text: str, template: bool) -> None:
    assert documents.is_template(text) == template


FRAGMENTS = st.sampled_from((
    "a", "key", "1", "true", "- ", ": ", ":", "? ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", '"', "'", "#",
    " # c", "&a ", "*a", "<<: *a", "!t ", "!!int ", "|\n", ">-\n", "%", "@", "`", "---", "\n---\n", "\n...\n", "\t",
    "\r\n", "\r", "~", "0x1", "1e400", ".inf", "\\", "\\/", "\\'", "\\x41", "\\ud800", "é", "\u2028", "\x85",
    "\ufeff", "\0", "\x7f", "{{ .x }}", "=",
))  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=40).map("".join)


@given(st.one_of(TEXTS.map(str.encode), st.binary(max_size=200)))
@settings(max_examples=1_000)
def test_any_bytes_are_documents_or_problems(data: bytes) -> None:
    found = documents.read(data)
    lines = found.text.count("\n") + found.text.count("\r") + 1
    for problem in found.problems:
        assert problem.message
        assert 1 <= problem.line <= lines + 1
        assert problem.column >= 1
    for document in found.documents:
        for route, _ in scalars(document.body):
            assert 1 <= document.location("f", route).line <= lines + 1


@given(TEXTS, TEXTS, TEXTS)
def test_what_one_document_holds_does_not_depend_on_its_neighbours(before: str, middle: str, after: str) -> None:
    apart = [_read_alone(text) for text in (before, middle, after)]
    if any("only a comment may follow" in problem for _, problems in apart for problem in problems):
        return  # the marker that joins them would be another one
    together = documents.read(f"{before}\n---\n{middle}\n---\n{after}".encode())
    assert _bodies(together) == [body for bodies, _ in apart for body in bodies]


def _read_alone(text: str) -> tuple[list[Any], list[str]]:
    found = documents.read(f"# first\n---\n{text}\n".encode())
    return _bodies(found), _syntax(found)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    TEXTS,
)
KEYS = st.text("abcxyz-/.", min_size=1)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    found = documents.read(json.dumps({"value": value}, ensure_ascii=True).encode())
    assert not found.problems
    assert _same({"value": value}, _bodies(found)[0])


@given(st.dictionaries(st.text("abcdefg", min_size=1), VALUES, min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_what_stands_at_the_place_of_a_plain_scalar_is_that_scalar(body: dict[str, Any], end: str) -> None:
    text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, line_break=end)
    found = documents.read(text.encode("utf-8"))
    for document in found.documents:
        for route, value in scalars(document.body):
            place = document.location("f", route)
            if place.line == place.end_line:
                line = _lines(found.text)[place.line - 1]
                assert documents.load(f"- {line[place.column - 1 : place.end_column - 1]}") == [value]


def _lines(text: str) -> list[str]:
    return re.split("\r\n|\n|\r", text)
