import re

import numpy as np
import pytest
from sqlalchemy import event as sql_event

from segue.data.items import RankedList
from segue.data.records import FileStat, NeverPlayScope, TrackTags
from segue.data.vocabulary import Vocabulary
from segue.store.accounts import Accounts, NewAccount
from segue.store.batches import encode_cursor
from segue.store.blends import Blends
from segue.store.catalog_records import TrackEntry
from segue.store.consents import Consent, Consents
from segue.store.invitations import Invitations
from segue.store.jobs import JobTable
from segue.store.kept_lists import KeptLists
from segue.store.library_health import MISSING, LibraryHealth
from segue.store.models import ModelVersions
from segue.store.online import Online
from segue.store.people import People
from segue.store.playlists import Playlists
from segue.store.radio_sessions import MAX_KEPT, RadioSessions

HASH, OTHER = "ab" * 32, "cd" * 32

# Plans that may walk a whole table, by a part of the statement, each with its reason.
ALLOWED = (
    (r"FROM tracks *WHERE tracks.is_visible = 1 ORDER BY tracks.id$", "the training export"),
    (r"^SELECT (artists|albums|genres|tags)\.id, \1\.(name|title) FROM \1$", "the training export"),
    (r"^SELECT track_\w+\.track_id, track_\w+\.\w+_id FROM track_\w+( ORDER BY .*)?$", "the training export"),  # noqa: E501
    (r"FROM events WHERE NOT \(EXISTS .*ORDER BY events.id$", "the training export"),
    (r"^SELECT count\(\*\).* FROM (tracks|artists|albums|genres|files) WHERE", "totals of the catalogue, for the health page"),  # noqa: E501
    (r"FROM genres WHERE genres.n_tracks > \? ORDER", "every genre is the answer"),
    (r"FROM accounts ORDER BY accounts.name_key", "every account is the answer, for admins"),
    (r"FROM accounts WHERE EXISTS", "every listener is the answer, for training"),
    (r"FROM model_versions ORDER BY", "limited, newest first"),
    (r"FROM jobs ORDER BY", "limited, newest first"),
    (r"DELETE FROM setup_tokens", "one row"),
    (r"search_fts|spelling_fts", "FTS virtual tables always show as a scan"),
    # walks an index in the order of the answer and stops at the limit
    (r"(sort_title|sort_name|added_at)( DESC)?, \w+\.id( DESC)? LIMIT", "a page by key set"),
    (r"FROM files WHERE files.id > \? AND files.problem IS NOT NULL", "a partial index"),
    (r"FROM files LEFT OUTER JOIN tracks .*ORDER BY files.id LIMIT", "a partial index"),
    (r"^SELECT DISTINCT tracks.recording_key FROM tracks", "a partial index that covers it, limited"),  # noqa: E501
    (r"FROM invitations (WHERE .*expires_at > \?$|ORDER BY)", "a handful of links, made by hand"),
    (r"FROM tracks WHERE tracks.is_visible IS 0$", "a partial index: only the hidden are walked"),
)  # fmt: skip


@pytest.fixture
def statements(db):
    caught = {}

    def note(_connection, _cursor, statement, parameters, _context, is_many):
        if statement.lstrip()[:6].upper() in ("SELECT", "UPDATE", "DELETE"):
            caught.setdefault(" ".join(statement.split()), parameters[0] if is_many else parameters)

    for engine in (db._readers, db._writer._engine):
        sql_event.listen(engine, "before_cursor_execute", note)
    return caught


