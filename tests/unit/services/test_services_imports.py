from types import SimpleNamespace

import pytest

from segue.data.records import EventKind
from segue.errors import InvalidInputError
from segue.services.importing import history, reading
from segue.services.importing.request import ImportRequest
from support.app import NOW, Watched


@pytest.fixture
def bring(house, tmp_path):
    def run(text, name="h.csv", listener="ada", **how):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        request = ImportRequest(paths=(str(path),), **how)
        return house.app.imports.run_here(house.id_of(listener), request, Watched())

    return run


def events(house, listener="ada"):
    return house.app.history._history.events_of(house.id_of(listener))


def summary(report):
    return (report.rows, report.stored, report.repeated, report.named, report.refused)


ROWS = (
    "artist,title,listened_at\n"
    "Band 0,Song 0-0,1700000000\n"
    "band 1 ,  SONG 1-1,1700000100\n"
    "Nobody at all,Unheard,1700000200\n"
    "Band 2,Song 2-2,yesterday\n"
    "Band 2,Song 2-2,0\n"
)


def test_rows_are_matched_named_or_refused_and_each_is_counted_once(house, bring):
    report = bring(ROWS)
    assert summary(report) == (5, 3, 0, 1, 2)
    assert (report.added, report.doubtful, report.left_out) == (1, 0, 0)
    named = next(t for t in house.app.catalog.tracks_page(limit=200).items if t.title == "Unheard")
    assert not named.has_file
    assert [one.name for one in named.artists] == ["Nobody at all"]
    assert {(e.track_id, e.listened_at) for e in events(house)} == {
        (house.track("Song 0-0"), 1.7e9),
        (house.track("Song 1-1"), 1.7e9 + 100),
        (named.id, 1.7e9 + 200),
    }
    assert [(problem.file, problem.row) for problem in report.problems] == [
        ("h.csv", 4), ("h.csv", 5)
    ]  # fmt: skip
    assert "yesterday" in report.problems[0].reason


def test_a_second_import_adds_nothing(house, bring):
    bring(ROWS)
    n_tracks = house.app.catalog.counts().n_tracks
    assert summary(bring(ROWS)) == (5, 0, 3, 1, 2)
    assert summary(bring(ROWS.replace(",", ";"), "other.csv")) == (5, 0, 3, 1, 2)
    assert len(events(house)) == 3
    assert house.app.catalog.counts().n_tracks == n_tracks


def test_the_same_listens_belong_to_each_listener_apart(house, bring):
    bring(ROWS)
    assert bring(ROWS, listener="bob").stored == 3


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends_do_not_matter(house, bring, separator, mark, end):
    rows = "Artist|Track Name|uts\nBand 0|Song 0-0|1700000000\n"
    text = rows.replace("|", separator).replace("\n", end).encode()
    assert summary(bring(mark + text)) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "time",
    ["1700000000", "1700000000.0", "1700000000000", "2023-11-14T22:13:20Z",
     "2023-11-14 22:13:20", "2023-11-14T23:13:20+01:00"],
)  # fmt: skip
def test_times_are_read_in_seconds_milliseconds_and_dates(house, bring, time):
    bring(f"artist,title,ts\nBand 0,Song 0-0,{time}\n")
    assert [e.listened_at for e in events(house)] == [1.7e9]


def test_a_short_play_is_a_skip_and_lengths_come_in_two_units(house, bring):
    bring("artist,title,ts,ms_played\nBand 0,Song 0-0,1700000000,12000\n"
          "Band 0,Song 0-1,1700000100,180000\nBand 0,Song 0-2,1700000200,\n")  # fmt: skip
    assert {(e.kind, e.played_s) for e in events(house)} == {
        (EventKind.SKIP, 12.0), (EventKind.PLAY, 180.0), (EventKind.PLAY, None)
    }  # fmt: skip


def test_ratings_and_loves_become_marks(house, bring):
    report = bring("artist,title,ts,rating,loved\nBand 0,Song 0-0,1700000000,4.5,yes\n"
                   "Band 0,Song 0-1,1700000100,,no\nBand 0,Song 0-2,1700000200,9,\n")  # fmt: skip
    assert summary(report) == (3, 2, 0, 0, 1)
    view = house.app.recommend.track_view(house.id_of("ada"), house.track("Song 0-0"))
    assert (view.loved, view.rating) == (True, 4.5)
    assert not house.app.recommend.track_view(house.id_of("ada"), house.track("Song 0-1")).loved


