"""The page of the design system, and what every page brings for it."""

from segue.server.web.design import icon_names
from segue.server.web.rendering import stylesheets


def test_the_page_shows_every_icon_and_every_kind_of_control(shared_clients):
    ada, _ = shared_clients
    text = ada.get("/design", headers={"accept": "text/html"}).text
    for name in icon_names():
        assert f"#{name}" in text
    for sign in ('class="choices"', 'role="switch"', "<select", "<textarea", 'class="range"',
                 'class="tabs"', 'class="chips"', 'class="card"', 'class="plot"', "<progress",
                 'class="table"', 'class="empty"', 'class="steps"', 'class="menu'):  # fmt: skip
        assert sign in text


def test_only_those_who_are_signed_in_see_it(shared_clients):
    _, nobody = shared_clients
    answer = nobody.get("/design", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?next=%2Fdesign"


def test_a_page_brings_every_style_sheet(shared_clients):
    ada, _ = shared_clients
    text = ada.get("/design", headers={"accept": "text/html"}).text
    for sheet in stylesheets():
        assert f"/css/{sheet}.css" in text
