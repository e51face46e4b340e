"""The service worker and the manifest."""

import json
import re

from segue.server.web.rendering import static_root, stylesheets


def test_the_worker_keeps_the_shell_and_nothing_of_a_listener(shared_clients):
    _, nobody = shared_clients
    answer = nobody.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    shell = json.loads(re.match(r"const SHELL = (.*);\n", answer.text)[1])
    assert {f"{static_root()}/css/{name}.css" for name in stylesheets()} <= set(shell["files"])
    for address in shell["files"]:
        assert address.startswith(f"{static_root()}/")
        assert nobody.get(address).status_code == 200


def test_the_page_for_offline_needs_no_account_and_no_script(shared_clients):
    _, nobody = shared_clients
    text = nobody.get("/offline", headers={"accept": "text/html"}).text
    assert "Segue cannot be reached" in text
    assert "main.js" not in text


def test_the_manifest_names_icons_that_exist(shared_clients):
    _, nobody = shared_clients
    manifest = nobody.get(f"{static_root()}/manifest.webmanifest").json()
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert nobody.get(f"{static_root()}/{icon['src']}").status_code == 200
