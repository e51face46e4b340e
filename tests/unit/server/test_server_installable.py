"""The service worker and the manifest."""

import json
import re

import pytest

from segue.server.web.language import LANGUAGES
from segue.server.web.rendering import static_root, stylesheets


def test_the_worker_keeps_the_shell_and_nothing_of_a_listener(shared_clients):
    _, nobody = shared_clients
    answer = nobody.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    shell = json.loads(re.match(r"const SHELL = (.*);\n", answer.text)[1])
    assert {f"{static_root()}/css/{name}.css" for name in stylesheets()} <= set(shell["files"])
    for address in shell["files"]:
        assert address.startswith((f"{static_root()}/", "/words/"))
        assert nobody.get(address).status_code == 200


def test_the_page_for_offline_needs_no_account_and_no_script(shared_clients):
    _, nobody = shared_clients
    text = nobody.get("/offline", headers={"accept": "text/html"}).text
    assert "Segue cannot be reached" in text
    assert "main.js" not in text


def test_the_page_for_offline_is_kept_in_every_language(shared_clients):
    _, nobody = shared_clients
    script = nobody.get("/service-worker.js").text
    shell = json.loads(re.match(r"const SHELL = (.*);\n", script)[1])
    assert set(shell["offline"]) == set(LANGUAGES)
    for code, address in shell["offline"].items():
        answer = nobody.get(address, headers={"accept": "text/html", "accept-language": "en"})
        assert f'<html lang="{code}">' in answer.text
    assert "nicht zu erreichen" in nobody.get(shell["offline"]["de"]).text


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_manifest_names_icons_that_exist_and_its_language(shared_clients, code):
    _, nobody = shared_clients
    page = nobody.get("/sign-in", headers={"accept": "text/html", "accept-language": code}).text
    address = re.search(r'<link rel="manifest" href="([^"]+)"', page)[1]
    answer = nobody.get(address)
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == code
    assert ("Deine Musik" in manifest["description"]) == (code == "de")
    for icon in manifest["icons"]:
        assert nobody.get(icon["src"]).status_code == 200
    assert nobody.get("/manifest/de-0.webmanifest").status_code == 404
