"""What a listener said of themselves elsewhere: it fills what is empty here, and never more."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from segue.data.imported import SaidOfSelf
from segue.services.own_words import Filled, OwnWordsService
from segue.services.zones import Zones
from segue.store.accounts import Accounts

KEPT: Mapping[str, str] = MappingProxyType({
    "language": "you have chosen another language here; that stays",
    "time_zone": "your time zone is another one here; that stays",
    "emotions": "you have said other feelings here; those stay",
    "tags": "you have said other tags here; those stay",
    "bio": "you have written something else about yourself here; that stays",
    "age": "you have said another age here; that stays",
})  # fmt: skip


class SelfSaid:
    """Takes profiles in.

    Args:
        accounts: Keeps the language.
        zones: Keep the time zone.
        own_words: Keeps the rest.
    """

    def __init__(self, accounts: Accounts, zones: Zones, own_words: OwnWordsService) -> None:
        self._accounts = accounts
        self._zones = zones
        self._own_words = own_words

    def fill(self, listener_id: str, row: SaidOfSelf) -> Filled:
        """Take one thing in: "stored", "repeated" where it is said already, "kept" where other
        words are.

        Raises:
            InvalidInputError: It cannot be kept, such as a zone that there is not.
        """
        match row.what:
            case "language" | "time_zone" as what:
                return self._fill_account(listener_id, what, str(row.value))
            case what:
                return self._own_words.fill(listener_id, what, row.value, row.said_at)

    def _fill_account(
        self, listener_id: str, what: Literal["language", "time_zone"], value: str
    ) -> Filled:
        account = self._accounts.get(listener_id)
        have = getattr(account, what, "")
        if have:
            return "repeated" if have == value else "kept"
        if what == "language":
            self._accounts.set_language(listener_id, value)
        else:
            self._zones.keep(listener_id, value)
        return "stored"
