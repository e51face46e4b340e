import pytest


@pytest.fixture
def ada(house):
    """A client that is signed in as the listener ada."""
    from support.app import browser

    with browser(house, "ada") as client:
        yield client


@pytest.fixture
def nobody(house):
    """A client that is not signed in."""
    from support.app import browser

    with browser(house) as client:
        yield client
