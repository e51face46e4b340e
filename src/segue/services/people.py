"""Accounts as those who look after the server see and change them."""

from segue.errors import ConflictError, NotFoundError
from segue.services.accounts import AccountService, Caller
from segue.services.deletion import DeletionService
from segue.store.accounts import Role
from segue.store.catalog_records import Page
from segue.store.people import People, Person


class PeopleService:
    """Lists accounts, and changes those of others.

    Args:
        people: Rows.
        accounts: Roles, closing, and the password that is said again.
        deletion: Removes an account with everything about it.
    """

    def __init__(self, people: People, accounts: AccountService, deletion: DeletionService) -> None:
        self._people = people
        self._accounts = accounts
        self._deletion = deletion

    def page(self, words: str = "", cursor: str | None = None, limit: int = 50) -> Page[Person]:
        """Accounts by name, those with the words in it."""
        return self._people.page(words, cursor, limit)

    def get(self, account_id: str) -> Person:
        """One account.

        Raises:
            NotFoundError: No such account.
        """
        found = self._people.get(account_id)
        if found is None:
            raise NotFoundError(f"there is no account {account_id!r}")
        return found

    def close(self, caller: Caller, account_id: str, *, closed: bool) -> None:
        """Close an account of somebody else, ending its sessions, or open it again.

        Raises:
            ConflictError: It is the caller's own, or the last admin's.
        """
        _refuse_own(caller, account_id)
        self._accounts.disable(account_id, disabled=closed)

    def set_role(self, caller: Caller, account_id: str, role: Role) -> None:
        """Make somebody else an administrator or a listener.

        Raises:
            ConflictError: It is the caller's own.
        """
        _refuse_own(caller, account_id)
        self._accounts.set_role(account_id, role)

    def remove(self, caller: Caller, account_id: str, password: str, address: str) -> None:
        """Delete an account of somebody else with everything about it; models follow in a job.

        Args:
            caller: The administrator.
            account_id: Whose account.
            password: The caller's own, said again.
            address: Where the request comes from.

        Raises:
            ForbiddenError: It is not the caller's password.
            ThrottledError: Too many tries.
            NotFoundError: No such account.
            ConflictError: It is the caller's own.
        """
        _refuse_own(caller, account_id)
        self.get(account_id)
        self._accounts.confirm(caller, password, address)
        self._deletion.delete(account_id)


def _refuse_own(caller: Caller, account_id: str) -> None:
    if caller.id == account_id:
        raise ConflictError("this is your own account; another administrator can change it")
