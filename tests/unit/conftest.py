"""The whole application for the upper floors: a template is made once, each test gets a copy."""

import pytest


@pytest.fixture(scope="session")
def house_template(tmp_path_factory):
    from support.app import make_template

    folder = tmp_path_factory.mktemp("house")
    make_template(folder)
    return folder


@pytest.fixture(scope="session")
def trained_template(house_template, tmp_path_factory):
    """The same library with 24 listeners of two camps and a published model set."""
    from support.app import Watched, add_listeners_with_taste, open_house

    folder = tmp_path_factory.mktemp("trained")
    house = open_house(house_template, folder)
    add_listeners_with_taste(house)
    house.app.training.train(Watched())
    house.app.close()
    (folder / "music").symlink_to(house_template / "music")
    return folder


@pytest.fixture
def make_house(house_template, tmp_path):
    """Opens a house of its own, with settings."""
    from support.app import open_house

    opened = []

    def make(template=house_template, **settings):
        house = open_house(template, tmp_path / f"house{len(opened)}", **settings)
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.app.close()


@pytest.fixture
def house(make_house):
    return make_house()


@pytest.fixture
def trained(make_house, trained_template):
    return make_house(trained_template)