def use_everything(db, catalog, scan, entry, accounts, history, event, listener, song_ids):
    a, _b = scan(
        entry("/m/a", genres=("Rock",), tags=("x",), cover_path="/m/c"), entry("/m/b")
    ).added_track_ids
    scan(
        entry("/m/a", "New"), entry("/m/x", problem="bad"), moved=[("/m/b", FileStat("/m/n", 1, 1))]
    )
    scan(gone=["/m/n"])
    scan(entry("/m/o", fingerprint="/m/b"))
    catalog.add_tracks([TrackEntry(tags=TrackTags(title="T", recording_mbid="m"), id="own")], 1.0)
    catalog.add_tracks([TrackEntry(tags=TrackTags(title="T"), id="own")], 1.0)
    track = catalog.track(a)
    artist_id = track.artists[0].id
    for call in (
        catalog.counts,
        catalog.version,
        catalog.hidden_track_ids,
        catalog.problems,
        catalog.genres,
        catalog.track_table,
    ):
        call()
    for options in (
        {},
        {"order": "newest"},
        {"genre": "rock"},
        {"artist_id": artist_id},
        {"year": 1},
    ):
        for pages in (catalog.tracks_page, catalog.albums_page):
            pages(**options)
            if options.get("order") != "newest":
                pages(cursor=pages(limit=1).next_cursor, **options)
    catalog.tracks_page(
        order="newest", cursor=catalog.tracks_page(order="newest", limit=1).next_cursor
    )
    for options in ({}, {"order": "newest"}, {"genre": "rock"}, {"year": 1}):
        catalog.tracks_window(1, **options)
    catalog.n_tracks(genre="rock")
    catalog.artists_page(genre="rock", cursor=catalog.artists_page(limit=1).next_cursor)
    for call, argument in ((catalog.file_states, "/m"), (catalog.playable, [a]), (catalog.album, track.album_id),  # noqa: E501
                           (catalog.artist, artist_id), (catalog.file_of_track, a), (catalog.search, "rods"),  # noqa: E501
                           (catalog.cover_source, a)):  # fmt: skip
        call(argument)
    catalog.tracks_with("mbid", "m")
    ids = [x.id for x in history.append([event(), event("love"), event("rate", value=3.0)])]
    history.append([event(track_id="nope")])
    history.retract(listener, ids[1], 1.0)
    history.page(listener, before_id=9)
    for call in (history.events_of, history.page, history.mark, history.recently_played, history.most_played,  # noqa: E501
                 history.loved):  # fmt: skip
        call(listener)
    history.listener_ids_with_events()
    history.feedback_of(listener, song_ids)
    history.event_columns(Vocabulary([listener]), Vocabulary(song_ids), np.ones(6, np.float32))
    history.never_play(listener, NeverPlayScope.TRACK, a, 1.0)
    history.never_played_targets(listener, 1.0)
    history.allow_again(listener, NeverPlayScope.TRACK, a)
    use_people(db, accounts, listener, song_ids)


def use_people(db, accounts, listener, song_ids):
    accounts.add_setup_token(HASH, 1.0, 9.0)
    accounts.claim_setup(HASH, NewAccount(name="Root", password_hash=None), 2.0)
    session = accounts.create_session(listener, HASH, 1.0, 1e6)
    accounts.find_session(HASH, 99.0, 1e6)
    accounts.sessions_of(listener)
    accounts.delete_session(listener, session.id)
    accounts.delete_sessions_of(listener, "x")
    accounts.delete_expired_sessions(1.0, 1.0)
    accounts.record_login_failure("k", 1.0)
    accounts.count_login_failures("k", 0.0)
    accounts.clear_login_failures("k")
    accounts.rename(listener, "Bo")
    accounts.set_role(listener, "listener")
    accounts.set_password_hash(listener, "h")
    accounts.list(), accounts.by_name("Bo"), accounts.get(listener), accounts.needs_setup()
    playlists = Playlists(db)
    made = playlists.create(listener, "P", 1.0)
    items = playlists.add(listener, made.id, song_ids, 1.0)
    playlists.reorder(listener, made.id, items[::-1], 1.0)
    playlists.remove(listener, made.id, items[:1], 1.0)
    playlists.rename(listener, made.id, "Q", 1.0)
    playlists.list_for(listener), playlists.get(listener, made.id)
    playlists.delete(listener, made.id)
    jobs = JobTable(db)
    for _ in range(2):
        job = jobs.create("x", {}, 1.0)
        jobs.claim(job.id, "w", 1.0, 5.0)
        jobs.progress(job.id, 1, 2, "", "", 1.0, "w")
    jobs.fail(job.id, "x", 1.0, retry=False)
    jobs.stale(99.0)
    jobs.list(), jobs.list(state="queued"), jobs.request_cancel(job.id, 1.0)
    use_lists(db, listener)
    models = ModelVersions(db)
    models.register("v", {}, {}, 1.0)
    models.set_state("v", "published")
    models.current(), models.list()
    use_what_administrators_do(db, listener)
    accounts.disable(listener)
    accounts.delete(listener)
    db.write(lambda _: None)


