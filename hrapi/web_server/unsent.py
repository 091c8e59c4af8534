"""What the readers of answers are too slow for: on the disk, until they have room for it."""

from __future__ import annotations

import os
import tempfile
import threading

# How much of one answer may be there, and of all answers of a worker.
MAX_UNSENT_BYTES = 256 * 1024 * 1024
MAX_UNSENT_BYTES_OF_ALL = 1024 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class Unsent:
    """The rest of one answer, in a file without a name. Its methods raise OSError, of the disk or for too much."""

    _lock = threading.Lock()
    _bytes_of_all = 0

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when all is sent
        self._sent = self._bytes = 0

    def add(self, data: memoryview) -> None:
        with Unsent._lock:
            if self._bytes + len(data) > MAX_UNSENT_BYTES:
                raise OSError("One answer is too long for its slow reader.")
            if Unsent._bytes_of_all + len(data) > MAX_UNSENT_BYTES_OF_ALL:
                raise OSError("All answers together are too long for their slow readers.")
            Unsent._bytes_of_all += len(data)
            begin, self._bytes = self._bytes, self._bytes + len(data)
        while data:
            written = os.pwrite(self._file.fileno(), data, begin)
            begin, data = begin + written, data[written:]

    def next(self) -> bytes:
        """What is to be sent next; of it what was sent is to be told."""
        data = os.pread(self._file.fileno(), _CHUNK_BYTES, self._sent)
        if not data:
            raise OSError("What was put on the disk is not there.")
        return data

    def has_sent(self, size: int) -> bool:
        """Whether that was all."""
        self._sent += size
        return self._sent == self._bytes

    def close(self) -> None:
        with Unsent._lock:
            Unsent._bytes_of_all -= self._bytes
            self._bytes = 0
        self._file.close()
