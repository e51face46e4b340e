import pytest

from segue.data.records import EventKind
from support.pipeline_library import event, fitted_sources, profile, table


@pytest.fixture(scope="session")
def library():
    return table()


@pytest.fixture(scope="session")
def sources(library):
    return fitted_sources(library)


@pytest.fixture
def taste(library):
    """Likes ambient (genre 0): loved 0, rated 3, finished 6 three times; left 9 long ago."""
    return profile(
        [
            event("t0", EventKind.LOVE, 3),
            event("t3", EventKind.RATE, 4, value=5.0),
            *(event("t6", days_ago=d) for d in (1, 2, 3)),
            event("t9", EventKind.LOVE, 200),
            event("t12", EventKind.DISLIKE, 5),
        ],
        library,
    )
