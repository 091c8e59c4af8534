"""What becomes of clients while the service is being stopped."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from tests.embedded_postgres.harness import PATIENCE
from tests.faults.installed import service, token
from tests.web_server.served import Served

pytestmark = pytest.mark.slow

ROWS = b'[{"id": 9001, "department": "Law"}]'


def test_those_who_are_there_are_served_and_later_ones_refused() -> None:
    with service(employees=0) as installed, installed.serving() as port:
        served = Served(installed, port, token(installed))
        headers = {"Content_Length": str(len(ROWS)), "Content_Type": "application/json"}
        head = served.header("POST /api/v1/departments/?dry_run=true", **headers)
        [worker] = installed.web_workers()
        with served.connect(head) as begun:
            time.sleep(0.5)
            # The worker cannot take it before it is told to stop.
            os.kill(worker, signal.SIGSTOP)
            with served.connect(b"") as connected:
                os.kill(installed.web_master(), signal.SIGTERM)
                time.sleep(0.5)
                os.kill(worker, signal.SIGCONT)
                connected.sendall(head + ROWS)
                assert connected.recv(1000).startswith(b"HTTP/1.1 20")
                with pytest.raises(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port), PATIENCE)
            begun.sendall(ROWS)
            assert begun.recv(1000).startswith(b"HTTP/1.1 20")