def test_a_track_id_is_enough(house, bring):
    report = bring(f"track_id,ts\n{house.track('Song 0-0')},1700000000\nx,1700000000\n")
    assert (report.stored, report.refused) == (1, 1)
    assert "neither a title" in report.problems[0].reason


def test_broken_rows_stop_no_other(house, bring):
    text = (
        "artist,title,ts,ms_played\n"
        "Band 0,Song 0-0,1700000000,180000\n"
        "\n"
        "only one cell\n"
        "Band 0,Song 0-1,nan,1\n"
        "Band 0,Song 0-1,inf,1\n"
        "Band 0,Song 0-1,1700000000,nan\n"
        "Band 0,Song 0-1,1700000000,x\n"
        "Band 0,Song 0-1,1700000000,-5\n"
        "Band 0,Song 0-1,99999999999999999999,5\n"
        'Band 0,"Another ""one",1700000000,1\n'
        "Band 0,Song 0-3,1700000900,180000,too,many,cells\n"
    )
    report = bring(text)
    assert {house.app.catalog.track(e.track_id).title for e in events(house)} == {
        "Song 0-0", 'Another "one', "Song 0-3"
    }  # fmt: skip
    assert report.rows == report.stored + report.repeated + report.refused + report.left_out
    assert report.stored == 3


def test_the_future_is_refused(bring):
    assert summary(bring(f"artist,title,ts\nBand 0,Song 0-0,{NOW + 9_999:.0f}\n")) == (
        1, 0, 0, 0, 1
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"a,b,c\n1,2,3\n", b"artist,title\nBand 0,Song 0-0\n", b"\x00\x01\x02",
     b"\xff\xfe\xff", b"artist,title,ts\n", b"\x89PNG\r\n\x1a\n" + bytes(50)],
)  # fmt: skip
def test_a_file_that_is_no_history_is_refused_in_words(bring, content):
    with pytest.raises(InvalidInputError) as caught:
        bring(content)
    assert len(str(caught.value)) > 15


def test_a_missing_file_is_refused_in_words(house, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path / "a" / "b.zip"):
        request = ImportRequest(paths=(str(path),))
        with pytest.raises(InvalidInputError, match="cannot be opened"):
            house.app.imports.run_here(house.id_of("ada"), request, Watched())


def test_damage_in_the_middle_keeps_what_came_before(house, bring):
    good = "".join(f"Band 0,Song 0-{n % 6},{1_700_000_000 + n * 500}\n" for n in range(2_000))
    report = bring(b"artist,title,ts\n" + good.encode() + b"Band 0,\xff\xfe,1\n" + good.encode())
    assert report.stored > 0
    assert report.refused >= 1
    assert len(events(house)) == report.stored


class Looking(Watched):
    """Looks at a listener's list whenever the import says how far it is."""

    def __init__(self, house, listener):
        super().__init__()
        self.seen, self._house, self._id = [], house, house.id_of(listener)

    def report(self, done, total=None, *, unit="", message=""):
        items = self._house.app.recommend.list(self._id, "for_you", 12).tracks
        self.seen.append([(item.track.id, item.reasons[0].text) for item in items])


def test_lists_change_while_an_import_is_still_running(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "BATCH_ROWS", 40)
    monkeypatch.setattr(reading, "REPORT_EVERY_S", 0.0)
    rows = [f"Band 1,Song 1-{n % 6},{1_700_000_000 + 900 * n}" for n in range(200)]
    path = tmp_path / "h.csv"
    path.write_text("artist,title,listened_at\n" + "\n".join(rows))
    looking = Looking(trained, "ada")
    trained.app.imports.run_here(trained.id_of("ada"), ImportRequest(paths=(str(path),)), looking)
    first, *middle, last = looking.seen
    assert len(middle) >= 3
    assert middle[1] != first  # two batches in, three to come
    assert any("Band 1" in reason for _, reason in middle[1])
    assert all(len(one) == len(first) > 0 for one in (*middle, last))


def test_the_time_left_is_told_from_what_this_run_has_read():
    seconds = iter([0.0, 3600.0, 3900.0])
    member = SimpleNamespace(size_bytes=1000, name="h.csv")
    progress = Watched()
    so_far = reading.ReadSoFar([member, member], progress, lambda: next(seconds))
    so_far.done(member)  # passed over within an hour, by a slow disk
    so_far.passed_over()
    so_far.opened(member).n_read = 500
    so_far.say(10, now=True)
    ((done, total, words),) = progress.told
    assert (done, total) == (1500, 2000)
    assert words.endswith("about 5 minutes left"), words
