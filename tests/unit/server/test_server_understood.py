"""What was understood of one's own words, and whether it counts now."""

import re

from support.app import browser


def words_in(text, label):
    found = re.search(rf"<dt>{label}</dt><dd>(.*?)</dd>", text, re.DOTALL)
    return re.findall(r'<b dir="auto">([^<]+)</b>', found[1]) if found else []


def test_moods_genres_years_and_what_was_not_understood_are_told(trained):
    with browser(trained, "ada") as client:
        assert client.get("/parts/understood").text.strip() == ""
        said = {"emotions": ["calm", "wobbly"], "tags": ["Dub", "no metal", "zorbing"],
                "bio": "mostly things from the nineties"}  # fmt: skip
        assert client.put("/v1/me/profile", json=said).status_code == 200
        text = client.get("/parts/understood").text
        assert words_in(text, "Moods") == ["calm"]
        assert "dub" in words_in(text, "Genres")
        assert words_in(text, "Years") == ["1990 to 1999"]
        assert "heavy metal" in words_in(text, "Left out")
        assert words_in(text, "Not understood") == ["wobbly", "zorbing"]
        assert "Your lists begin with this" in text


def test_after_the_first_love_it_says_that_it_does_not_count_now(trained):
    with browser(trained, "ada") as client:
        client.put("/v1/me/profile", json={"emotions": ["calm"]})
        trained.tell("ada", "love", "Song 0-0")
        text = client.get("/parts/understood").text
        assert "do not need it now" in text
        assert words_in(text, "Moods") == ["calm"]


def test_words_that_say_nothing_are_met_with_what_would(trained):
    with browser(trained, "ada") as client:
        client.put("/v1/me/profile", json={"tags": ["zorbing"]})
        assert "Moods, genres and years are understood" in client.get("/parts/understood").text
