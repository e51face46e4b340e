import html
import re

import pytest
from pydantic import SecretStr

from segue.server.web.admin_server_words import PARTS, SETTING_GROUPS
from segue.server.web.setting_words import SETTING_WORDS
from segue.services import storage
from segue.services.settings_list import settings_list
from segue.settings import Settings, load_settings
from segue.store.analyses import Analyses, Analysis
from support.app import browser, every_track

PAGES = ("/admin", "/admin/settings", "/admin/storage")


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_and_says_where_one_is(admin, path):
    answer = admin.get(path)
    assert answer.status_code == 200
    assert f'href="{path}" aria-current="page"' in answer.text
    assert answer.text.count("<h1") == 1


def test_at_a_glance_is_one_line_a_page(house, admin):
    house.app.admin.invitations.invite(house.id_of("admin"))
    text = admin.get("/admin").text
    assert "Your library is well" in text
    assert "Accounts that can sign in: 3. One link waits to be used." in text
    assert "Nothing was learned yet." in text
    assert "52 tracks can be played." in text


# settings


def test_every_setting_stands_in_one_group_and_on_the_page(admin):
    named = [name for _, names in SETTING_GROUPS for name in names]
    assert sorted(named) == sorted(Settings.model_fields)
    text = admin.get("/admin/settings").text
    assert sorted(SETTING_WORDS) == sorted(named)
    for name in Settings.model_fields:
        assert f">{name}</small>" in text
        assert SETTING_WORDS[name] in html.unescape(text)
        assert f"SEGUE_{name.upper()}" in text


def test_a_secret_is_never_shown(make_house):
    house = make_house(
        spotify_client_secret=SecretStr("hush hush"), listenbrainz_token=SecretStr("")
    )
    with browser(house, "admin") as client:
        text = client.get("/admin/settings", headers={"accept": "text/html"}).text
    assert "hush" not in text
    assert text.count("Given, and not shown") == 1
    assert "Not given" in text
    views = {view.name: view for view in settings_list(house.app.settings)}
    assert views["spotify_client_secret"].value is None


def test_a_value_says_where_it_comes_from(tmp_path):
    file = tmp_path / "segue.toml"
    file.write_text('port = 9000\nhost = "localhost"\nlog_level = "debug"\n')
    settings = load_settings(
        file, {"SEGUE_PORT": "9001", "SEGUE_DATA_DIR": str(tmp_path)}, {"log_level": "error"}
    )
    views = {view.name: view for view in settings_list(settings)}
    assert {name: view.origin for name, view in views.items() if view.origin != "standard"} == {
        "data_dir": "variable", "port": "variable", "host": "file", "log_level": "flag",
    }  # fmt: skip
    assert (views["port"].value, views["port"].standard) == (9001, 8000)
    assert (views["scan_workers"].standard, settings.file) == (None, file)


# storage


def fill(house):
    settings = house.app.settings
    for folder, n in ((settings.covers_dir, 3), (settings.fetched_dir / "spotify", 2)):
        folder.mkdir(parents=True)
        for number in range(n):
            (folder / f"{number}.bin").write_bytes(b"x" * 1_000)
    settings.database_path.with_name("segue.db.schema-0008.bak").write_bytes(b"x" * 5_000)
    track_id = every_track(house.app)[0].id
    for kind in ("peaks", "sound"):
        found = Analysis(track_id=track_id, heard="x", analysed_at=1.0, vector=b"v" * 40,
                         sketch=b"s" * 60)  # fmt: skip
        Analyses(house.app.database).save(kind, 1, [found])


def sizes(house):
    return {one.part: one for one in house.app.admin.storage.report().parts}


def test_sizes_are_those_of_the_files_and_add_up(house):
    fill(house)
    report, found = house.app.admin.storage.report(), sizes(house)
    assert (found["covers"].n_files, found["covers"].size_bytes) == (3, 3_000)
    assert (found["fetched"].n_files, found["fetched"].size_bytes) == (2, 2_000)
    assert found["copies"].size_bytes == 5_000
    assert (found["peaks"].n_files, found["peaks"].size_bytes) == (1, 100)
    files = [path for path in house.app.settings.data_dir.rglob("*") if path.is_file()]
    assert report.total_bytes == sum(path.stat().st_size for path in files)
    outside = [one for one in report.parts if not one.inside]
    assert sum(one.size_bytes for one in outside) == report.total_bytes
    assert sum(one.n_files for one in outside) == len(files)
    assert 0 < report.free_bytes <= report.disk_bytes


@pytest.mark.parametrize("part", storage.REMOVABLE)
def test_what_can_go_goes_and_nothing_else_does(house, admin, part):
    fill(house)
    before = sizes(house)
    assert f"/admin/storage/{part}/remove" in admin.get("/parts/admin/storage").text
    admin.post(f"/admin/storage/{part}/remove")
    after = sizes(house)
    gone = {one for one in before if before[one].n_files and not after[one].n_files}
    assert gone == {part}
    assert f"/admin/storage/{part}/remove" not in admin.get("/parts/admin/storage").text
    assert house.app.catalog.counts().n_tracks > 0


@pytest.mark.parametrize("part", ["database", "models", "sound", "demo", "nothing"])
def test_what_cannot_be_made_again_stays(house, admin, part):
    fill(house)
    assert admin.post(f"/admin/storage/{part}/remove").status_code == 404
    assert sizes(house)["sound"].n_files == 1


def test_a_link_out_of_the_data_folder_is_not_followed(house, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "big.bin").write_bytes(b"x" * 100_000)
    house.app.settings.covers_dir.mkdir()
    (house.app.settings.covers_dir / "link").symlink_to(outside)
    house.app.admin.storage.remove("covers")
    assert (outside / "big.bin").exists()
    assert house.app.admin.storage.report().total_bytes < house.app.settings.database_path.stat(
    ).st_size + 90_000  # fmt: skip


def test_every_part_has_words():
    assert set(PARTS) == set(storage.PARTS)
    assert all(PARTS[part].removing for part in storage.REMOVABLE)


def test_the_sizes_are_in_words(house, admin):
    fill(house)
    text = admin.get("/parts/admin/storage").text
    assert re.search(r"3 kB · 3 files", text)
    assert "kept by Segue" in text
