"""Application settings: defaults < TOML file < environment < command-line flags.

Every field is documented by its description, which the documentation and ``segue doctor`` print.
A key that is not a setting is refused by name, with the nearest one that is.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from segue.errors import ConfigurationError

ENVIRONMENT_PREFIX = "SEGUE_"
CONFIG_VARIABLE = "SEGUE_CONFIG"

Origin: TypeAlias = Literal["standard", "file", "variable", "flag"]


class Settings(BaseModel):
    """All settings of one Segue process. Frozen: a change needs a restart."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict[str, Origin])
    _file: Path | None = PrivateAttr(default=None)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("segue"),
        description="Folder for the database, models, covers and logs. Made when absent.",
    )
    music_dirs: tuple[Path, ...] = Field(
        default=(), description="Folders that are scanned for music. Segue only ever reads them."
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on. Anything but this machine needs `allow_remote = true`.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    allow_remote: bool = Field(
        default=False,
        description="Permit a `host` that other machines can reach. Put TLS in front of it.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Names by which a browser may address the server (the Host header).",
    )
    secure_cookie: bool = Field(
        default=False,
        description="Send the session cookie over HTTPS only. Turn on when TLS is in front.",
    )
    sign_up: Literal["open", "closed"] = Field(
        default="closed",
        description="Whether visitors may make accounts themselves.",
    )
    session_idle_days: int = Field(
        default=14, ge=1, le=365, description="Days without a visit after which a session ends."
    )
    session_max_days: int = Field(
        default=90, ge=1, le=3650, description="Days after which a session ends in any case."
    )
    login_tries: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Failed sign-ins per account or address in 15 minutes before tries must wait.",
    )
    scan_workers: int = Field(
        default_factory=lambda: min(4, os.cpu_count() or 1),
        ge=1,
        le=64,
        description="Processes that read tags during a scan.",
    )
    analysis_workers: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 1) // 2),
        ge=1,
        le=64,
        description="Processes that listen to the music; each uses one core at low priority.",
    )
    analyse_after_scan: bool = Field(
        default=True, description="Listen to new music by itself after a scan."
    )
    job_workers: int = Field(
        default=1, ge=1, le=16, description="Jobs (scan, training) that may run at the same time."
    )
    retrain_after_events: int = Field(
        default=200,
        ge=1,
        description="New events after which the models are trained again in the background.",
    )
    time_zone: str = Field(
        default="",
        max_length=64,
        description="Time zone of listeners whose browser has not reported one, such as "
        "Europe/Berlin; empty is the zone of this machine.",
    )
    discover_repeat_weeks: int = Field(
        default=4,
        ge=0,
        le=52,
        description="Weeks for which no track of a Discover list comes again in a later one.",
    )
    retrain_at_hour: int = Field(
        default=4,
        ge=-1,
        le=23,
        description="Hour of the day at which the models are trained again when there is news; "
        "-1 for never.",
    )
    import_max_gb: int = Field(
        default=16,
        ge=1,
        le=1_000,
        description="Largest size (10^9 bytes) of the files that one import may send.",
    )
    allow_outbound: bool = Field(
        default=False,
        description="Permit `segue fetch` to ask Spotify and ListenBrainz. Nothing else of Segue "
        "asks another host.",
    )
    spotify_client_id: str = Field(
        default="", description="Of your application at developer.spotify.com."
    )
    spotify_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Its secret; the variable is the better place for it."
    )
    spotify_url: str = Field(
        default="https://api.spotify.com/v1", description="Where Spotify's Web API is."
    )
    spotify_token_url: str = Field(
        default="https://accounts.spotify.com/api", description="Where Spotify gives out tokens."
    )
    listenbrainz_url: str = Field(
        default="https://api.listenbrainz.org",
        description="A server that speaks ListenBrainz' API.",
    )
    listenbrainz_token: SecretStr = Field(
        default=SecretStr(""), description="A user token there; listens are public without one."
    )
    neighbor_index: Literal["auto", "exact", "faiss", "qdrant"] = Field(
        default="auto",
        description="How nearest tracks are looked for: `exact` compares with every one, `faiss` "
        "looks into the nearest cells of a large library, `qdrant` asks the server at "
        "`qdrant_url`. `auto` is `qdrant` where that is set, else `exact` up to "
        "`exact_neighbors_up_to` tracks and `faiss` beyond.",
    )
    exact_neighbors_up_to: int = Field(
        default=200_000,
        ge=1,
        description="Tracks up to which `auto` compares with every one.",
    )
    qdrant_url: str = Field(
        default="", description="A Qdrant server, such as `http://localhost:6333`."
    )
    qdrant_api_key: SecretStr = Field(
        default=SecretStr(""), description="What it asks for, if it does."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least serious event that is logged."
    )
    log_form: Literal["console", "json"] = Field(
        default="console", description="Log lines for a person or as JSON."
    )

    @property
    def origins(self) -> dict[str, Origin]:
        """Where the value of each setting comes from; those with the standard value are left out.

        Empty where the settings were not loaded but made.
        """
        return dict(self._origins)

    @property
    def file(self) -> Path | None:
        """The settings file that was read, if there is one."""
        return self._file

    def note_origins(self, origins: dict[str, Origin], file: Path | None) -> None:
        """Remember where the values come from."""
        self._origins, self._file = origins, file

    @property
    def database_path(self) -> Path:
        """The SQLite file that holds everything that cannot be computed again."""
        return self.data_dir / "segue.db"

    @property
    def jobs_path(self) -> Path:
        """The SQLite file of the job queue; may be lost, jobs are rebuilt from the database."""
        return self.data_dir / "jobs.db"

    @property
    def models_dir(self) -> Path:
        """Published model sets, one folder a version."""
        return self.data_dir / "models"

    @property
    def uploads_dir(self) -> Path:
        """Files sent for imports; each import's are deleted when it is done."""
        return self.data_dir / "imports"

    @property
    def fetched_dir(self) -> Path:
        """Answers of other services as they came; what is there is not asked for again."""
        return self.data_dir / "fetched"

    @property
    def covers_dir(self) -> Path:
        """Cover pictures in their fixed sizes; a cache."""
        return self.data_dir / "covers"


