"""Catalogues from tables, Spotify's API, FMA and MongoDB: rows, bounds, damage."""

import json
import random

import polars as pl
import pytest

from segue.data.imported import CatalogueRow, NamedTrack, RowProblem
from segue.errors import InvalidInputError
from segue.sources import mongo
from segue.sources.catalogues import CATALOGUES, catalogue_of, guess_columns, mapped
from segue.sources.members import open_export
from support.mongo import mongo_server
from support.source_samples import SPOTIFY

KAGGLE = (
    "track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,key,"
    "loudness,tempo,valence,track_genre,emotion,lyrics,release_date,playlist_name\n"
    f'{SPOTIFY},Nadja Vogel;Lars,Fähren,Anker,73,180000,False,0.5,0.25,-1,-7.5,120.5,1,"pop, folk",'
    'joy,"Zeile eins\nZeile zwei",2019-06-14,Am Meer\n'
    f"x,Nadja Vogel,,Kai,,,TRUE,,,,,,,,,,0,\n"
    f"y,Nadja Vogel,,Steg,,,,1.5,,,,,,,,,,\n"
)
ANKER = CatalogueRow(
    row=1,
    track=NamedTrack(
        title="Anker", artists=("Nadja Vogel", "Lars"), album="Fähren", duration_s=180.0,
        spotify_id=SPOTIFY,
    ),
    external_id=SPOTIFY, year=2019, genres=("pop", "folk"), emotion="joy",
    lyrics="Zeile eins\nZeile zwei", popularity=0.73, explicit=False, playlists=("Am Meer",),
    features={"danceability": 0.5, "energy": 0.25, "key": -1.0, "loudness": -7.5, "valence": 1.0,
              "tempo": 120.5},
)  # fmt: skip


def track(title: str = "Anker", **more: object) -> dict[str, object]:
    return {
        "id": SPOTIFY, "name": title, "artists": [{"name": "Nadja Vogel"}, {"name": "Lars"}],
        "album": {"name": "Fähren", "release_date": "2019-06", "artists": [{"name": "x"}]},
        "duration_ms": 180000, "explicit": True, "popularity": 50, "type": "track",
        "external_ids": {"isrc": "DEABC2300001"}, "available_markets": ["DE"] * 180, **more,
    }  # fmt: skip


def read(folder, data: bytes | str, name: str = "x"):
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    member = open_export(path).members[0]
    catalogue = catalogue_of(member)
    rows = list(catalogue.read(member))
    assert list(catalogue.read(member)) == rows
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    return catalogue.name, rows


def test_a_table_with_everything_gives_it(tmp_path):
    name, rows = read(tmp_path, KAGGLE)
    assert name == "catalogue-table"
    assert rows[0] == ANKER
    assert rows[1].track == NamedTrack(title="Kai", artists=("Nadja Vogel",))
    assert (rows[1].explicit, rows[1].year, rows[1].features) == (True, None, {})
    assert rows[2] == RowProblem(3, "danceability must lie in 0..1, got '1.5'")


def test_parquet_gives_the_same_rows(tmp_path):
    (tmp_path / "x.csv").write_text(KAGGLE, "utf-8")
    frame = pl.read_csv(tmp_path / "x.csv", infer_schema_length=0)
    frame = frame.with_columns(pl.col("danceability", "tempo").cast(pl.Float64))
    frame.write_parquet(tmp_path / "x.parquet")
    _, rows = read(tmp_path, (tmp_path / "x.parquet").read_bytes(), "y.parquet")
    assert rows[0] == ANKER
    assert isinstance(rows[2], RowProblem)


def test_columns_are_shown_and_may_be_given(tmp_path):
    header = ["Song", "Singer", "tempo", "bpm"]
    assert guess_columns(header) == {"title": "Song", "artist": "Singer", "tempo": "tempo"}
    path = tmp_path / "x.csv"
    path.write_text("Song,Singer,tempo,bpm\nA,B,x,99\n")
    member = open_export(path).members[0]
    (row,) = mapped({"title": "Song", "artist": "Singer", "tempo": "bpm"}).read(member)
    assert (row.track.artists, row.features) == (("B",), {"tempo": 99.0})
    for columns, words in (({"colour": "bpm"}, "no field 'colour'"), ({"title": "x"}, "no column"),
                           ({"artist": "Singer"}, "must name the track")):  # fmt: skip
        with pytest.raises(InvalidInputError, match=words):
            list(mapped(columns).read(member))


