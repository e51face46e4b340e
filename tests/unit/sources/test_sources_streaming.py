"""JSON and CSV row by row: what follows damage, and memory that does not grow with a file."""

import csv
import io
import json
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import InvalidInputError
from segue.sources import csv_rows as csv_rows_module
from segue.sources import json_rows as json_rows_module
from segue.sources.csv_rows import csv_rows, sniff_delimiter
from segue.sources.decoded import lines, sniff_encoding
from segue.sources.json_rows import json_line_rows, json_rows
from segue.sources.members import open_export
from segue.sources.registry import recognised, source_named
from support.more_source_samples import SAMPLES

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
objects = st.dictionaries(
    texts, st.recursive(st.none() | st.booleans() | st.integers() | texts,
                        lambda inner: st.lists(inner, max_size=3), max_leaves=5), max_size=4,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(objects, max_size=12), st.sampled_from([None, 2]), st.integers(1, 60))
def test_objects_of_an_array_are_those_of_a_whole_document_parser(values, indent, chunk):
    text = json.dumps(values, indent=indent, ensure_ascii=False)
    before = json_rows_module._CHUNK
    json_rows_module._CHUNK = chunk
    try:
        rows = list(json_rows(io.StringIO(text)))
    finally:
        json_rows_module._CHUNK = before
    assert [row.value for row in rows] == values
    assert not any(row.problem for row in rows)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, st.lists(objects, max_size=4)), max_size=4))
def test_arrays_under_a_key_are_found_with_what_was_said_before_them(lists):
    document = {"lists": [{"name": name, "rows": rows} for name, rows in lists]}
    found = list(json_rows(io.StringIO(json.dumps(document)), ("rows",))) if lists else []
    assert [row.value for row in found] == [value for _, rows in lists for value in rows]
    names = [name for name, rows in lists for _ in rows]
    for row, name in zip(found, names, strict=True):
        assert row.key == "rows"
        if row.before:
            assert json.dumps(name) in row.before


def test_a_quote_that_is_never_closed_costs_one_object():
    text = '[{"a": 1, "b": "x"}, {"a": 2, "b": "x}, {"a": 3, "b": "x"}, {"a": 4, "b": "y"}]'
    rows = list(json_rows(io.StringIO(text)))
    assert [(row.row, row.value.get("a")) for row in rows] == [(1, 1), (2, None), (3, 3), (4, 4)]
    assert rows[1].problem.startswith("the row is not JSON")


def test_objects_inside_a_malformed_row_are_not_taken_for_rows():
    bad = '{"a": 2, "inner": [{"b": 1}, {"b": 2}], "c" 3}'
    rows = list(json_rows(io.StringIO(f'[{{"a": 1}}, {bad}, {{"a": 3}}]')))
    assert [row.value.get("a") for row in rows] == [1, None, 3]


def test_a_damaged_last_row_does_not_hide_the_next_array():
    text = (
        '{"l": [{"name": "A", "rows": [{"a": 1}, {"a": oops}]}, {"name": "B", "rows": [{"a": 3}]}]}'
    )
    rows = list(json_rows(io.StringIO(text), ("rows",)))
    assert [row.value.get("a") for row in rows] == [1, None, 3]
    assert '"B"' in rows[2].before


@pytest.mark.parametrize("value", ["null", "17", '"text"', "[1, 2]", "NaN", "[" * 50_000])
def test_what_is_no_object_is_one_problem(value):
    rows = list(json_rows(io.StringIO(f'[{{"a": 1}}, {value}, {{"a": 3}}]')))
    assert [row.value.get("a") for row in rows] == [1, None, 3]
    assert rows[1].problem


def test_a_document_without_the_list_is_refused():
    for text in ("", "17", '{"a": 1}', "<html>"):
        with pytest.raises(InvalidInputError, match="no JSON list"):
            list(json_rows(io.StringIO(text)))
    with pytest.raises(InvalidInputError, match='"scrobbles"'):
        list(json_rows(io.StringIO("{}"), ("scrobbles",)))


def test_lines_that_are_not_json_are_problems_of_their_own():
    rows = list(json_line_rows(io.StringIO('{"a": 1}\n\n{"a":\n[]\n{"a": 4}\n')))
    assert [(row.row, row.value, bool(row.problem)) for row in rows] == [
        (1, {"a": 1}, False), (2, {}, True), (3, {}, True), (4, {"a": 4}, False),
    ]  # fmt: skip


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4).filter(any), max_size=8),
       st.sampled_from(",;\t|"))  # fmt: skip
