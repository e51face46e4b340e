"""Accounts made by an administrator."""

import pytest

from support.app import PASSWORD, browser


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        yield client


def test_somebody_can_sign_in_whose_account_was_made(house, admin):
    body = {"name": "cleo", "password": PASSWORD}
    made = admin.post("/v1/users", json=body)
    assert (made.status_code, made.json()["role"]) == (201, "listener")
    assert admin.post("/v1/session", json=body).status_code == 201
    assert admin.post("/v1/users", json=body).status_code == 409
    boss = admin.post("/v1/users", json={"name": "dee", "password": PASSWORD, "role": "admin"})
    assert boss.json()["role"] == "admin"


@pytest.mark.parametrize(
    "body", [{}, {"name": "x"}, {"name": "x", "password": "short"},
             {"name": "x", "password": PASSWORD, "role": "owner"}],
)  # fmt: skip
def test_what_breaks_the_rules_is_refused(admin, body):
    assert admin.post("/v1/users", json=body).status_code == 400
