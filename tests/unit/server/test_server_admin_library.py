import re

import pytest

from segue.data.records import FileStat, ScannedFile
from segue.services.health import TROUBLES
from segue.services.library import entry_of
from segue.store.catalog_records import ScanBatch
from segue.store.recordings import Recordings
from support.app import browser, signed


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


def refuse(house, n, problem="the file is empty"):
    files = [ScannedFile(stat=FileStat(f"/music/bad {i:03}.mp3", 0, 7), problem=problem)
             for i in range(n)]  # fmt: skip
    house.app.catalog.apply_scan(ScanBatch(read=[entry_of(file) for file in files]), 1.0)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_kind_has_a_page_that_says_what_it_means(admin, trouble):
    answer = admin.get(f"/admin/library/{trouble}")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert re.search(rf'href="/admin/library/{trouble}" aria-current="page"', answer.text)


def test_the_page_opens_at_what_is_worst_with_reason_and_advice(house, admin):
    refuse(house, 1)
    text = admin.get("/admin/library").text
    assert "One file needs a look" in text
    assert "The file is empty." in text
    assert "Copy it again from where it came from." in text
    assert "/music/bad 000.mp3" in text


def test_a_long_list_goes_on_and_on(house, admin):
    refuse(house, 120)
    seen, text = set(), admin.get("/admin/library/refused").text
    while True:
        seen |= set(re.findall(r"bad \d+\.mp3", text))
        following = re.search(r'hx-get="(/parts/admin/library/[^"]+)"', text)
        if following is None:
            break
        text = admin.get(following[1].replace("&amp;", "&")).text
    assert len(seen) == 120


def test_a_row_leads_to_its_track(house, admin):
    text = admin.get("/admin/library/cover").text
    assert f'href="/tracks/{house.track("Song 0-0")}"' in text
    assert "/gone/band 0/song 0.flac" in text


def test_a_path_that_is_no_utf_8_and_a_name_with_markup_are_shown(house, admin):
    stat = FileStat("/music/<b>\udcff.mp3", 0, 7)
    file = ScannedFile(stat=stat, problem="it is <i>odd</i>")
    house.app.catalog.apply_scan(ScanBatch(read=[entry_of(file)]), 1.0)
    text = admin.get("/admin/library/refused").text
    assert "/music/&lt;b&gt;\N{REPLACEMENT CHARACTER}.mp3" in text
    assert "It is &lt;i&gt;odd&lt;/i&gt;." in text


def test_counts_follow_the_catalogue_at_once(house, admin):
    assert "Your library is well" in admin.get("/admin/library").text
    refuse(house, 2)
    assert "2 files need a look" in admin.get("/admin/library").text


def test_what_is_no_trouble_is_not_found(admin):
    assert admin.get("/admin/library/beauty").status_code == 404
    assert admin.get("/parts/admin/library/beauty").status_code == 404
    assert admin.get("/parts/admin/library/refused?cursor=nonsense").status_code == 400


def test_only_an_administrator_sees_the_way_there(house, admin):
    assert 'href="/admin"' in admin.get("/").text
    ada = signed(house, "ada")
    assert 'href="/admin"' not in admin.get("/", headers=ada).text
    assert admin.get("/admin/library", headers=ada).status_code == 403


def alike(house, *titles):
    """Tracks that fingerprints took for one recording, by title."""
    ids = sorted(house.track(title) for title in titles)
    Recordings(house.app.database).replace(dict.fromkeys(ids, ids[0]))
    return [house.track(title) for title in titles]


def test_what_sounds_the_same_is_shown_with_why(house, admin):
    alike(house, "Song 0-0", "Song 1-1")
    text = admin.get("/admin/library/alike").text
    assert "They sound the same" in text
    assert "Their tags have other titles or artists." in text
    assert "/gone/band 0/song 0.flac" in text
    assert "/gone/band 1/song 1.flac" in text
    assert text.count("This is another recording</button>") == 2


def test_an_administrator_tells_recordings_apart_and_takes_it_back(house, admin):
    odd, *rest = alike(house, "Song 0-0", "Song 1-1", "Song 2-2")
    answer = admin.post(f"/admin/library/{odd}/apart", headers=signed(house, "admin"))
    assert answer.status_code == 200
    assert "Another recording from now on." in answer.text
    assert "/gone/band 1/song 1.flac" in answer.text
    groups = Recordings(house.app.database).groups()
    assert groups == dict.fromkeys(rest, min(rest))
    back = admin.post(f"/admin/library/{odd}/together", headers=signed(house, "admin"))
    assert "/gone/band 0/song 0.flac" in back.text
    assert Recordings(house.app.database).groups() == dict.fromkeys([odd, *rest], min(odd, *rest))
    assert Recordings(house.app.database).told_apart() == set()


def test_a_pair_told_apart_leaves_the_page_and_the_count(house, admin):
    odd, _ = alike(house, "Song 0-0", "Song 1-1")
    assert house.app.admin.health.number_of("alike") == 2
    admin.post(f"/admin/library/{odd}/apart", headers=signed(house, "admin"))
    assert house.app.admin.health.number_of("alike") == 0
    assert "No two files sound like one recording." in admin.get("/admin/library/alike").text


def test_only_what_stands_in_a_group_is_told_apart_and_only_by_an_administrator(house, admin):
    odd, _ = alike(house, "Song 0-0", "Song 1-1")
    assert admin.post("/admin/library/nothing/apart").status_code == 404
    assert admin.post(f"/admin/library/{odd}/together").status_code == 404
    ada = signed(house, "ada")
    assert admin.post(f"/admin/library/{odd}/apart", headers=ada).status_code == 403
    assert len(Recordings(house.app.database).groups()) == 2
