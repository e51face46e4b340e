"""Every setting as one reads it: what it does, its value, the standard one, where it comes from."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from segue.settings import ENVIRONMENT_PREFIX, Origin, Settings

Value: TypeAlias = str | int | bool | tuple[str, ...] | None
Kind: TypeAlias = Literal["text", "number", "switch", "list", "secret"]


class SettingView(Struct, frozen=True, kw_only=True):
    """One setting. A secret has no value here: ``is_given`` says whether there is one.

    ``standard`` None means that it depends on the machine.
    """

    name: str
    variable: str
    description: str
    kind: Kind
    value: Value
    standard: Value
    origin: Origin
    is_given: bool


def settings_list(settings: Settings) -> list[SettingView]:
    """All settings of a process in the order of their definition."""
    return [_view(settings, name) for name in Settings.model_fields]


def _view(settings: Settings, name: str) -> SettingView:
    field = Settings.model_fields[name]
    value = getattr(settings, name)
    is_secret = isinstance(value, SecretStr)
    standard = None if field.default is PydanticUndefined else field.default
    return SettingView(
        name=name,
        variable=f"{ENVIRONMENT_PREFIX}{name.upper()}",
        description=field.description or "",
        kind=_kind(value),
        value=None if is_secret else _plain(value),
        standard=None if is_secret else _plain(standard),
        origin=settings.origins.get(name, "standard"),
        is_given=bool(value.get_secret_value()) if is_secret else value not in ("", ()),
    )


def _kind(value: Any) -> Kind:
    if isinstance(value, SecretStr):
        return "secret"
    if isinstance(value, bool):
        return "switch"
    if isinstance(value, int):
        return "number"
    return "list" if isinstance(value, tuple) else "text"


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
