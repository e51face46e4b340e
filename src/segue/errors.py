"""The whole error tree; every class has one stable code that API clients may rely on.

```
SegueError                  segue_error         anything below
├── ConfigurationError      configuration       a setting is unknown, missing or out of range
├── InvalidInputError       invalid_input       what the caller gave cannot be used
│   └── InvalidDataError    invalid_data        arrays or rows break a documented rule
├── NotFoundError           not_found           no such thing, or not yours: the two look alike
├── ConflictError           conflict            it exists already, or changed meanwhile
├── NotSignedInError        not_signed_in       the route needs an account
├── ForbiddenError          forbidden           the account may not do this
├── ThrottledError          throttled           too many tries; says when to come back
├── NotFittedError          not_fitted          a model was asked before ``fit`` or ``load``
├── ArtifactError           artifact            a published file is missing or damaged
├── StoreError              store               the database refused, or is not one of ours
├── MediaError              media               an audio or picture file cannot be read
├── MissingExtraError       missing_extra       an optional package is not installed
├── FetchError              fetch               another service refuses or cannot be reached
└── JobCancelledError       job_cancelled       a listener or administrator stopped the job
```

"Nothing found" in a search is an empty list, never an error.
"""

from typing import ClassVar


class SegueError(Exception):
    """Base of every error that Segue raises on purpose; ``code`` is stable across releases."""

    code: ClassVar[str] = "segue_error"


class ConfigurationError(SegueError):
    """A setting is unknown, missing or out of range."""

    code = "configuration"


class InvalidInputError(SegueError):
    """The caller gave something that cannot be used; the message says what is allowed."""

    code = "invalid_input"


class InvalidDataError(InvalidInputError):
    """Arrays or rows break a documented rule (shape, dtype, range, finiteness)."""

    code = "invalid_data"


class NotFoundError(SegueError):
    """No such thing, or it belongs to somebody else: the two are not told apart."""

    code = "not_found"


class ConflictError(SegueError):
    """The thing exists already, or it changed in the meantime."""

    code = "conflict"


class NotSignedInError(SegueError):
    """The route needs an account and the request carries none that is valid."""

    code = "not_signed_in"


class ForbiddenError(SegueError):
    """The account is known but may not do this."""

    code = "forbidden"


class ThrottledError(SegueError):
    """Too many tries; ``retry_after_s`` says when the next one is looked at."""

    code = "throttled"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotFittedError(SegueError):
    """A model was asked before ``fit`` or ``load``."""

    code = "not_fitted"


class ArtifactError(SegueError):
    """A published file is missing, damaged or was written by another version."""

    code = "artifact"


class StoreError(SegueError):
    """The database refused, or is not one that Segue may touch."""

    code = "store"


class MediaError(SegueError):
    """An audio or picture file cannot be read; the message says why."""

    code = "media"


class MissingExtraError(SegueError):
    """An optional package is not installed; the message says how to install it."""

    code = "missing_extra"


class FetchError(SegueError):
    """Another service refuses or cannot be reached; what was fetched before stays."""

    code = "fetch"


class JobCancelledError(SegueError):
    """A listener or administrator stopped the job."""

    code = "job_cancelled"
