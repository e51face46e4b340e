from pathlib import Path

import pytest

from segue.errors import ConfigurationError
from segue.settings import Settings, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "segue.toml"
    path.write_text(text, "utf-8")
    return path


def test_flags_win_over_environment_over_file_over_defaults(tmp_path):
    file = write(tmp_path, 'port = 1001\nlog_level = "debug"\nsign_up = "open"\n')
    settings = load_settings(
        file, environment={"SEGUE_PORT": "1002", "SEGUE_LOG_LEVEL": "error"}, flags={"port": 1003}
    )
    assert (settings.port, settings.log_level, settings.sign_up) == (1003, "error", "open")
    assert settings.session_idle_days == Settings().session_idle_days


def test_a_flag_that_was_not_given_changes_nothing(tmp_path):
    settings = load_settings(write(tmp_path, "port = 99"), environment={}, flags={"port": None})
    assert settings.port == 99


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_setting(tmp_path):
    with pytest.raises(ConfigurationError, match=r"'prot'.*nearest setting is 'port'"):
        load_settings(write(tmp_path, "prot = 1"), environment={})


def test_an_unknown_variable_is_refused_by_its_own_name():
    with pytest.raises(ConfigurationError, match=r"'SEGUE_DATADIR'.*'SEGUE_DATA_DIR'"):
        load_settings(environment={"SEGUE_DATADIR": "/tmp"})


def test_a_value_out_of_range_is_named_with_what_was_given():
    with pytest.raises(ConfigurationError, match=r"port = '70000'.*65535"):
        load_settings(environment={"SEGUE_PORT": "70000"})


def test_lists_in_variables_are_split():
    settings = load_settings(
        environment={"SEGUE_MUSIC_DIRS": "/a:/b", "SEGUE_ALLOWED_HOSTS": "x.example,y.example"}
    )
    assert settings.music_dirs == (Path("/a"), Path("/b"))
    assert settings.allowed_hosts == ("x.example", "y.example")


def test_an_address_that_others_can_reach_needs_a_word():
    with pytest.raises(ConfigurationError, match="allow_remote"):
        load_settings(environment={"SEGUE_HOST": "0.0.0.0"})
    assert load_settings(environment={"SEGUE_HOST": "0.0.0.0", "SEGUE_ALLOW_REMOTE": "true"})


def test_a_settings_file_that_is_named_must_exist(tmp_path):
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_settings(tmp_path / "none.toml", environment={})


def test_broken_toml_says_where(tmp_path):
    with pytest.raises(ConfigurationError, match=r"not valid TOML.*line 1"):
        load_settings(write(tmp_path, "port = = 3"), environment={})


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_a_secret_is_shown_in_no_message(tmp_path):
    file = write(tmp_path, "spotify_client_secret = 12345")
    with pytest.raises(ConfigurationError, match=r"spotify_client_secret = \(secret\)") as refusal:
        load_settings(file, environment={})
    assert "12345" not in str(refusal.value)
    held = load_settings(environment={"SEGUE_SPOTIFY_CLIENT_SECRET": "12345"})
    assert "12345" not in repr(held) + str(held) + held.model_dump_json()
