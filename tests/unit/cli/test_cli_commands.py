import pytest

from segue.bootstrap import build_app
from segue.errors import ConfigurationError
from segue.settings import load_settings
from support.app import PASSWORD
from support.audio_files import damaged_files, flac, write_files


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(6):
        pairs = (("TITLE", f"Tune {number}"), ("ARTIST", f"Fiddler {number % 3}"),
                 ("GENRE", "Folk"))  # fmt: skip
        (folder / f"{number}.flac").write_bytes(flac(*pairs, duration_s=0.2 + number / 10))
    return folder


@pytest.fixture
def library(as_json, music):
    """A scanned library with the account ada."""
    as_json("scan", str(music))
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    return music


def test_a_scan_tells_what_it_found_and_a_second_one_that_nothing_changed(as_json, music):
    (first,) = as_json("scan", str(music))["folders"]
    assert (first["added"], first["problems"]) == (6, 0)
    (second,) = as_json("scan", str(music))["folders"]
    assert (second["added"], second["unchanged"]) == (0, 6)


def test_what_a_scan_brought_is_learned_by_the_next_worker(as_json, music, tmp_path):
    as_json("scan", str(music))
    as_json("scan", str(music))  # nothing new, nothing to learn
    app = build_app(load_settings(environment={"SEGUE_DATA_DIR": str(tmp_path / "data")}))
    try:
        assert sorted(job.kind for job in app.jobs.list()) == ["analyse", "train"]
        for job_id in app.queue.recover():
            app.queue.run(job_id)
        assert app.models.current().version is not None
    finally:
        app.close()


def test_a_scan_with_damaged_files_exits_with_3_and_lists_them(segue, as_json, music):
    write_files(music, damaged_files())
    report = as_json("scan", str(music), "--problems", code=3)
    assert report["folders"][0]["problems"] == len(report["problems"]) == 20
    code, out, _ = segue("scan", str(music), "--problems")
    assert code == 0  # nothing new was damaged
    assert "empty.mp3" in out


def test_a_scan_for_a_person_is_one_sentence(segue, music):
    code, out, _ = segue("scan", str(music))
    assert code == 0
    assert "6 new" in out


def test_a_folder_that_was_chosen_on_a_page_is_scanned_and_looked_after(as_json, music, tmp_path):
    app = build_app(load_settings(environment={"SEGUE_DATA_DIR": str(tmp_path / "data")}))
    app.folders.add(str(music))
    app.close()
    (report,) = as_json("scan")["folders"]
    assert report["added"] == 6
    checks = as_json("doctor")
    assert [check["found"] for check in checks if check["what"] == "music"] == [str(music)]


@pytest.mark.parametrize("args", [["scan"], ["scan", "/nothing/here"]])
def test_a_scan_without_a_folder_fails_in_words(segue, args):
    code, out, err = segue(*args)
    assert (code, out) == (1, "")
    assert err.startswith("segue: ")


def test_accounts_are_made_listed_closed_and_get_new_passwords(segue, as_json):
    made = as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    assert (made["name"], made["role"]) == ("ada", "admin")
    as_json("user", "add", "bob", "--password-stdin", stdin=PASSWORD)
    assert {(a["name"], a["role"], a["closed"]) for a in as_json("user", "list")} == {
        ("ada", "admin", False), ("bob", "listener", False)
    }  # fmt: skip
    as_json("user", "disable", "bob")
    assert [a["closed"] for a in as_json("user", "list")] == [False, True]
    as_json("user", "disable", "bob", "--undo")
    as_json("user", "password", "bob", "--password-stdin", stdin="another long secret\n")
    code, out, _ = segue("user", "list")
    assert code == 0
    assert "ada" in out
    assert PASSWORD not in out


@pytest.mark.parametrize(
    ("args", "stdin"),
    [(("user", "add", "ada", "--password-stdin"), PASSWORD + "\n"),
     (("user", "add", "eve", "--password-stdin"), "short\n"),
     (("user", "add", "eve", "--password-stdin"), ""),
     (("user", "add", "eve"), ""),
     (("user", "password", "zoe", "--password-stdin"), PASSWORD + "\n"),
     (("user", "disable", "zoe"), ""),
     (("user", "disable", "ada"), ""),
     (("recommend", "--user", "zoe"), ""),
     (("recommend", "--user", "ada", "--station", "nonsense"), ""),
     (("recommend", "--user", "ada", "--station", "similar", "--seed", "qqqzzz"), ""),
     (("similar", "qqqzzz"), ""),
     (("similar", "Tune 1", "--user", "zoe"), ""),
     (("import", "history", "/nothing.csv", "--user", "ada"), ""),
     (("models", "publish", "nothing"), ""),
     (("models", "show"), ""),
     (("models", "rollback"), "")],
)  # fmt: skip
def test_what_cannot_be_done_exits_with_1_and_says_why(library, segue, args, stdin):
    for extra in ((), ("--json",)):
        code, out, err = segue(*args, *extra, stdin=stdin)
        assert (code, out) == (1, "")
        assert err.startswith("segue: ")
        assert len(err) > 20
        assert PASSWORD not in err


@pytest.mark.parametrize(
    "args",
    [("--nonsense",), ("scan", "--nonsense"), ("nonsense",), ("user", "nonsense"),
     ("user", "add"), ("recommend",), ("recommend", "--user", "ada", "-n", "0"),
     ("recommend", "--user", "ada", "-n", "x"), ("demo", "--tracks", "1"),
     ("import", "history", "x.csv")],
)  # fmt: skip
def test_a_wrong_command_line_exits_with_2(segue, args):
    code, _, err = segue(*args)
    assert code == 2
    assert err