SHAPES = {
    "list": [track(), track("Kai")],
    "page": {"href": "x", "items": [{"added_at": "x", "track": track()}, {"track": track("Kai")}]},
    "tracks": {"tracks": [track(), track("Kai")]},
    "search": {"tracks": {"href": "x", "items": [track(), track("Kai")]}},
    "pages": [{"items": [{"track": track()}]}, {"items": [{"track": track("Kai")}]}],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_spotify_track_objects_are_read_from_every_list_they_come_in(tmp_path, shape, indent):
    name, rows = read(tmp_path, json.dumps(SHAPES[shape], indent=indent))
    assert name == "spotify-tracks"
    assert [row.track.title for row in rows] == ["Anker", "Kai"]
    assert rows[0] == CatalogueRow(
        row=1,
        track=NamedTrack(title="Anker", artists=("Nadja Vogel", "Lars"), album="Fähren",
                         duration_s=180.0, isrc="DEABC2300001", spotify_id=SPOTIFY),
        external_id=SPOTIFY, year=2019, popularity=0.5, explicit=True,
    )  # fmt: skip


def test_several_answers_in_one_file_and_one_object_a_line_are_read(tmp_path):
    page = json.dumps(SHAPES["page"])
    assert len(read(tmp_path, page + "\n" + page)[1]) == 4
    lines = "\n".join(json.dumps(track(title)) for title in ("Anker", "Kai", "Steg"))
    assert [row.track.title for row in read(tmp_path, lines)[1]] == ["Anker", "Kai", "Steg"]


def test_a_playlist_names_its_tracks_and_removed_ones_are_problems(tmp_path):
    playlist = {"collaborative": False, "name": "Am Meer", "type": "playlist",
                "tracks": {"items": [{"track": track()}, {"track": None},
                                     {"track": track(type="episode")}]}}  # fmt: skip
    rows = read(tmp_path, json.dumps(playlist))[1]
    assert rows[0].playlists == ("Am Meer",)
    assert rows[1] == RowProblem(2, "the entry holds no track any more")
    assert "episode" in rows[2].reason


def test_audio_features_are_read_alone(tmp_path):
    features = [{"id": SPOTIFY, "danceability": 0.5, "tempo": 99, "type": "audio_features"}, None]
    rows = read(tmp_path, json.dumps({"audio_features": features}))[1]
    assert rows[0].features == {"danceability": 0.5, "tempo": 99.0}
    assert rows[0].track.spotify_id == SPOTIFY
    assert isinstance(rows[1], RowProblem)


FMA_TRACKS = (
    ",album,album,artist,track,track,track,track\n"
    ",title,date_released,name,title,genre_top,tags,duration\n"
    "track_id,,,,,,,\n"
    "2,AWOL,2009-01-05 00:00:00,AWOL,Food,Hip-Hop,\"['a', 'b']\",168\n"
    "x,AWOL,,AWOL,Food,,[],1\n"
    "5,AWOL\n"
    "10,Constant,2008-01-01 00:00:00,Kurt Vile,Freeway,Pop,[],161\n"
)
FMA_FEATURES = (
    "feature,mfcc,mfcc,tonnetz\nstatistics,mean,mean,kurtosis\nnumber,01,02,01\ntrack_id,,,\n"
    "2,-163.77,116.6,2.1\n3,x,1,1\n"
)
ECHONEST = (
    ",echonest,echonest,echonest\n,audio_features,audio_features,metadata\n"
    ",danceability,tempo,artist_name\ntrack_id,,,\n2,0.67,165.9,AWOL\n3,1.67,165.9,AWOL\n"
)


def test_fma_tables_with_headers_of_several_rows_are_read(tmp_path):
    name, rows = read(tmp_path, FMA_TRACKS)
    assert name == "fma-tracks"
    assert rows[0] == CatalogueRow(
        row=1,
        track=NamedTrack(title="Food", artists=("AWOL",), album="AWOL", duration_s=168.0),
        external_id="fma:2", year=2009, genres=("Hip-Hop",), tags=("a", "b"),
    )  # fmt: skip
    assert [type(row) for row in rows[1:3]] == [RowProblem, RowProblem]
    assert rows[3].external_id == "fma:10"


def test_fma_features_come_by_their_joined_names(tmp_path):
    name, rows = read(tmp_path, FMA_FEATURES)
    assert name == "fma-features"
    assert rows[0].features == {"mfcc.mean.01": -163.77, "mfcc.mean.02": 116.6,
                                "tonnetz.kurtosis.01": 2.1}  # fmt: skip
    assert rows[0].external_id == "fma:2"
    assert isinstance(rows[1], RowProblem)
    _, rows = read(tmp_path, ECHONEST)
    assert rows[0].features == {"danceability": 0.67, "tempo": 165.9}
    assert rows[1] == RowProblem(2, "danceability must lie in 0..1, got '1.67'")


WHOLE = {"table": KAGGLE, "spotify": json.dumps(SHAPES["page"]), "fma": FMA_TRACKS,
         "features": FMA_FEATURES}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_damage_is_refused_or_costs_its_row(tmp_path, name):
    whole = WHOLE[name].encode()
    rng = random.Random(3)
    damaged = [whole[:cut] for cut in range(0, len(whole), 37)]
    damaged += [whole + rng.randbytes(5_000), rng.randbytes(5_000), b"", whole.replace(b"A", b"\0")]
    damaged += [whole.replace(b"Nadja", b"N" * 200_000, 1), whole.decode().encode("utf-16")]
    for content in damaged:
        try:
            _, rows = read(tmp_path, content)
        except InvalidInputError:
            continue
        assert all(isinstance(row, CatalogueRow | RowProblem) for row in rows)
        assert all("\x00" not in str(row) for row in rows)


def test_what_is_no_catalogue_is_refused_with_what_is_one(tmp_path):
    with pytest.raises(InvalidInputError, match=r"x is no catalogue; .*FMA tracks\.csv"):
        read(tmp_path, "hello\n")
    assert len({catalogue.name for catalogue in CATALOGUES}) == len(CATALOGUES)


def test_the_whole_table_of_spotify_songs_is_read(shared_data):
    member = open_export(shared_data / "spotify-songs" / "spotify_songs.csv").members[0]
    rows = list(catalogue_of(member).read(member))
    sound = [row for row in rows if isinstance(row, CatalogueRow)]
    frame = pl.read_csv(member.path, infer_schema_length=0)
    assert len(rows) == frame.height == 32_833
    nameless = frame["track_name"].null_count()
    assert len(sound) >= len(rows) - nameless
    assert len({row.track.spotify_id for row in sound}) == frame["track_id"].n_unique()
    assert len({name for row in sound for name in row.playlists}) >= 400
    assert all(len(row.features) == 11 for row in sound)
    tempo = frame["tempo"].cast(pl.Float64).mean()
    assert sum(row.features["tempo"] for row in sound) / len(sound) == pytest.approx(tempo)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mongo_server(tmp_path_factory.mktemp("mongo")) as url:
        yield url


def test_a_collection_is_read_and_features_are_written_back(server):
    import pymongo

    with mongo.MongoTracks(server, "music", "tracks") as tracks, pymongo.MongoClient(server) as own:
        own["music"]["tracks"].insert_many(
            [
                {"_id": "a", **track()},
                {"_id": "b", "title": "Kai", "artist": "Nadja Vogel", "year": 1999, "genre": "folk",
                 "audio_features": {"tempo": 99}, "emotion": "joy"},
                {"_id": "c", "title": 3, "tempo": -5},
            ]
        )  # fmt: skip
        rows = list(tracks.rows())
        assert rows[0].external_id == "a"
        assert rows[0].track.isrc == "DEABC2300001"
        assert rows[1] == CatalogueRow(
            row=2, track=NamedTrack(title="Kai", artists=("Nadja Vogel",)), external_id="b",
            year=1999, genres=("folk",), emotion="joy", features={"tempo": 99.0},
        )  # fmt: skip
        assert isinstance(rows[2], RowProblem)
        wanted = [("a", {"energy": 0.5}), ("b", {"energy": 0.25, "x": 1}), ("none", {"energy": 1})]
        assert tracks.write_features(wanted) == 2
        found = {document["_id"]: document for document in own["music"]["tracks"].find()}
        assert set(found) == {"a", "b", "c"}
        assert found["b"]["segue"] == {"features": {"energy": 0.25, "x": 1.0}}
        assert found["b"]["title"] == "Kai"
        assert list(tracks.rows()) == rows, "what was written is not read as the owner's"


def test_ids_of_every_kind_are_found_again(server):
    import pymongo
    from bson import ObjectId

    with mongo.MongoTracks(server, "music", "ids") as tracks, pymongo.MongoClient(server) as own:
        ids = [ObjectId(), 17, "int:x", "plain"]
        own["music"]["ids"].insert_many([{"_id": one, "title": "A"} for one in ids])
        rows = [row.external_id for row in tracks.rows()]
        assert len(rows) == 4
        assert tracks.write_features([(one, {"a": 1.0}) for one in rows]) == 4


def test_a_server_that_is_not_there_is_refused_without_its_password(monkeypatch):
    monkeypatch.setattr(mongo, "TIMEOUT_MS", 50)
    for url in ("mongodb://user:secret@127.0.0.1:1", "nonsense://secret"):
        with pytest.raises(InvalidInputError) as refusal:
            mongo.MongoTracks(url, "music")
        assert "secret" not in str(refusal.value)
