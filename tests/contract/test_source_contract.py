"""What every source keeps, whole and under ten kinds of damage: one suite, one sample a source."""

import random
from pathlib import Path

import pytest

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    ImportedRule,
    LeftOut,
    PlaylistEntry,
    RowProblem,
)
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member, Source
from segue.sources.members import open_export
from segue.sources.registry import SOURCES, recognised, source_named
from support.more_source_samples import SAMPLES
from support.source_samples import TITLE, Sample

DATABASES = {"beets", "navidrome"}  # tests/unit/sources/test_sources_databases.py
OWN = {"segue-profile", "segue-consents"}  # tests/unit/sources/test_sources_own_profile.py
SOUND = (ImportedListen, ImportedRule, PlaylistEntry, LeftOut)


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.source)
def sample(request: pytest.FixtureRequest) -> Sample:
    return request.param


@pytest.fixture
def source(sample: Sample) -> Format:
    return source_named(sample.source)


def member_of(folder: Path, sample: Sample, content: bytes) -> Member:
    path = folder / sample.name.rpartition("/")[2].lstrip(".")
    path.write_bytes(content)
    return open_export(path).members[0]


def rows_of(folder: Path, sample: Sample, content: bytes | str) -> list[ImportedRow]:
    """All rows; the rules that hold for whatever comes are checked here."""
    data = content.encode() if isinstance(content, str) else content
    member = member_of(folder, sample, data)
    source = source_named(sample.source)
    rows = list(source.read(member))
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    assert list(source.read(member)) == rows, "the same rows each time"
    for row in rows:
        assert isinstance(row, (*SOUND, RowProblem))
        assert not isinstance(row, RowProblem) or (row.reason and len(row.reason) < 1_000)
    return rows


def rows_or_refusal(folder: Path, sample: Sample, content: bytes | str) -> list[ImportedRow]:
    try:
        return rows_of(folder, sample, content)
    except InvalidInputError as error:
        refusal = str(error)
    assert len(refusal) > 10
    return []


def others(sample: Sample) -> list[ImportedRow]:
    """What must be read whatever happens to the second row."""
    return [row for row in sample.expected if row.row != 2 and row.row <= len(sample.rows)]


def test_each_source_has_a_sample():
    assert {sample.source for sample in SAMPLES} | DATABASES | OWN == {s.name for s in SOURCES}
    assert len(SAMPLES) + len(DATABASES) + len(OWN) == len(SOURCES)


def test_a_source_is_a_source(source):
    as_protocol: Source = source
    assert as_protocol.name
    assert as_protocol.title
    assert len(as_protocol.name) <= 64


def test_a_sample_gives_the_rows_it_must(tmp_path, sample):
    assert rows_of(tmp_path, sample, sample.text()) == list(sample.expected)


def test_it_is_recognised_by_content_among_all_sources(tmp_path, sample):
    path = tmp_path / "0001.bin" if sample.source not in ("m3u",) else tmp_path / "x.m3u8"
    path.write_bytes(sample.text().encode())
    found, unread = recognised(open_export(path).members)
    assert [one.source.name for one in found] == [sample.source]
    assert unread == []


@pytest.mark.parametrize("line_end", ["\r\n", "\r"], ids=["crlf", "cr"])
def test_line_ends_of_other_systems_change_nothing(tmp_path, sample, line_end):
    text = sample.text().replace("\n", line_end)
    assert rows_of(tmp_path, sample, text) == list(sample.expected)


def test_encodings_of_other_systems_change_nothing(tmp_path, sample):
    for encoding in sample.encodings:
        text = sample.text()
        if sample.source == "xspf":
            text = text.replace(
                'version="1.0"', f'version="1.0" encoding="{encoding.removesuffix("-sig")}"'
            )
        assert rows_of(tmp_path, sample, text.encode(encoding)) == list(sample.expected), encoding


# Ten kinds of damage.


