"""What gunicorn is told about the web server."""

from __future__ import annotations

import logging

import pytest
from gunicorn.config import Config

from hrapi.web_server.worker import Worker


def test_tls_is_left_to_a_proxy() -> None:
    config = Config()
    Worker.check_config(config, logging.getLogger("test"))
    config.set("certfile", "hr.pem")

    with pytest.raises(ValueError, match="Let a proxy end TLS"):
        Worker.check_config(config, logging.getLogger("test"))
