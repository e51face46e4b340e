import itertools

import pytest

from segue.server.app import create_app
from support.app import PASSWORD

BOUNDS = {
    "integer": ({"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}),
    "number": ({"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}),
    "string": ({"maxLength", "pattern", "enum", "const"},),
    "array": ({"maxItems"},),
}
# the framework's own: the document itself, and 404 for whatever else is asked for there
NOT_OURS = "/docs/schema"


@pytest.fixture
def ada(shared_clients):
    return shared_clients[0]


@pytest.fixture
def nobody(shared_clients):
    return shared_clients[1]


def schema_of(house):
    return create_app(house.app).openapi_schema.to_schema()


def unbounded(part, document, place, outer=frozenset()):
    """Places in a JSON schema with a value of a kind that has no bounds; null has none."""
    if "$ref" in part:
        part = document["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
        outer = frozenset()
    keys = outer | set(part)
    for option in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        yield from unbounded(option, document, place, keys)
    for wanted in BOUNDS.get(part.get("type"), ()):
        if not wanted & keys and "enum" not in keys:
            yield f"{place}: {part.get('type')} without any of {sorted(wanted)}"
    if part.get("type") == "array" and "items" not in outer:
        yield from unbounded(part.get("items", {}), document, f"{place}[]")
    if "oneOf" in part and "items" in part:
        yield from unbounded(part["items"], document, f"{place}[]")
    for name, field in part.get("properties", {}).items():
        yield from unbounded(field, document, f"{place}.{name}")


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if not path.startswith(NOT_OURS):
                yield f"{method} {path}", operation


def test_every_parameter_and_body_field_is_bounded(house):
    document = schema_of(house)
    found = [
        problem
        for place, operation in operations(document)
        for problem in itertools.chain(
            *(
                unbounded(parameter["schema"], document, f"{place} {parameter['name']}")
                for parameter in operation.get("parameters", ())
            ),
            *(
                unbounded(content["schema"], document, f"{place} body")
                for content in operation.get("requestBody", {}).get("content", {}).values()
            ),
        )
    ]
    assert found == []


def test_the_walk_over_the_document_sees_a_missing_bound():
    def of(schema):
        return len(list(unbounded(schema, {}, "x")))

    assert of({"type": "integer", "minimum": 1}) == 1
    assert of({"oneOf": [{"type": "number"}, {"type": "null"}]}) == 2
    assert of({"oneOf": [{"type": "string"}, {"type": "null"}], "maxLength": 3}) == 0
    assert of({"type": "array", "maxItems": 3, "items": {"type": "string"}}) == 1
    assert of({"type": "object", "properties": {"a": {"type": "string"}}}) == 1


def test_the_document_is_openapi_3_1_and_names_every_operation(house):
    document = schema_of(house)
    assert document["openapi"].startswith("3.1.")
    for place, operation in operations(document):
        assert operation.get("summary"), place
        assert operation.get("tags"), place


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tracks?limit=0", "/v1/tracks?limit=201", "/v1/tracks?limit=x",
        "/v1/tracks?cursor=nonsense", "/v1/tracks?cursor=" + "x" * 513, "/v1/tracks?year=999",
        "/v1/tracks?year=99999999999999999999999", "/v1/tracks?genre=" + "x" * 101,
        "/v1/artists?limit=-1", "/v1/albums?artist_id=" + "x" * 65, "/v1/search?q=" + "x" * 201,
        "/v1/search", "/v1/history/recent?n=0", "/v1/history/most-played?n=201",
        "/v1/recommendations/for_you?n=0", "/v1/recommendations/for_you?n=201",
        "/v1/recommendations/for_you?familiar=1.01", "/v1/recommendations/for_you?familiar=-0.01",
        "/v1/recommendations/for_you?familiar=nan", "/v1/recommendations/for_you?variety=inf",
        "/v1/recommendations/for_you?owned_only=perhaps",
        "/v1/recommendations/for_you?year_from=2001&year_to=2000",
        "/v1/recommendations/similar?seed=" + "x" * 65,
        "/v1/recommendations/similar?" + "seed=x&" * 21, "/v1/recommendations/" + "x" * 33,
        "/v1/recommendations/for_you?" + "genre=x&" * 21, "/v1/tracks/" + "x" * 65,
    ],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_in_words(ada, path):
    answer = ada.get(path)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["code"] == "invalid_input"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["detail"]


@pytest.mark.parametrize("number", ["0", "-1", "9" * 19, "9" * 40, "x", "1.5"])
def test_a_number_in_a_path_is_bounded(ada, number):
    assert ada.delete(f"/v1/events/{number}").status_code in (400, 404)
    assert ada.get(f"/v1/covers/x/{number}").status_code in (400, 404)


EXTRA = {
    "/v1/session": {"name": "ada", "password": PASSWORD, "role": "admin"},
    "/v1/accounts": {"name": "eve", "password": PASSWORD, "role": "admin"},
    "/v1/setup": {"token": "t", "name": "eve", "password": PASSWORD, "force": True},
    "/v1/events": {"events": [], "listener_id": "x"},
}


@pytest.mark.parametrize("path", EXTRA)
def test_a_field_that_is_not_declared_is_refused(ada, path):
    answer = ada.post(path, json=EXTRA[path])
    assert answer.status_code == 400
    assert "unknown field" in answer.text.lower()


def test_an_undeclared_field_of_an_event_is_refused(house, ada):
    event = {"track_id": house.track("Song 0-0"), "kind": "love", "listened_at": house.clock.now,
             "idempotency_key": "k", "listener_id": house.id_of("bob")}  # fmt: skip
    answer = ada.post("/v1/events", json={"events": [event]}).json()
    assert answer["stored"] == 0
    assert "listener_id" in answer["refused"][0]["reason"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"name":1,"password":2}', b"[" * 100_000]
)
def test_a_body_that_is_no_credentials_is_refused_as_a_problem(nobody, body):
    answer = nobody.post("/v1/session", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_no_error_repeats_a_password(nobody):
    secret = "hunter2-hunter2-" * 20
    bodies = ({"name": "ada", "password": secret}, {"name": "x" * 99, "password": secret[:99]},
              {"name": "ada", "password": {"is": secret}}, {"password": secret},
              {"name": "ada", "password": secret[:99], "more": secret})  # fmt: skip
    for path in ("/v1/session", "/v1/accounts", "/v1/setup"):
        for body in bodies:
            answer = nobody.post(path, json=body)
            assert answer.status_code >= 400
            assert "hunter2" not in answer.text + str(answer.headers)