def test_1_a_file_cut_off_anywhere_keeps_the_rows_before(tmp_path, sample):
    data = sample.text().encode()
    begin = len(sample.begin.encode())
    for cut in range(begin, len(data), max(1, len(data) // 40)):
        rows = rows_or_refusal(tmp_path, sample, data[:cut])
        sound = [row for row in rows if not isinstance(row, RowProblem)]
        whole = data[:cut].decode("utf-8", "ignore")
        n_whole = sum(whole.startswith(sample.text(sample.rows[: n + 1])[: len(whole)])
                      and len(sample.begin + sample.between.join(sample.rows[: n + 1]))
                      < len(whole) for n in range(len(sample.rows)))  # fmt: skip
        n_sure = max(0, n_whole - 1)  # the last one may be taken as cut
        assert sound[:n_sure] == list(sample.expected[:n_sure])


def test_2_a_malformed_row_costs_itself_only(tmp_path, sample):
    rows = rows_of(tmp_path, sample, sample.with_second(sample.broken))
    assert len(rows) == len(sample.expected) or sample.source == "xspf"
    for row in others(sample):
        assert row in rows
    second = rows[1]
    assert isinstance(second, RowProblem) or sample.source in ("m3u", "pls", "xspf")


def test_3_bytes_of_another_encoding_cost_their_row_only(tmp_path, sample):
    good = sample.text().encode()
    bad = good.replace(TITLE.encode(), TITLE.encode("latin-1"), 1)
    rows = rows_or_refusal(tmp_path, sample, bad)
    if sample.source == "xspf":  # a document that is not well-formed must not be read on
        assert rows[0] == sample.expected[0]
        assert isinstance(rows[-1], RowProblem)
        return
    for row in others(sample):
        assert row in rows or TITLE not in str(row)
    second = rows[1]
    assert isinstance(second, RowProblem) or "�" not in str(second)


def test_4_nul_bytes_never_reach_a_name(tmp_path, sample):
    data = sample.text().encode().replace(TITLE[:10].encode(), b"Mitter\x00\x00", 1)
    rows = rows_or_refusal(tmp_path, sample, data)
    assert rows
    assert all("\x00" not in str(row) for row in rows)
    if sample.source != "xspf":
        for row in others(sample):
            assert row in rows


def test_5_a_giant_field_costs_its_row_only(tmp_path, sample):
    text = sample.text().replace(TITLE, "ä" * 3_000_000, 1)
    rows = rows_of(tmp_path, sample, text)
    assert isinstance(rows[1], RowProblem)
    assert all(row in rows for row in others(sample))


def test_6_an_empty_file_is_refused_or_gives_nothing(tmp_path, sample, source):
    for content in (b"", b"\xef\xbb\xbf", b"\n\n", b"\xff\xfe"):
        assert rows_or_refusal(tmp_path, sample, content) == []
        assert not source.recognises(member_of(tmp_path, sample, content))


def test_7_a_value_of_the_wrong_type_is_that_rows_problem(tmp_path, sample):
    given, wrong = sample.wrong_type
    if not given:
        pytest.skip("a table of texts has no types")
    rows = rows_of(tmp_path, sample, sample.text().replace(given, wrong, 1))
    assert isinstance(rows[1], RowProblem)
    assert all(row in rows for row in others(sample))


def test_8_rows_given_twice_come_twice_with_true_numbers(tmp_path, sample):
    twice = sample.rows + sample.rows
    if sample.source == "pls":
        pytest.skip("its entries are numbered, so the second writes over the first")
    rows = rows_of(tmp_path, sample, sample.text(twice))
    n = len(sample.rows)
    assert rows[:n] == list(sample.expected[:n])
    for first, second in zip(rows[:n], rows[n : 2 * n], strict=True):
        assert second.row == first.row + n
        assert str(second).partition(",")[2] == str(first).partition(",")[2]


def test_9_binary_junk_is_refused_or_reported(tmp_path, sample, source):
    junk = random.Random(7).randbytes(50_000)
    assert not source.recognises(member_of(tmp_path, sample, junk))
    for content in (junk, sample.begin.encode() + junk, sample.text().encode() + junk):
        rows = rows_or_refusal(tmp_path, sample, content)
        assert all("\x00" not in str(row) for row in rows)


@pytest.mark.parametrize("absurd", ["-1700000300", "99999999999999999999", "1e400", "NaN", "0"])
def test_10_absurd_times_and_numbers_are_that_rows_problem(tmp_path, sample, absurd):
    if not sample.number:
        pytest.skip("it has neither times nor counts")
    text = sample.with_second(sample.rows[1].replace(sample.number, _spoiled(sample, absurd), 1))
    rows = rows_of(tmp_path, sample, text)
    assert isinstance(rows[1], RowProblem) or (absurd == "0" and _may_be_zero(sample))
    assert all(row in rows for row in others(sample))


def _spoiled(sample: Sample, absurd: str) -> str:
    if sample.source == "apple-music-daily":
        return f"20231114,22,4000,{absurd}"
    return (
        f"<key>Play Count</key><integer>{absurd}</integer>" if sample.source == "itunes" else absurd
    )


def _may_be_zero(sample: Sample) -> bool:
    """Where the number is a count or a length, nothing is as good as any."""
    counts = ("spotify-extended", "spotify-account", "itunes", "apple-music-library",
              "apple-music-daily", "listenbrainz-feedback")  # fmt: skip
    return sample.source in counts


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize("name", ["xspf", "itunes"])
@pytest.mark.parametrize("entity", ["c", "f"])
def test_11_entities_that_a_document_declares_are_refused(tmp_path, name, entity):
    sample = next(sample for sample in SAMPLES if sample.source == name)
    body = sample.text().partition("?>")[2]
    if name == "itunes":
        body = body.partition('.dtd">')[2]
    text = BOMB + body.replace(TITLE, f"&{entity};")
    member = member_of(tmp_path, sample, text.encode())
    with pytest.raises(InvalidInputError):
        list(source_named(name).read(member))
