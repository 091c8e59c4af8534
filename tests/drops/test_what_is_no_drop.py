"""Names that are none, and what is no file: each with a clear word, and no obstacle to the others."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from departments.models import Department
from hrapi.ingestion.models import Batch
from hrapi.loads.models import Load
from tests.backups.running import run
from tests.drops.dropping import DEPARTMENTS, Folder


@pytest.mark.parametrize(
    "name, said",
    [
        ("notes.txt", "The name is not like 20240131_TABLE.csv"),
        ("20240131_departments", "The name is not like"),
        ("20240131_departments.csv.bz2", "The name is not like"),
        ("20240131_departments.xlsx", "The name is not like"),
        ("2024-01-31_departments.csv", "The name is not like"),
        ("240131_departments.csv", "The name is not like"),
        ("٢٠٢٤٠١٣١_departments.csv", "The name is not like"),
        ("20240131departments.csv", "The name is not like"),
        (" 20240131_departments.csv", "The name is not like"),
        ("20240131_departments.csv\n", "The name is not like"),
        ("20240230_departments.csv", "There is no day 20240230"),
        ("00000101_departments.csv", "There is no day 00000101"),
        ("20240131_department.csv", "none of the tables departments, jobs, employees"),
        ("20240131_cats.csv", "none of the tables departments, jobs, employees"),
        ("20240131_Departments.csv", "Write the name in small letters: 20240131_departments.csv."),
        ("20240131_departments.CSV", "Write the name in small letters: 20240131_departments.csv."),
        ("20240131_departments.csv.GZ", "small letters: 20240131_departments.csv.gz."),
        # It would be shown in small letters: what a terminal obeys, and what cannot be encoded.
        ("20240131_JO\x1b[31mBS.csv", "The name is not like"),
        ("20240131_JO\nBS.csv", "The name is not like"),
        (os.fsdecode(b"20240131_JOBS\xff.csv"), "The name is not like"),
    ],
)
def test_a_name_that_is_none(folder: Folder, name: str, said: str) -> None:
    folder.drop(name, DEPARTMENTS)
    folder.drop("20240101_departments.csv", DEPARTMENTS)

    finished = folder.take()

    assert finished.code == 1
    assert said in finished.output
    assert len(finished.output.splitlines()) == 3
    assert finished.output.replace("\n", "").isprintable()
    assert folder.names("failed") == [name]
    assert folder.names("done") == ["20240101_departments.csv"]
    assert said in folder.result(name, "failed")["error"]["detail"]
    assert Load.objects.count() == 1


def test_a_name_that_is_not_utf8_and_one_as_long_as_can_be(folder: Folder) -> None:
    names = [b"20240131_depart\xffments.csv", b"x" * 255]
    for name in names:
        (folder.path / os.fsdecode(name)).write_bytes(b"")

    finished = folder.take()

    assert finished.code == 1
    assert finished.output.count("\n") == 3
    # It can be printed.
    assert "\\udcff" in finished.output.encode().decode()
    moved = sorted(os.fsencode(each.name) for each in (folder.path / "failed").iterdir())
    assert moved == [
        names[0], names[0] + b".result.json", b"x" * 200, b"x" * 200 + b".result.json",
    ]  # fmt: skip
    assert "20240131_depart" in folder.result(os.fsdecode(names[0]), "failed")["file"]


def test_what_is_unfinished_by_its_name_and_what_is_a_directory_is_left(folder: Folder) -> None:
    for name in (
        ".20240131_departments.csv",
        "20240131_departments.csv.tmp",
        "20240131_jobs.csv.PART",
    ):
        folder.drop(name, DEPARTMENTS)
    (folder.path / "20240131_departments.csv").mkdir()
    before = folder.lying()

    finished = folder.take()

    assert (finished.code, finished.output) == (0, "")
    assert finished.errors == (
        "20240131_departments.csv: it is a directory; files in it are not taken.\n"
    )
    assert folder.lying() == before
    assert not (folder.path / "done").exists()


def test_a_symbolic_link_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(DEPARTMENTS)
    (folder.path / "20240131_departments.csv").symlink_to(outside)
    (folder.path / "20240201_departments.csv").symlink_to("nowhere")

    finished = folder.take()

    assert finished.code == 1
    assert finished.output.count("It is a symbolic link. Put the file itself here.") == 2
    assert outside.read_bytes() == DEPARTMENTS
    assert (folder.path / "failed" / "20240131_departments.csv").is_symlink()
    assert not Department.objects.exists()


def test_a_hard_link_is_not_taken(folder: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(DEPARTMENTS)
    os.link(outside, folder.path / "20240131_departments.csv")

    finished = folder.take()

    assert finished.code == 1
    assert "It is a hard link: the file has another name. Put a copy here." in finished.output
    assert outside.read_bytes() == DEPARTMENTS
    assert not Department.objects.exists()


def test_a_named_pipe_is_not_waited_for(folder: Folder) -> None:
    os.mkfifo(folder.path / "20240131_departments.csv")

    finished = folder.take()

    assert finished.code == 1
    assert "It is neither a file nor a directory." in finished.output
    assert folder.names("failed") == ["20240131_departments.csv"]


def test_a_file_that_may_not_be_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.drop("20240131_departments.csv", DEPARTMENTS)
    folder.drop("20240131_jobs.csv", b"1,Cook\n")
    open_ = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if path == "20240131_departments.csv":
            raise PermissionError(13, "Permission denied")
        return open_(path, *arguments, **options)

    monkeypatch.setattr("hrapi.drops.directory.os.open", refuse)

    finished = folder.take()

    assert finished.code == 1
    assert (
        "20240131_departments.csv: The account that runs this may not read it." in finished.output
    )
    assert (folder.names("failed"), folder.names("done")) == (
        ["20240131_departments.csv"], ["20240131_jobs.csv"],
    )  # fmt: skip


def _cut(packed: bytes) -> bytes:
    return packed[:-9]


def _flipped(packed: bytes) -> bytes:
    return packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]


def _no_gzip(packed: bytes) -> bytes:
    return zlib.decompress(packed, 31)


@pytest.mark.parametrize(
    "spoil, said",
    [
        (_cut, "The gzip ends too early"),
        (_flipped, "It is not gzip, or damaged."),
        (_no_gzip, "It is not gzip, or damaged."),
    ],
)
def test_gzip_that_is_none(folder: Folder, spoil: Callable[[bytes], bytes], said: str) -> None:
    packed = gzip.compress(b"id,department\n" + b"".join(b"%d,D\n" % n for n in range(1, 5000)))
    (folder.path / "20240131_departments.csv.gz").write_bytes(spoil(packed))

    finished = folder.take()

    assert finished.code == 1
    assert said in finished.output
    assert not Department.objects.exists()
    refused = Batch.objects.get()
    assert (refused.refused_code, refused.table) == ("undecodable", "departments")
    result = folder.result("20240131_departments.csv.gz", "failed")
    assert (result["load"], result["batch"], result["date"]) == (None, refused.pk, "2024-01-31")


def test_gzip_that_fills_the_disk_is_given_up(folder: Folder, settings: Any) -> None:
    settings.MAX_LOAD_BYTES = 1_000_000
    folder.drop("20240131_departments.csv.gz", b"0" * 20_000_000)
    # Much, but no more than tables shrink to.
    rows = b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(1, 100_000))
    folder.drop("20240131_jobs.csv.gz", rows[:1_200_000].rpartition(b"\n")[0])

    finished = folder.take()

    assert "20240131_departments.csv.gz: It unpacks to more than 1,000,000 bytes" in finished.output
    assert folder.names("failed") == ["20240131_departments.csv.gz"]
    assert folder.names("done") == ["20240131_jobs.csv.gz"]


@pytest.mark.parametrize("place", ["done", "failed"])
def test_a_place_that_is_a_link_is_not_moved_to(folder: Folder, tmp_path: Path, place: str) -> None:
    """And as nothing can be moved there, nothing is lost: the next run finds it, and its load."""
    (tmp_path / "elsewhere").mkdir()
    (folder.path / place).symlink_to(tmp_path / "elsewhere")
    name = "20240131_departments.csv" if place == "done" else "notes.txt"
    folder.drop(name, DEPARTMENTS)

    finished = folder.take()

    assert (finished.code, finished.output) == (1, "")
    assert f"{name}: it cannot be moved to {place}/: Not a directory." in finished.errors
    assert "1 file could not be taken and left there" in finished.errors
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (folder.path / place).unlink()
    folder.take()
    assert folder.names(place) == [name]
    assert Load.objects.count() == (place == "done")


def test_what_fails_and_cannot_be_moved_is_recorded_once(folder: Folder) -> None:
    """Cron looks at it each minute."""
    (folder.path / "failed").write_bytes(b"")
    folder.drop("20240131_departments.csv", b"id,colour\n1,red\n")
    (folder.path / "20240131_jobs.csv.gz").write_bytes(b"no gzip")

    first, second = folder.take(), folder.take()

    assert first == second
    assert first.errors.count("it cannot be moved to failed/: Not a directory.") == 2
    assert (Load.objects.count(), Batch.objects.count()) == (1, 2)
    (folder.path / "failed").unlink()
    assert folder.take().code == 1
    assert (Load.objects.count(), Batch.objects.count()) == (1, 2)


def test_no_directory_is_one_line(tmp_path: Path) -> None:
    finished = run("take_drops", tmp_path / "nowhere")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == f"CommandError: {tmp_path}/nowhere: No such file or directory\n"


@pytest.mark.parametrize("seconds", ["-1", "soon", "nan", "inf"])
def test_seconds_that_are_none(seconds: str) -> None:
    with pytest.raises(CommandError, match="is no number of seconds"):
        call_command("take_drops", "/tmp", f"--settle={seconds}")
