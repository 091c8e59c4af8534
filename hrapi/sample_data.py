"""Made-up hiring data: the same rows at every run. For the first start, for tests and for benchmarks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

DEPARTMENTS = (
    "Accounting", "Business Development", "Engineering", "Human Resources", "Legal", "Marketing",
    "Product Management", "Research and Development", "Sales", "Services", "Support", "Training",
)  # fmt: skip
JOBS = (
    "Account Executive", "Analyst", "Data Engineer", "Designer", "Developer", "Librarian", "Nurse",
    "Office Assistant", "Paralegal", "Project Manager", "Recruiter", "Sales Representative",
    "Software Engineer", "Structural Engineer", "Teacher", "Technical Writer", "Tester", "Translator",
    "Web Developer", "Writer",
)  # fmt: skip
_FIRST = (
    "Ada", "Björn", "Chidi", "Dolores", "Élodie", "Farid", "Grace", "Hiroko", "Inés", "João", "Katarzyna",
    "Liam", "Mei", "Nadia", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren", "Tamar", "Umut", "Věra",
    "William", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Abara", "Bauer", "Costa", "Dubois", "Eriksen", "Fernández", "García", "Haddad", "Ito", "Jansen",
    "Kowalska", "Larsen", "Moreau", "Novák", "O'Brien", "Petrov", "Quispe", "Rossi", "Smith", "Tanaka",
    "Usman", "Vogt", "Wang", "Yılmaz", "Zhang",
)  # fmt: skip

FIRST_HIRE, LAST_HIRE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def department_rows() -> list[dict[str, Any]]:
    return [{"id": number, "department": name} for number, name in enumerate(DEPARTMENTS, start=1)]


def job_rows() -> list[dict[str, Any]]:
    return [{"id": number, "job": name} for number, name in enumerate(JOBS, start=1)]


def employee_rows(count: int, *, first_id: int = 1) -> Iterator[dict[str, Any]]:
    """Valid employees with the ids from `first_id`, hired between FIRST_HIRE and LAST_HIRE."""
    # Not for secrets: the same seed makes the same people.
    rng = random.Random(first_id)  # noqa: S311
    seconds = int((LAST_HIRE - FIRST_HIRE).total_seconds())
    for number in range(first_id, first_id + count):
        hired = FIRST_HIRE + timedelta(seconds=rng.randrange(seconds))
        yield {
            "id": number,
            "name": f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            "datetime": hired.isoformat().replace("+00:00", "Z"),
            # Some departments hire more than others, so that the reports have something to say.
            "department_id": min(
                rng.randint(1, len(DEPARTMENTS)), rng.randint(1, len(DEPARTMENTS))
            ),
            "job_id": rng.randint(1, len(JOBS)),
        }


def bad_employee_rows(*, first_id: int) -> list[dict[str, Any]]:
    """Employees that are wrong on purpose, each in another way."""
    [good] = employee_rows(1, first_id=first_id)
    changes: list[dict[str, Any]] = [
        {"name": ""},
        {"name": None, "job_id": None},
        {"name": "Tab\tin the middle"},
        {"name": "x" * 300},
        {"datetime": "27/07/2025"},
        {"datetime": "2025-02-29T10:00:00Z"},
        {"department_id": 99},
        {"job_id": 77},
        {"job_id": "seven"},
        {"nickname": "Zed"},
    ]
    return [good | {"id": first_id + number} | change for number, change in enumerate(changes)]
