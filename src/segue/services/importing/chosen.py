"""Who reads which file of an import: as recognised, or as its listener said."""

from collections.abc import Mapping, Sequence
from typing import cast

from segue.services.importing.request import ImportRequest
from segue.sources import navidrome, registry, table
from segue.sources.base import Format, Member, Recognised, Unread


def chosen_sources(
    members: Sequence[Member], request: ImportRequest
) -> tuple[list[Recognised], list[Unread]]:
    """Each file with its source, and files that nobody reads.

    Raises:
        InvalidInputError: No source has that name.
    """
    if request.columns:
        reader = table.mapped(cast("Mapping[table.Field, str]", request.columns))
        return _all_by(reader, members)
    if request.source:
        source = registry.source_named(request.source)
        return _all_by(_of_person(source, request.person).joined(members), members)
    found, unread = registry.recognised(members)
    named = [
        Recognised(one.member, _of_person(one.source, request.person))
        if isinstance(one.source, Format) else one
        for one in found
    ]  # fmt: skip
    return named, unread


def _all_by(source: Format, members: Sequence[Member]) -> tuple[list[Recognised], list[Unread]]:
    found = [Recognised(member, source) for member in members if source.recognises(member)]
    read = {one.member.name for one in found}
    reason = f"is not of the form “{source.title}”"
    return found, [Unread(member.name, reason) for member in members if member.name not in read]


def _of_person(source: Format, person: str) -> Format:
    if not person or source.name != navidrome.NAVIDROME.name:
        return source
    return navidrome.of_user(person)
