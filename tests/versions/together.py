"""Writers and readers at the same time, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections


@contextmanager
def another_connection() -> Iterator[Any]:
    """A cursor in a transaction that its user ends, and that waits for nobody."""
    other: Any = connection.get_new_connection(connection.get_connection_params())
    try:
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'; SET deadlock_timeout = '10ms'")
            other.commit()
            yield cursor
    finally:
        other.close()


def at_once(
    *, writers: Sequence[Callable[[], None]], readers: Sequence[Callable[[threading.Event], None]]
) -> list[Exception]:
    """Runs all in threads of their own; readers are told when the last writer is done. What any of them raised."""
    faults: list[Exception] = []
    done = threading.Event()

    def run(work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - told by the test
            faults.append(error)
        finally:
            connections.close_all()

    reading = [threading.Thread(target=run, args=[reader, done]) for reader in readers]
    writing = [threading.Thread(target=run, args=[writer]) for writer in writers]
    for thread in [*reading, *writing]:
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()
    return faults
