"""The OpenAPI document as a page, without a line of script."""

from typing import Any

from litestar import Request, get

from segue.server.auth import LISTENER
from segue.server.web.rendering import page

_METHODS = ("get", "post", "put", "delete")


@get("/docs", opt={"policy": LISTENER}, sync_to_thread=False, include_in_schema=False)
def docs_page(request: Request[Any, Any, Any]) -> Any:
    """The API as a page: every route with its parameters, bodies and answers."""
    schema = schema_of(request)
    return page(request, "pages/docs.html", info=schema["info"], groups=operations_by_tag(schema))


def schema_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The document of the running application."""
    return request.app.openapi_schema.to_schema()


def operations_by_tag(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations of the document in the order of their paths, under the tag of each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in sorted(schema.get("paths", {}).items()):
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(_shown(path, method, operation, schema))
    return [{"tag": tag, "operations": operations} for tag, operations in groups.items()]


def _shown(
    path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]
) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    body_schema = next((content.get("schema", {}) for content in body.values()), None)
    return {
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "required": parameter.get("required", False),
                "type": type_words(parameter.get("schema", {})),
                "description": parameter.get("description", ""),
            }
            for parameter in operation.get("parameters", ())
        ],
        "body": _fields(body_schema, schema) if body_schema else None,
        "answers": sorted(operation.get("responses", {})),
    }


def _fields(body: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Fields of a request body, one level deep."""
    resolved = _resolved(body, schema)
    required = set(resolved.get("required", ()))
    return [
        {
            "name": name,
            "required": name in required,
            "type": type_words(field),
            "description": field.get("description", ""),
        }
        for name, field in resolved.get("properties", {}).items()
    ]


def _resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "oneOf" in part:
        part = next((option for option in part["oneOf"] if "$ref" in option), part["oneOf"][0])
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return schema["components"]["schemas"][name]
    return part


def type_words(field: dict[str, Any]) -> str:
    """A JSON schema in a few words.

    >>> type_words({"type": "integer", "minimum": 1, "maximum": 200})
    'integer, 1 to 200'
    >>> type_words({"oneOf": [{"type": "integer"}, {"type": "null"}], "minimum": 1, "maximum": 9})
    'integer, 1 to 9'
    """
    kind = str(field.get("type", "any"))
    if "$ref" in field:
        kind = field["$ref"].rsplit("/", 1)[-1].rsplit("_", 1)[-1]
    elif "oneOf" in field:
        # the bounds of a value that may be left out stand beside its kinds
        bounds = {key: value for key, value in field.items() if key != "oneOf"}
        options = [option for option in field["oneOf"] if option.get("type") != "null"]
        kind = " or ".join(type_words(bounds | option) for option in options)
    elif kind == "array":
        kind = f"list of {type_words(field.get('items', {}))}"
    elif "enum" in field:
        kind = ", ".join(map(str, field["enum"]))
    elif "minimum" in field and "maximum" in field:
        kind += f", {field['minimum']:g} to {field['maximum']:g}"
    elif "maxLength" in field:
        kind += f", at most {field['maxLength']} characters"
    return kind


DOCS_HANDLERS: list[Any] = [docs_page]
