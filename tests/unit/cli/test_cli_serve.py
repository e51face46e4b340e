import socket

import pytest

from segue.cli.serve import refuse_taken_port
from segue.errors import ConfigurationError
from segue.settings import Settings


def test_a_port_in_use_is_said_in_words_before_anything_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}.*--port"):
            refuse_taken_port(Settings(data_dir=tmp_path, port=port))
    refuse_taken_port(Settings(data_dir=tmp_path, port=port))