def test_records_are_those_of_the_standard_reader(records, delimiter):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(records)
    file.seek(0)
    assert [row.cells for row in csv_rows(lines(file), delimiter)] == records


@settings(deadline=None)
@given(st.text('ab,"\n', max_size=60), st.integers(0, 9), st.integers(2, 5))
def test_records_taken_together_are_those_taken_one_by_one(text, ahead, max_lines):
    def read():
        return list(csv_rows(lines(io.StringIO(text)), ",", max_lines))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows_module, "AHEAD_CHARACTERS", ahead)
        together = read()
        patch.setattr(csv_rows_module, "_plain", lambda _feed, _delimiter: None)
        assert together == read()


def test_an_open_quote_costs_one_record_wherever_it_stands():
    good = ["a,b\n", '"c","d"\n', "e,f\n", 'g,"h\nh"\n']
    for at in range(len(good) + 1):
        text = "".join([*good[:at], '"bad,row\n', *good[at:]])
        rows = list(csv_rows(lines(io.StringIO(text)), ",", 10))
        assert [row.cells for row in rows if not row.problem] == [
            ["a", "b"], ["c", "d"], ["e", "f"], ["g", "h\nh"]
        ]  # fmt: skip
        assert [row.row for row in rows if row.problem] == [at + 1]


def test_a_record_of_more_lines_than_allowed_is_refused_alone():
    text = '"' + "x\n" * 50 + '",1\nlast,2\n'
    rows = list(csv_rows(lines(io.StringIO(text)), ",", 10))
    assert rows[0].problem
    assert rows[-1].cells == ["last", "2"]


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [("a,b,c\n1,2,3", ","), ("a;b\n1,5;2\n", ";"), ("a\tb\n", "\t"), ('a|"x|y"|c\n', "|"),
     ('"a,b";c\n"d,e";f', ";")],
)  # fmt: skip
def test_the_delimiter_is_what_the_lines_agree_on(head, delimiter):
    assert sniff_delimiter(head) == delimiter


@settings(deadline=None)
@given(st.text(st.characters(codec="latin-1", min_codepoint=32), min_size=4, max_size=60))
def test_encodings_are_told_apart(text):
    plain = "title,artist\n" + text
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"):
        data = plain.encode(codec)
        assert data.decode(sniff_encoding(data)) == plain


SPEEDY = ("spotify-extended", "lastfm-csv", "lastfm-json", "listenbrainz", "youtube-html",
          "apple-music", "table", "m3u", "scrobbler-log", "maloja")  # fmt: skip


def peak_bytes(path) -> int:
    with open_export(path) as export:
        (one,), _ = recognised(export.members)
        tracemalloc.start()
        try:
            n_rows = sum(1 for _ in one.source.read(one.member))
            assert n_rows > 100
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", SPEEDY)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "zip"])
def test_memory_does_not_grow_with_the_file(tmp_path, name, packed):
    sample = next(sample for sample in SAMPLES if sample.source == name)
    rows = sample.rows[:3]
    peaks: list[int] = []
    for size in (1 << 20, 4 << 20):
        n = size // len("".join(rows).encode())
        content = sample.text(rows * n).encode()
        path = tmp_path / f"{size}{'.zip' if packed else '.m3u8'}"
        if packed:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr("x.m3u8", content)
        else:
            path.write_bytes(content)
        peaks.append(peak_bytes(path))
    assert peaks[1] < peaks[0] + (1 << 20)  # of the 3 MiB more that were read
    assert peaks[1] < 6 << 20


@pytest.mark.parametrize("name", ["spotify-extended", "table", "youtube-html", "m3u", "itunes"])
def test_a_line_of_many_megabytes_is_not_kept(tmp_path, name):
    sample = next(sample for sample in SAMPLES if sample.source == name)
    path = tmp_path / "x.m3u8"
    path.write_text(sample.begin + "x" * (24 << 20), "utf-8")
    member = open_export(path).members[0]
    tracemalloc.start()
    try:
        try:
            rows = list(source_named(name).read(member))
            assert len(rows) <= 2
        except InvalidInputError:
            pass
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()
