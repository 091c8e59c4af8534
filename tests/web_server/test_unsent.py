"""The rest of answers on the disk: how much of it, and what happens when the disk is full."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator

import pytest

from hrapi.web_server import client as client_module
from hrapi.web_server import unsent as unsent_module
from hrapi.web_server.client import ClientSocket
from hrapi.web_server.unsent import Unsent

ANSWER = b"abcdefgh" * 500_000


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ClientSocket, socket.socket]]:
    monkeypatch.setattr(client_module, "SENDING_SECONDS", 0.01)
    server, reader = socket.socketpair()
    with ClientSocket.around(server) as served, reader:
        yield served, reader


def test_the_rest_is_sent_when_there_is_room(
    sockets: tuple[ClientSocket, socket.socket],
) -> None:
    served, reader = sockets
    served.sendall(ANSWER)
    served.sendall(b"end")

    read = b""
    while served.unsent:
        read += reader.recv(1_000_000)
        served.send_unsent()
    served.shutdown(socket.SHUT_WR)
    while more := reader.recv(1_000_000):
        read += more

    assert read == ANSWER + b"end"
    assert Unsent._bytes_of_all == 0


@pytest.mark.parametrize("limit", ["MAX_UNSENT_BYTES", "MAX_UNSENT_BYTES_OF_ALL"])
def test_beyond_a_limit_the_answer_is_cut_off_and_the_log_says_so(
    sockets: tuple[ClientSocket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    limit: str,
) -> None:
    monkeypatch.setattr(unsent_module, limit, len(ANSWER))
    served, _ = sockets
    served.sendall(ANSWER)

    with pytest.raises(ConnectionResetError):
        served.sendall(ANSWER)

    assert served.unsent is None
    assert Unsent._bytes_of_all == 0
    assert "too long for" in caplog.records[0].message
    assert caplog.records[0].levelname == "ERROR"


def test_a_full_disk_cuts_the_answer_off_and_the_log_says_so(
    sockets: tuple[ClientSocket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    served, _ = sockets

    with pytest.raises(ConnectionResetError):
        served.sendall(ANSWER)

    assert served.unsent is None
    assert Unsent._bytes_of_all == 0
    assert "No space left on device" in caplog.records[0].message
