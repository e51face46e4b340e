"""What a listener says of themselves in our own export, whole and under ten kinds of damage."""

import json
import random

import pytest

from segue.data.imported import LeftOut, RowProblem, SaidOfSelf
from segue.errors import InvalidInputError
from segue.sources.members import open_export
from segue.sources.own_profile import CONSENTS, MAX_CHARACTERS, PROFILE
from segue.sources.registry import recognised

SAID_AT = 1_700_000_000.5
WORDS = {"emotions": ["calm", "dark"], "tags": ["dub"], "bio": "Salt,\nand Überfahrten", "age": 40,
         "said_at": SAID_AT}  # fmt: skip
ACCOUNT = {"id": "a1", "name": "ada", "role": "admin", "language": "de", "time_zone": "Asia/Tokyo",
           "created_at": 1_690_000_000.0, "own_words": WORDS}  # fmt: skip
EXPECTED = [
    SaidOfSelf(row=1, what="language", value="de"),
    SaidOfSelf(row=2, what="time_zone", value="Asia/Tokyo"),
    SaidOfSelf(row=3, what="emotions", value=("calm", "dark"), said_at=SAID_AT),
    SaidOfSelf(row=4, what="tags", value=("dub",), said_at=SAID_AT),
    SaidOfSelf(row=5, what="bio", value="Salt,\nand Überfahrten", said_at=SAID_AT),
    SaidOfSelf(row=6, what="age", value=40, said_at=SAID_AT),
]


@pytest.fixture
def rows(tmp_path):
    def read(content, source=PROFILE):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "x.json").write_bytes(data)
        member = open_export(tmp_path / "x.json").members[0]
        found = list(source.read(member))
        assert [row.row for row in found] == list(range(1, len(found) + 1))
        assert list(source.read(member)) == found
        return found

    return read


def profile(**words):
    return json.dumps(ACCOUNT | {"own_words": WORDS | words}, ensure_ascii=False)


def test_each_thing_said_is_a_row_and_name_and_role_are_none(rows):
    assert rows(profile()) == EXPECTED


def test_it_is_recognised_by_what_it_holds(tmp_path):
    (tmp_path / "0001.bin").write_text(json.dumps(ACCOUNT, indent=1))
    (tmp_path / "0002.bin").write_text(
        '[\n {\n "listener_id": "a1",\n "what": "like_minded", "given_at": 1700000000}]'
    )
    found, unread = recognised(open_export(tmp_path).members)
    assert [one.source.name for one in found] == ["segue-profile", "segue-consents"]
    assert unread == []


def test_who_said_nothing_has_no_rows(rows):
    assert rows(json.dumps(ACCOUNT | {"language": "", "time_zone": "", "own_words": None})) == []
    older = {key: ACCOUNT[key] for key in ("id", "name", "role", "created_at", "own_words")}
    assert [row.what for row in rows(json.dumps(older))] == ["emotions", "tags", "bio", "age"]


def test_a_consent_is_never_taken_in(rows):
    given = '[{"listener_id": "a1", "what": "like_minded", "given_at": 1700000000}, {"what": 3}]'
    assert rows(given, CONSENTS)[0] == LeftOut(1, "consent")
    assert isinstance(rows(given, CONSENTS)[1], RowProblem)


# Ten kinds of damage.


def test_1_a_profile_cut_off_anywhere_is_refused(rows):
    data = profile().encode()
    for cut in range(len(data)):
        with pytest.raises(InvalidInputError, match=r"not JSON|object"):
            rows(data[:cut])


@pytest.mark.parametrize("broken", ['{"id": "a1, "role": 4}', "[1, 2]", '"text"', "{} {}", "17"])
def test_2_what_is_no_object_is_refused(rows, broken):
    with pytest.raises(InvalidInputError):
        rows(broken)


def test_3_bytes_of_another_encoding_cost_their_row_only(rows):
    good = json.dumps(ACCOUNT | {"name": "Zoë Ünal Überälläüö"}, ensure_ascii=False).encode()
    found = rows(good.replace("Überf".encode(), "Überf".encode("latin-1")))
    assert isinstance(found[4], RowProblem)
    assert found[:4] + found[5:] == EXPECTED[:4] + EXPECTED[5:]


def test_4_nul_bytes_never_reach_a_word(rows):
    found = rows(profile(bio="Sa\x00lt", tags=["d\x00ub"]))
    assert "\x00" not in str(found)
    assert found[4].value == "Salt"


def test_5_a_giant_field_costs_its_row_and_a_giant_file_itself(rows):
    found = rows(profile(bio="ä" * 3_000, tags=["x" * 2_000]))
    assert [row.row for row in found if isinstance(row, RowProblem)] == [4, 5]
    with pytest.raises(InvalidInputError, match=f"{MAX_CHARACTERS:,}"):
        rows(profile(bio="ä" * 10_000_000))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b"\xff\xfe"])
def test_6_an_empty_file_is_refused_and_not_recognised(rows, tmp_path, content):
    with pytest.raises(InvalidInputError):
        rows(content)
    assert not PROFILE.recognises(open_export(tmp_path / "x.json").members[0])


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("emotions", "calm"), ("emotions", [1]), ("emotions", ["a"] * 21), ("tags", {"a": 1}),
        ("bio", 3), ("bio", ["x"]), ("age", "old"), ("age", True), ("age", 40.5), ("age", -1),
    ],
)  # fmt: skip
def test_7_a_value_of_the_wrong_type_is_that_rows_problem(rows, what, wrong):
    found = rows(profile(**{what: wrong}))
    place = [row.what for row in EXPECTED].index(what)
    assert isinstance(found[place], RowProblem)
    assert len(found[place].reason) < 1_000
    assert found[:place] + found[place + 1 :] == EXPECTED[:place] + EXPECTED[place + 1 :]


def test_8_a_key_given_twice_is_the_last_one(rows):
    twice = profile().replace('"age": 40', '"age": 40, "age": 41')
    assert rows(twice)[5].value == 41


def test_9_binary_junk_is_refused(rows):
    junk = random.Random(7).randbytes(50_000)
    for content in (junk, b"{" + junk, profile().encode() + junk):
        with pytest.raises(InvalidInputError):
            rows(content)


@pytest.mark.parametrize("absurd", ["NaN", "1e400", "-17", "99999999999999999999", '"soon"'])
def test_10_absurd_times_and_deep_nesting_end_in_clear_words(rows, absurd):
    text = profile().replace(str(SAID_AT), absurd)
    if absurd == "NaN":
        with pytest.raises(InvalidInputError, match="NaN is not JSON"):
            rows(text)
    else:
        found = rows(text)
        assert found[:2] == EXPECTED[:2]
        assert all("said_at" in row.reason for row in found[2:])
    with pytest.raises(InvalidInputError, match="not JSON"):
        rows('{"own_words": ' + '{"a": ' * 20_000 + "1" + "}" * 20_001)
