"""Synthetic people and what they do, written as files or loaded into a running server."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct, structs

from segue.data.dataset import TrackTable
from segue.data.records import Event
from segue.fetch.segue_server import SegueServer
from segue.services.library import Progress
from segue.synthetic.people import COLUMNS, Person, account_name, password, row_of

Doings = Iterable[tuple[int, list[Event]]]  # number and events of each listener


class Loaded(Struct, frozen=True, kw_only=True):
    """What a server made of them."""

    listeners: int
    made: int = 0  # accounts that were not there
    stored: int = 0
    repeated: int = 0
    refused: int = 0


class Written(Struct, frozen=True, kw_only=True):
    """Files that were written."""

    to: str
    listeners: int
    events: int = 0


def write_people(people: Sequence[Person], to: Path) -> Written:
    """One CSV file with a row a person; lists are separated by semicolons."""
    with to.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(Person.__struct_fields__)
        for person in people:
            table.writerow([
                ";".join(value) if isinstance(value, tuple) else value
                for value in structs.astuple(person)
            ])  # fmt: skip
    return Written(to=str(to), listeners=len(people))


def write_doings(
    doings: Doings, tracks: TrackTable, seed: int, to: Path, progress: Progress
) -> Written:
    """One CSV file a listener, named like the account, in the form that `import history` reads."""
    to.mkdir(parents=True, exist_ok=True)
    n_events = n_listeners = 0
    for number, events in doings:
        path = to / f"{account_name(seed, number)}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            table.writerows(row_of(event, tracks) for event in events)
        n_listeners += 1
        n_events += len(events)
        progress.report(n_listeners, unit="listeners", message=f"Writing {path.name}")
    return Written(to=str(to), listeners=n_listeners, events=n_events)


def load_people(people: Sequence[Person], server: SegueServer, progress: Progress) -> Loaded:
    """Make their accounts, with what they say of themselves; those that are there stay."""
    n_made = 0
    for number, person in enumerate(people, 1):
        if server.add_user(person.name, person.password):
            n_made += 1
            token = server.sign_in(person.name, person.password)
            server.say(token, {"emotions": person.emotions, "tags": person.tags,
                               "bio": person.shown_name, "age": person.age})  # fmt: skip
            server.sign_out(token)
        progress.report(number, len(people), unit="accounts", message="Making accounts")
    return Loaded(listeners=len(people), made=n_made)


def load_doings(doings: Doings, seed: int, server: SegueServer, progress: Progress) -> Loaded:
    """Send the events of each as themselves; what was sent before is counted as repeated.

    Raises:
        FetchError: One of them has no account there; make them first.
    """
    counts = {"stored": 0, "repeated": 0, "refused": 0}
    n_listeners = 0
    for number, events in doings:
        token = server.sign_in(account_name(seed, number), password(seed, number))
        for name, value in server.send_events(token, events).items():
            counts[name] += value
        server.sign_out(token)
        n_listeners += 1
        progress.report(n_listeners, unit="listeners", message="Sending what they did")
    return Loaded(listeners=n_listeners, **counts)
