"""A directory that others write into: what lies there, and moving it to `done/` or `failed/`.

Everything is reached by descriptors of these directories and by plain names, and no link is followed: whoever
writes into the directory can have nothing read or moved that lies elsewhere.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import BinaryIO

from hrapi.drops.errors import ChangedError, RefusedError

DONE, FAILED = "done", "failed"
RESULT = ".result.json"
_DRAFT = ".unfinished"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PLACE = _DIRECTORY | os.O_NOFOLLOW
# Of a pipe, nobody waits for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Names have 255 bytes at most, and that of the result is longer.
_MAX_NAME_BYTES = 200


@dataclass(frozen=True)
class Entry:
    """What lies in the directory under a name, as it was when the directory was read."""

    name: str
    stat: os.stat_result

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.stat.st_mode)

    @property
    def still_for(self) -> float:
        """Seconds since it was changed, or came here. Unlike the time of modification, no sender can set it."""
        return time.time() - self.stat.st_ctime

    @property
    def changed_at(self) -> datetime:
        """Since when it has lain here as it is."""
        return datetime.fromtimestamp(self.stat.st_ctime, UTC)

    def check(self) -> None:
        """Raises RefusedError for what is not simply a file."""
        if stat.S_ISLNK(self.stat.st_mode):
            raise RefusedError("It is a symbolic link. Put the file itself here.")
        if not stat.S_ISREG(self.stat.st_mode):
            raise RefusedError("It is neither a file nor a directory.")
        if self.stat.st_nlink > 1:
            raise RefusedError("It is a hard link: the file has another name. Put a copy here.")


class DropDirectory:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def entries(self) -> list[Entry]:
        """All but the places that files are moved to."""
        with os.scandir(self._descriptor) as scanned:
            names = sorted(each.name for each in scanned if each.name not in (DONE, FAILED))
        # One may have gone meanwhile.
        return [Entry(name, seen) for name in names if (seen := _seen(name, self._descriptor))]

    def written_since(self) -> list[str]:
        """What lies in `done` and was written to after it was moved there, by who had it open since."""
        try:
            descriptor = os.open(DONE, _PLACE, dir_fd=self._descriptor)
        except OSError:
            return []
        with _closed_in_the_end(descriptor), os.scandir(descriptor) as scanned:
            found = [(each.name, _seen(each.name, descriptor)) for each in scanned]
        times = {name: seen.st_mtime_ns for name, seen in found if seen}
        return sorted(
            name for name, time_ in times.items() if time_ != times.get(f"{name}{RESULT}", time_)
        )

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[BinaryIO]:
        """The file of an entry that was checked. Raises ChangedError, RefusedError when it may not be read."""
        try:
            descriptor = os.open(entry.name, _FILE, dir_fd=self._descriptor)
        except PermissionError:
            raise RefusedError(
                "The account that runs this may not read it. Give it the right to, and drop it again."
            ) from None
        except OSError as error:
            raise ChangedError from error
        with os.fdopen(descriptor, "rb") as file:
            if not _is_unchanged(os.fstat(descriptor), entry.stat):
                raise ChangedError
            yield file

    def put_away(self, entry: Entry, place: str, result: bytes) -> str:
        """Moves an entry to `done` or `failed`, with its result beside it; under which name.

        The result comes first: a file that lies there has one. Nothing is replaced there; a result without its
        file that says the same is from a run that was killed just then. Raises ChangedError when the entry is
        not what it was.
        """
        self._check(entry)
        with self._place(place) as there:
            name = _free_name(entry.name, there, result)
            _write_result(f"{name}{RESULT}", there, result, entry.stat.st_mtime_ns)
            self._check(entry)
            os.rename(entry.name, name, src_dir_fd=self._descriptor, dst_dir_fd=there)
            moved = _seen(name, there)
            if moved is None or not _is_unchanged(moved, entry.stat, moved=True):
                self._take_back(entry, name, there)
                raise ChangedError
            os.fsync(there)
            os.fsync(self._descriptor)
        return name

    def _check(self, entry: Entry) -> None:
        now = _seen(entry.name, self._descriptor)
        if now is None or not _is_unchanged(now, entry.stat):
            raise ChangedError

    def _take_back(self, entry: Entry, name: str, there: int) -> None:
        """What took the entry's place in the very moment, and was moved instead. Raises OSError if it is taken."""
        os.link(
            *(name, entry.name),
            src_dir_fd=there,
            dst_dir_fd=self._descriptor,
            follow_symlinks=False,
        )
        os.unlink(name, dir_fd=there)
        os.unlink(f"{name}{RESULT}", dir_fd=there)

    @contextmanager
    def _place(self, name: str) -> Iterator[int]:
        try:
            with suppress(FileExistsError):
                os.mkdir(name, mode=0o700, dir_fd=self._descriptor)
            descriptor = os.open(name, _PLACE, dir_fd=self._descriptor)
            with _closed_in_the_end(descriptor):
                yield descriptor
        except OSError as error:
            why = f"it cannot be moved to {name}/: {error.strerror}"
            raise OSError(error.errno, why) from error


@contextmanager
def drop_directory(path: Path) -> Iterator[DropDirectory]:
    """Raises OSError when there is no such directory."""
    descriptor = os.open(path, _DIRECTORY)
    with _closed_in_the_end(descriptor):
        yield DropDirectory(descriptor)


@contextmanager
def _closed_in_the_end(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _seen(name: str, directory: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_unchanged(now: os.stat_result, before: os.stat_result, *, moved: bool = False) -> bool:
    names = ["st_dev", "st_ino", "st_size", "st_mtime_ns", "st_nlink"]
    # Moving something changes it, too.
    names += [] if moved else ["st_ctime_ns"]
    return all(getattr(now, name) == getattr(before, name) for name in names)


def _free_name(name: str, place: int, result: bytes) -> str:
    stem = os.fsdecode(os.fsencode(name)[:_MAX_NAME_BYTES])
    for number in count():
        candidate = f"{stem}.{number}" if number else stem
        if _seen(candidate, place) is None and _result_of(candidate, place) in (None, result):
            return candidate
    raise AssertionError


def _result_of(name: str, place: int) -> bytes | None:
    """What the result says that lies there; of what is no file, nothing that any result could say."""
    try:
        descriptor = os.open(f"{name}{RESULT}", _FILE, dir_fd=place)
    except FileNotFoundError:
        return None
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def _write_result(name: str, place: int, result: bytes, file_time_ns: int) -> None:
    """Whole and on disk, or not at all. For its owner alone: it may quote what was sent.

    It has the time of its file: a file there with another time was written to since.
    """
    with suppress(FileNotFoundError):
        os.unlink(_DRAFT, dir_fd=place)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(_DRAFT, flags, 0o600, dir_fd=place), "wb") as file:
        file.write(result)
        file.flush()
        os.utime(file.fileno(), ns=(file_time_ns, file_time_ns))
        os.fsync(file.fileno())
    os.rename(_DRAFT, name, src_dir_fd=place, dst_dir_fd=place)
