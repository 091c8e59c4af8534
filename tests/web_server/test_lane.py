"""Connections that wait until a thread may read their bodies."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from hrapi.web_server import lane as lane_module
from hrapi.web_server.client import ClientSocket
from hrapi.web_server.lane import Lane


@dataclass(eq=False)
class Connection:
    """As much of gunicorn's connection as matters here, and its client."""

    sock: ClientSocket
    client: socket.socket


@dataclass
class Happened:
    started: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)


@pytest.fixture
def connections() -> Iterator[list[Connection]]:
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(3)]
        made = [Connection(ClientSocket.around(server), client) for server, client in pairs]
        for connection in made:
            stack.enter_context(connection.sock)
            stack.enter_context(connection.client)
        yield made


def test_they_are_read_in_turn(connections: list[Connection]) -> None:
    happened = Happened()
    lane = Lane(1, happened.started.append, happened.refused.append)
    for connection in connections:
        lane.enter(connection)
    assert happened.started == connections[:1]

    lane.look_after()
    lane.leave(connections[0])

    assert happened == Happened(started=connections[:2])


def test_whoever_sends_no_more_needs_no_turn(connections: list[Connection]) -> None:
    happened = Happened()
    lane = Lane(1, happened.started.append, happened.refused.append)
    for connection in connections:
        lane.enter(connection)
    connections[2].client.sendall(b"all")
    connections[2].client.close()

    lane.look_after()

    assert happened == Happened(started=[connections[0], connections[2]])


def test_nobody_waits_for_ever(
    connections: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "TURN_SECONDS", -1.0)
    happened = Happened()
    lane = Lane(1, happened.started.append, happened.refused.append)
    for connection in connections:
        lane.enter(connection)

    lane.look_after()

    assert happened == Happened(started=connections[:1], refused=connections[1:])
