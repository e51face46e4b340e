import pytest


@pytest.fixture
def ada(house):
    """A client that is signed in as the listener ada."""
    from support.app import browser

    with browser(house, "ada") as client:
        yield client


@pytest.fixture(scope="session")
def shared_clients(house_template, tmp_path_factory):
    """Clients of one application for tests that change nothing: ada's, and one not signed in."""
    from support.app import browser, open_house

    house = open_house(house_template, tmp_path_factory.mktemp("shared"))
    with browser(house, "ada", own=True) as ada, browser(house, own=True) as nobody:
        yield ada, nobody


@pytest.fixture
def nobody(house):
    """A client that is not signed in."""
    from support.app import browser

    with browser(house) as client:
        yield client
