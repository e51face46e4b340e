"""Archives under our own README that mean harm: each ends in clear words and changes nothing."""

import io
import json
import zipfile

import pytest

from segue.errors import InvalidInputError
from segue.services.export_words import README
from support.app import NOW
from support.own_archive import bring, open_elsewhere, told

DEEP = "[" * 50_000 + "]" * 50_000
HOSTILE = {
    "never_play.json": {
        "giant": json.dumps([{"scope": "artist", "target_id": "x", "artists": ["y" * 10_000_000]}]),
        "nan": '[{"scope": "artist", "target_id": "x", "until": NaN, "artists": ["Band 1"]}]',
        "far": '[{"scope": "artist", "target_id": "x", "until": 1e300, "artists": ["Band 1"]}]',
        "deep": '[{"scope": "artist", "target_id": ' + DEEP + "}]",
        "scope": '[{"scope": "everything", "target_id": "x"}]',
        "type": '[{"scope": "artist", "target_id": "x", "artists": "Band 1"}]',
    },
    "profile.json": {
        "giant": '{"id": 1, "role": 1, "created_at": 1, "own_words": {"bio": "' + "y" * 10_000_000
                 + '"}}',
        "nan": '{"id": 1, "role": 1, "created_at": NaN, "own_words": {"age": NaN}}',
        "deep": '{"id": 1, "role": 1, "created_at": 1, "own_words": ' + DEEP + "}",
        "type": '{"id": 1, "role": 1, "created_at": 1, "own_words": [1]}',
        "zone": '{"id": 1, "role": 1, "created_at": 1, "own_words": {}, "time_zone": "../etc"}',
        "tongue": '{"id": 1, "role": 1, "created_at": 1, "own_words": {}, "language": "<script>"}',
        "age": '{"id": 1, "role": 1, "created_at": 1, "own_words": {"age": 149}}',
    },
    "consents.json": {"type": '[{"listener_id": "x", "what": 3}]'},
}  # fmt: skip


@pytest.fixture
def elsewhere(tmp_path):
    other = open_elsewhere(tmp_path)
    yield other
    other.app.close()


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in HOSTILE.items() for kind in kinds]
)
def test_a_hostile_archive_under_our_readme_ends_in_clear_refusals(elsewhere, tmp_path, name, kind):
    eve = elsewhere.id_of("eve")
    before = told(elsewhere, "eve")
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("README.txt", README.format(name="mallory", day="2026-01-01"))
        archive.writestr(name, HOSTILE[name][kind])
    try:
        report = bring(elsewhere, "eve", to.getvalue(), tmp_path / "x.zip")
    except InvalidInputError as error:
        reasons = [str(error)]
    else:
        assert report.stored == 0
        reasons = [one.reason for one in report.problems]
    assert reasons
    assert all(10 < len(reason) < 500 for reason in reasons)
    assert told(elsewhere, "eve") == before
    assert elsewhere.app.accounts.by_name("eve").time_zone == ""
    assert elsewhere.app.history._history.never_played_targets(eve, NOW) == []
