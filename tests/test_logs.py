"""Names of people are in no log, whatever goes wrong."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from hrapi.pg_copy import copy_into

NAME = "Ada Byron"


def logged(work: Callable[[], None]) -> list[str]:
    """The lines that the service writes to its log about the error of the work."""
    handlers = logging.getLogger("django").handlers
    # pytest adds some of its own.
    [console] = [handler for handler in handlers if type(handler) is logging.StreamHandler]
    try:
        work()
    except (DatabaseError, ValueError):
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It failed", (), sys.exc_info())
        return console.format(record).splitlines()
    raise AssertionError("It did not fail.")


def copy_twice() -> None:
    with transaction.atomic():
        copy_into(connection, "departments", ("id", "department"), [[(1, NAME), (1, NAME)]])


def copy_into_no_number() -> None:
    with transaction.atomic():
        copy_into(connection, "departments", ("id", "department"), [[(NAME, "Sales")]])


def select_no_number() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::integer", [NAME])


@pytest.mark.parametrize(
    "work, kinds",
    [
        pytest.param(copy_twice, ("IntegrityError", "23505"), id="a row that is there"),
        pytest.param(copy_into_no_number, ("DataError", "22P02"), id="a row of a COPY"),
        pytest.param(select_no_number, ("DataError", "22P02"), id="a value of a query"),
    ],
)
def test_what_the_database_says_of_an_error_is_not_logged(
    db: None, work: Callable[[], None], kinds: tuple[str, str]
) -> None:
    kind, code = kinds

    lines = logged(work)

    assert NAME not in "\n".join(lines)
    assert lines[0].endswith("ERROR x: It failed")
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == f"django.db.utils.{kind}: SQLSTATE {code}"
    assert "    work()" in lines


def test_what_other_errors_say_is_logged_with_what_led_to_them() -> None:
    def fail() -> None:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error

    lines = logged(fail)

    assert [line for line in lines[1:] if not line.startswith(" ")] == [
        "Traceback (most recent call last):",
        "KeyError: 'first'",
        "",
        "Which led to:",
        "",
        "Traceback (most recent call last):",
        "ValueError: second",
    ]