def use_what_administrators_do(db, listener):
    health, people, links = LibraryHealth(db), People(db), Invitations(db)
    health.counts("sound", 1)
    for pages in (health.refused, health.gone, health.copies):
        pages(), pages(encode_cursor(1 if pages != health.copies else "x", "x"))
    health.unheard("sound", 1), health.unheard("sound", 1, encode_cursor("", "x"))
    for what in MISSING:
        health.lacking(what), health.lacking(what, encode_cursor("x", "x"))
    people.get(listener), people.names({listener})
    JobTable(db).page(("done", "failed"), encode_cursor(9.0, "x"))
    Online(db).by_list(0.0, ("import",)), Online(db).by_version(0.0, ("for_you",))
    link = links.create("ef" * 32, listener, 1.0, 9.0, for_id=listener)
    links.page(), links.page(encode_cursor(9.0, "x")), links.find("ef" * 32)
    links.new_password("ef" * 32, "h", 2.0)
    links.revoke(link.id, 3.0)


def use_lists(db, listener):
    consents, kept, blends, radios = Consents(db), KeptLists(db), Blends(db), RadioSessions(db)
    consents.give(listener, Consent.LIKE_MINDED, 1.0)
    consents.of(listener), consents.who_gave(Consent.LIKE_MINDED)
    consents.take_back(listener, Consent.LIKE_MINDED)
    kept.keep(listener, "discover", "2026-W02", [RankedList("discover", (), ())], 1.0, "2026-W01")
    kept.get(listener, "discover", "2026-W02")
    kept.track_ids(listener, "discover", "2026-W01", "2026-W03")
    other = Accounts(db).create(NewAccount(name="Eve", password_hash=None), 1.0).id
    blend = blends.create(listener, "Us", [other], 1.0)
    blends.get(other, blend.id), blends.list_for(other), blends.accept(other, blend.id, 2.0)
    blends.leave(other, blend.id), blends.leave(listener, blend.id)
    for _ in range(MAX_KEPT + 1):
        session = radios.create(listener, "{}", 1.0)
    radios.get(listener, session), radios.change(listener, session, "{}", 2.0)
    radios.delete(listener, session)


def test_no_query_walks_a_whole_table_without_a_stated_reason(
    statements, db, catalog, scan, entry, accounts, history, event, listener, song_ids
):
    use_everything(db, catalog, scan, entry, accounts, history, event, listener, song_ids)
    assert len(statements) > 100
    guilty = []
    with db.read() as connection:
        for statement, parameters in statements.items():
            if any(re.search(pattern, statement) for pattern, _ in ALLOWED):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            guilty += [
                f"{row[3]}: {statement}"
                for row in plan
                if re.match(r"SCAN (?!\(|CONSTANT|anon_|json_each)", row[3])  # no tables
            ]
    assert not guilty, "\n\n".join(guilty)


def test_a_scan_would_be_seen(db):
    with db.read() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM tracks WHERE title = 'x'"
        )
        assert plan.first()[3].startswith("SCAN tracks")