@pytest.mark.parametrize("args", [("--help",), ("scan", "--help"), ("user", "add", "--help"),
                                  ("--version",)])  # fmt: skip
def test_help_and_version_exit_with_0(segue, args):
    code, out, _ = segue(*args)
    assert code == 0
    assert out


def test_settings_that_are_wrong_are_named(segue, monkeypatch, tmp_path):
    monkeypatch.setenv("SEGUE_PROT", "8000")
    code, _, err = segue("doctor")
    assert code == 1
    assert "SEGUE_PORT" in err
    monkeypatch.delenv("SEGUE_PROT")
    code, _, err = segue("--config", str(tmp_path / "none.toml"), "doctor")
    assert code == 1
    code, _, err = segue("--log-level", "loud", "doctor")
    assert code == 1
    assert "log_level" in err
    assert ConfigurationError.code == "configuration"


def test_serving_other_machines_must_be_meant(segue):
    code, _, err = segue("serve", "--host", "0.0.0.0")
    assert code == 1
    assert "allow_remote" in err


def test_training_lists_and_recommendations(library, as_json, segue):
    trained = as_json("train")
    assert trained["n_tracks"] == 6
    (listed,) = as_json("models", "list")
    assert listed["in_service"]
    assert listed["manifest"]["version"] == trained["version"]
    assert as_json("models", "show") == listed
    assert as_json("models", "show", trained["version"]) == listed
    view = as_json("recommend", "--user", "ada", "-n", "4")
    assert len(view["tracks"]) == 4
    assert view["fallback"] == "cold_start"
    assert as_json("models", "publish", trained["version"])["version"] == trained["version"]
    similar = as_json("similar", "Tune 1")
    assert similar["title"].startswith("Similar to “Tune 1”")
    assert similar["tracks"]
    for args in (("recommend", "--user", "ada"), ("similar", "Tune 1"), ("models", "list"),
                 ("models", "show"), ("train",)):  # fmt: skip
        code, out, _ = segue(*args)
        assert code == 0
        assert out.strip()


def test_rollback_goes_to_the_version_before(library, as_json, monkeypatch):
    from segue.training import artifacts

    first = as_json("train")["version"]
    monkeypatch.setattr(artifacts, "new_version", lambda stamp: "99991231T000000-ffff")
    as_json("train")
    assert as_json("models", "rollback")["version"] == first


def test_an_import_exits_with_0_when_all_is_used_and_3_when_not(library, as_json, tmp_path, segue):
    whole, partly = tmp_path / "whole.csv", tmp_path / "partly.csv"
    whole.write_text("artist,title,ts\nFiddler 0,Tune 0,1700000000\n")
    partly.write_text("artist,title,ts\nFiddler 0,Tune 0,1700000000\nNobody,Nothing,1700000000\n")
    assert as_json("import", "history", str(whole), "--user", "ADA")["stored"] == 1
    partly.write_text(partly.read_text() + "Fiddler 0,Tune 0,some day\n")
    report = as_json("import", "history", str(partly), "--user", "ada", code=3)
    assert (report["repeated"], report["named"]) == (1, 1)
    code, out, _ = segue("import", "history", str(partly), "--user", "ada")
    assert code == 3
    assert "not in the library" in out
    assert "some day" in out
    code, out, _ = segue("import", "history", str(whole), "--user", "ada", "--look")
    assert code == 0
    assert "title=title" in out


def test_the_doctor_finds_nothing_wrong_with_what_is_whole(library, as_json, monkeypatch, segue):
    monkeypatch.setenv("SEGUE_MUSIC_DIRS", str(library))
    as_json("train")
    checks = {check["what"]: check for check in as_json("doctor")}
    assert {"Segue", "Python", "codecs", "database", "models", "music"} <= set(checks)
    assert not any(check["problem"] for check in checks.values())
    code, out, _ = segue("doctor")
    assert code == 0
    assert "All is well" in out


def test_the_doctor_says_what_is_wrong_and_exits_with_3(library, as_json, monkeypatch, tmp_path):
    monkeypatch.setenv("SEGUE_MUSIC_DIRS", "/nothing/here")
    version = as_json("train")["version"]
    victim = next((tmp_path / "data" / "models" / version).rglob("*.npy"))
    victim.write_bytes(b"")
    wrong = {c["what"]: c["problem"] for c in as_json("doctor", code=3) if c["problem"]}
    assert set(wrong) == {"music", "models"}
    assert "segue train" in wrong["models"]


def test_a_database_that_is_not_ours_is_an_error_in_words(segue, as_json, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "segue.db").write_bytes(b"this is a letter to my aunt\n" * 99)
    code, _, err = segue("user", "list")
    assert code == 1
    assert "not a database of Segue" in err
    wrong = [c["what"] for c in as_json("doctor", code=3) if c["problem"]]
    assert "database" in wrong
    assert (tmp_path / "data" / "segue.db").read_bytes().startswith(b"this is a letter")


def test_text_from_tags_is_no_markup(as_json, segue, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    title = "[bold]Loud[/bold] [link=x]"
    (folder / "a.flac").write_bytes(flac(("TITLE", title), ("ARTIST", "[/x]")))
    as_json("scan", str(folder))
    as_json("user", "add", "ada", "--password-stdin", stdin=PASSWORD + "\n")
    code, out, _ = segue("recommend", "--user", "ada")
    assert code == 0
    assert title in out


def test_ctrl_c_exits_with_130(segue, monkeypatch, music):
    from segue.services.library import LibraryService

    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(LibraryService, "scan", interrupted)
    code, _, err = segue("scan", str(music))
    assert code == 130
    assert "interrupted" in err
