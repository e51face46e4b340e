"""`segue synth`: files that the import reads, and people on a server that runs."""

import csv

import pytest

from segue.data.records import EventKind
from support.app import open_house, token_of
from support.audio_files import flac
from support.running_server import serving


@pytest.fixture
def here(as_json, tmp_path):
    """A library of forty tracks on this machine."""
    folder = tmp_path / "music"
    folder.mkdir()
    for n in range(40):
        pairs = (("TITLE", f"Tune {n}"), ("ARTIST", f"Fiddler {n % 8}"),
                 ("GENRE", ("Folk", "Jazz")[n % 2]))  # fmt: skip
        (folder / f"{n}.flac").write_bytes(flac(*pairs, duration_s=0.2))
    as_json("scan", str(folder))
    return tmp_path


@pytest.fixture
def server(house_template, tmp_path):
    house = open_house(house_template, tmp_path / "server")
    with serving(house) as url:
        yield house, url, token_of(house, "admin")
    house.app.close()


def test_files_of_people_and_activity_are_read_by_the_import(here, as_json):
    users = as_json("synth", "users", "--users", "3", "--to", str(here / "users.csv"))
    assert users["listeners"] == 3
    with (here / "users.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["synth-1-0001", "synth-1-0002", "synth-1-0003"]
    for row in rows:
        as_json("user", "add", row["name"], "--password-stdin", stdin=row["password"] + "\n")
    chosen = ("--users", "3", "--days", "20", "--until", "2026-05-01")
    made = as_json("synth", "activity", *chosen, "--to", str(here / "a"))
    assert made["listeners"] == 3
    assert sorted(path.name for path in (here / "a").iterdir()) == [
        f"{row['name']}.csv" for row in rows
    ]
    n_stored = 0
    for row in rows:
        path = here / "a" / f"{row['name']}.csv"
        report = as_json("import", "history", str(path), "--user", row["name"])
        assert (report["refused"], report["doubtful"]) == (0, 0)
        n_stored += report["stored"]
    assert n_stored == made["events"] > 100
    given = as_json("synth", "ratings", "--users", "2", "--per-user", "5", "--to", str(here / "r"))
    assert given["events"] == 10


def test_the_same_command_writes_the_same_files(here, as_json):
    chosen = ("--users", "2", "--days", "5", "--until", "2026-05-01", "--seed", "9")
    texts = []
    for name in ("one", "two"):
        as_json("synth", "activity", *chosen, "--to", str(here / name))
        texts.append([path.read_text() for path in sorted((here / name).iterdir())])
    assert texts[0] == texts[1]


def test_people_and_what_they_do_are_loaded_into_a_running_server(server, as_json):
    house, url, token = server
    there = ("--server", url, "--token", token)
    assert as_json("synth", "users", "--users", "3", *there)["made"] == 3
    assert as_json("synth", "users", "--users", "4", *there)["made"] == 1  # three are there
    person = house.app.accounts.by_name("synth-1-0002")
    assert house.app.own_words.of(person.id).emotions
    assert house.app.accounts.sign_in("synth-1-0002", "synthetic listener 1-0002", "x")
    chosen = ("--users", "3", "--days", "20", "--until", "2026-05-01")
    sent = as_json("synth", "activity", *chosen, *there)
    assert sent["stored"] > 100
    assert (sent["listeners"], sent["repeated"], sent["refused"]) == (3, 0, 0)
    again = as_json("synth", "activity", *chosen, *there)
    assert (again["stored"], again["repeated"]) == (0, sent["stored"])
    rated = as_json("synth", "ratings", *chosen[:2], "--per-user", "7", "--until", "2026-05-01",
                    *there)  # fmt: skip
    assert rated["stored"] == 21
    history = house.app.history._history
    stored = [
        event
        for number in (1, 2, 3)
        for event in history.events_of(house.id_of(f"synth-1-{number:04d}"))
    ]
    assert len(stored) == sent["stored"] + 21
    assert {event.source for event in stored} == {"synthetic"}
    assert sum(event.kind is EventKind.RATE for event in stored) >= 21


def test_what_a_server_refuses_is_said_in_its_words(server, segue):
    house, url, _ = server
    for token, words in ((token_of(house, "ada"), "only an administrator"),
                         ("not-a-token", "sign in first")):  # fmt: skip
        code, _, err = segue("synth", "users", "--server", url, "--token", token)
        assert code == 1
        assert words in err
    code, _, err = segue("synth", "activity", "--server", url, "--token", token_of(house, "admin"))
    assert (code, "401" in err) == (1, True)  # nobody of this name is there yet


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "say where it goes"), (("--to", "x", "--server", "http://localhost"), "say where"),
     (("--server", "http://localhost"), "needs --token"),
     (("--server", "http://example.org", "--token", "t"), "https://"),
     (("--to", "x"), "no tracks to listen to")],
)  # fmt: skip
def test_what_cannot_be_done_is_said(segue, arguments, words):
    for command in ("users", "activity", "ratings"):
        code, _, err = segue("synth", command, *arguments)
        assert code == 1
        assert words in err


@pytest.mark.slow
def test_a_composed_library_is_written(as_json, tmp_path):
    made = as_json("synth", "library", str(tmp_path / "m"), "--tracks", "8")
    assert made["tracks"] == 8
    assert len(list((tmp_path / "m").rglob("*.ogg"))) == 8
