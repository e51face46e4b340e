import pytest

from support.app import PASSWORD


@pytest.fixture
def admin(as_json):
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")


def test_a_link_is_made_listed_and_taken_back(segue, as_json, admin):
    made = as_json("invite", "make", "--note", "cleo", "--url", "https://music.example/")
    assert made["url"] == f"https://music.example/join?token={made['token']}"
    (listed,) = as_json("invite", "list")
    assert (listed["id"], listed["state"], listed["note"]) == (made["id"], "open", "cleo")
    as_json("invite", "end", made["id"])
    assert as_json("invite", "list")[0]["state"] == "revoked"
    code, out, _ = segue("invite", "list")
    assert code == 0
    assert "revoked" in out
    assert made["token"] not in out


def test_for_a_person_the_link_stands_on_a_line_of_its_own(segue, admin):
    code, out, _ = segue("invite", "make", "--admin")
    assert code == 0
    assert out.splitlines()[1].strip().startswith("http://127.0.0.1:8000/join?token=")


def test_what_cannot_be_is_said_in_words(segue, as_json):
    code, _, err = segue("invite", "make")
    assert (code, "no administrator" in err) == (1, True)
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    code, _, err = segue("invite", "make", "--days", "99")
    assert (code, "1 to 30 days" in err) == (1, True)
    code, _, err = segue("invite", "end", "nothing")
    assert (code, "no invitation" in err) == (1, True)