def load_settings(
    config_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings of this process.

    Args:
        config_file: TOML file; by default ``$SEGUE_CONFIG``, else ``segue.toml`` in the
            platform's configuration folder when it is there.
        environment: Variables; ``SEGUE_PORT`` sets ``port``; lists are split at the path separator.
        flags: Values from the command line; ``None`` means "not given".

    Raises:
        ConfigurationError: A key is unknown, or a value is not allowed.
    """
    variables = os.environ if environment is None else environment
    file = _config_path(config_file, variables)
    values = _from_toml(file)
    origins: dict[str, Origin] = dict.fromkeys(values, "file")
    from_environment = _from_environment(variables)
    values |= from_environment
    origins |= dict.fromkeys(from_environment, "variable")
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    _refuse_unknown(given, "flag")
    values |= given
    origins |= dict.fromkeys(given, "flag")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(_in_words(error)) from error
    _refuse_open_address(settings)
    settings.note_origins(origins, file)
    return settings


def _config_path(given: Path | None, variables: Mapping[str, str]) -> Path | None:
    if given is None and variables.get(CONFIG_VARIABLE):
        given = Path(variables[CONFIG_VARIABLE])
    if given is not None:
        if not given.is_file():
            raise ConfigurationError(f"the settings file {given} does not exist")
        return given
    standard = user_config_path("segue") / "segue.toml"
    return standard if standard.is_file() else None


def _from_toml(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    _refuse_unknown(values, f"key in {path}")
    return values


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX) and name != CONFIG_VARIABLE:
            values[name.removeprefix(ENVIRONMENT_PREFIX).lower()] = value
    _refuse_unknown(values, "variable", shown=_variable_name)
    for field in ("music_dirs", "allowed_hosts"):
        if field in values:
            separator = os.pathsep if field == "music_dirs" else ","
            values[field] = [part for part in values[field].split(separator) if part]
    return values


def _variable_name(key: str) -> str:
    return ENVIRONMENT_PREFIX + key.upper()


def _refuse_unknown(values: Iterable[str], kind: str, shown: Callable[[str], str] = str) -> None:
    known = list(Settings.model_fields)
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise ConfigurationError(
                f"unknown {kind} {shown(key)!r}; the nearest setting is {shown(near)!r}"
            )


def _refuse_open_address(settings: Settings) -> None:
    on_this_machine = settings.host in ("127.0.0.1", "::1", "localhost")
    if not on_this_machine and not settings.allow_remote:
        raise ConfigurationError(
            f"host {settings.host!r} can be reached from other machines; "
            "set allow_remote = true if that is meant, and put TLS in front"
        )


def _in_words(error: ValidationError) -> str:
    secret = {name for name, field in Settings.model_fields.items()
              if field.annotation is SecretStr}  # fmt: skip
    lines = (
        f"{'.'.join(map(str, item['loc']))} = "
        f"{'(secret)' if item['loc'][0] in secret else repr(item['input'])}: {item['msg'].lower()}"
        for item in error.errors()
    )
    return "settings: " + "; ".join(lines)
