"""Versions under writers that work at the same time: nobody waits, and equal versions are equal rows."""

from __future__ import annotations

import random
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from hrapi.versions.models import DataVersion
from hrapi.versions.selectors import data_version
from tests.backups.running import backup, run
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.versions.together import another_connection, at_once

TABLE = ["departments"]


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: transactions commit, and meet."""


def insert(cursor: Any, row_id: int) -> None:
    cursor.execute("INSERT INTO departments (id, department) VALUES (%s, 'Law')", [row_id])


def marks() -> int:
    return DataVersion.objects.filter(table="departments").count()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_each_commit_renews_the_version_in_whichever_order_they_come(
    db: None, order: list[int]
) -> None:
    seen = [data_version(TABLE)]
    with another_connection() as a, another_connection() as b, another_connection() as c:
        writers = [a, b, c]
        for row_id, cursor in enumerate(writers, 1):
            insert(cursor, row_id)
        assert data_version(TABLE) == seen[0]

        for writer in order:
            writers[writer].connection.commit()
            seen.append(data_version(TABLE))
            assert data_version(TABLE) == seen[-1]

    assert len(set(seen)) == 4


def test_what_is_rolled_back_beside_others_renews_nothing(db: None) -> None:
    before = data_version(TABLE)
    with another_connection() as a, another_connection() as b:
        insert(a, 1)
        insert(b, 2)
        a.connection.rollback()
        assert data_version(TABLE) == before
        b.connection.commit()

    assert data_version(TABLE) != before


def test_writers_above_read_committed_are_not_turned_away(db: None) -> None:
    with another_connection() as a, another_connection() as b:
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            a.execute(f"BEGIN ISOLATION LEVEL {level}; SELECT 1")
            before = data_version(TABLE)
            insert(b, marks() * 10)
            b.connection.commit()
            between = data_version(TABLE)
            insert(a, marks() * 10 + 1)
            a.connection.commit()
            assert len({before, between, data_version(TABLE)}) == 3


def test_a_table_has_no_more_marks_than_it_had_writers_at_once(db: None) -> None:
    first = marks()
    with another_connection() as long, another_connection() as short:
        for number in range(0, 60, 2):
            insert(long, number + 1)
            insert(short, number + 2)
            short.connection.commit()
        long.connection.commit()

    assert marks() <= first + 2


@pytest.mark.parametrize("seed", [1, 2])
def test_equal_versions_are_equal_rows_whoever_writes(db: None, seed: int) -> None:
    """Each reader compares the version with the rows in one snapshot, while writers commit and roll back."""
    DepartmentFactory(id=1)
    rows_of: dict[str, set[int]] = {}

    def read(stop: threading.Event) -> None:
        while not stop.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT sum(id) FROM departments")
                [total] = cursor.fetchone()
                rows_of.setdefault(data_version(TABLE), set()).add(int(total))

    faults = at_once(
        writers=[partial(write_some, number, seed) for number in range(1, 6)], readers=[read, read]
    )

    assert faults == []
    assert len(rows_of) > 20
    assert [totals for totals in rows_of.values() if len(totals) > 1] == []


def write_some(number: int, seed: int) -> None:
    """Transactions of one to three statements, some of them rolled back."""
    chance = random.Random(100 * seed + number)
    with another_connection() as cursor:
        for step in range(60):
            for statement in range(chance.randint(1, 3)):
                insert(cursor, 1000 * number + 10 * step + statement + 2)
            if chance.random() < 0.3:
                cursor.connection.rollback()
            else:
                cursor.connection.commit()


@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_a_restore_renews_versions_and_a_backup_holds_none(
    db: None, settings: Any, tmp_path: Path, mode: str
) -> None:
    settings.BACKUP_PLACE = str(tmp_path)
    EmployeeFactory(id=1)
    stored = data_version(["employees"])
    backup()
    assert {path.stem for path in tmp_path.rglob("*.avro")} == {
        *("departments", "jobs", "employees", "batches", "rejected_rows", "row_changes", "loads"),
        *("visualizations", "dashboards"),
    }
    with connection.cursor() as cursor:
        cursor.execute("UPDATE employees SET name = 'Zed'")
    changed = data_version(["employees"])

    assert run("restore", "--from", "latest", "--mode", mode, "--dry-run").code == 0
    assert data_version(["employees"]) == changed
    assert run("restore", "--from", "latest", "--mode", mode, "--no-input").code == 0

    assert data_version(["employees"]) not in (stored, changed)


def test_erasing_somebody_renews_the_version(db: None, settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_PLACE = str(tmp_path)
    EmployeeFactory(id=1)
    before = data_version(["employees"])

    assert run("erase_employee", "1", "--no-input").code == 0

    assert data_version(["employees"]) != before


def test_a_load_renews_the_version(db: None, tmp_path: Path) -> None:
    file = tmp_path / "departments.csv"
    file.write_text("1,Law\n2,Art\n")
    before = data_version(TABLE)

    assert run("load", "departments", file).code == 0
    loaded = data_version(TABLE)
    assert run("load", "departments", file).code == 0

    assert before != loaded == data_version(TABLE)
