"""The newest full export with the increments since is what a full export now would be, whatever happened."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from hrapi.tables import get_table
from reports.datasets.registry import all_datasets, get_dataset
from reports.lake.changes import Found, Known, changed_rows
from tests.backups.running import ODD_NAMES, store
from tests.factories import employee_row
from tests.reports.lake.reading import Lake, on_day, stored_rows

WITH_IDS = [dataset.name for dataset in all_datasets() if dataset.has_ids]


def edit(rng: random.Random) -> None:
    """Rows inserted, deleted, changed in one column, put back as they were, and what they refer to renamed."""
    ids = list(Employee.objects.values_list("id", flat=True))
    some = rng.sample(ids, min(len(ids), rng.randint(0, 8)))
    match rng.randrange(8):
        case 0:
            Employee.objects.filter(id__in=some).delete()
        case 1:
            store(*(employee_row(id=rng.randint(1, 3000)) for _ in range(5)))
        case 2:
            Employee.objects.filter(id__in=some).update(name=rng.choice(ODD_NAMES))
        case 3:
            Employee.objects.filter(id__in=some).update(department_id=rng.choice([1, 2]))
        case 4:
            # One microsecond, or another year.
            step = rng.choice(["1 microsecond", "400 days"])
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE employees SET datetime = datetime - %s::interval"
                    " WHERE id = ANY(%s) AND datetime > '2000-01-01Z'",
                    [step, some],
                )
        case 5:
            Department.objects.filter(id=2).update(department=rng.choice(ODD_NAMES[:5]))
        case 6:
            store(employee_row(id=rng.randint(1, 9), name=""), 7)
        case 7:
            RejectedRow.objects.filter(id__in=rng.sample(range(1, 400), 50)).delete()


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("seed", range(4))
def test_random_edits(
    directory: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    directory.exported(*WITH_IDS, "--with-names")
    kept: dict[int, Any] = {
        row[0]: row for row in stored_rows(get_dataset("employees"), with_names=True)
    }

    day = 0
    for _ in range(6):
        for _ in range(rng.randint(0, 4)):
            edit(rng)
        if rng.random() < 0.3:
            put_back(rng, kept)
        # Several a day, and now and then a full one between them.
        day += rng.randint(0, 1)
        on_day(monkeypatch, day)
        since = [] if rng.random() < 0.2 else ["--since", "last"]
        directory.exported(*WITH_IDS, "--with-names", *since)

        for name in WITH_IDS:
            expected = stored_rows(get_dataset(name), with_names=True)
            assert directory.current(name) == sorted(expected), name


def put_back(rng: random.Random, kept: dict[int, Any]) -> None:
    """Some employees as they were in the beginning, those that are gone too."""
    for id_ in rng.sample(sorted(kept), 5):
        _, name, moment, department, _, job, _ = kept[id_]
        Employee.objects.update_or_create(
            id=id_,
            defaults={
                "name": name, "datetime": moment, "department_id": department, "job_id": job,
            },
        )  # fmt: skip


@pytest.mark.usefixtures("stored")
def test_who_has_applied_an_increment_may_apply_the_one_that_replaces_it(
    directory: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.exported("employees")
    on_day(monkeypatch, 1)
    was = Employee.objects.get(id=1000)
    Employee.objects.filter(id=1000).update(job_id=2)
    Employee.objects.filter(id=1001).delete()
    store(employee_row(id=2000))
    [path] = directory.exported("employees", "--since", "last")
    first = directory.manifest(path)
    Employee.objects.filter(id=1000).update(job_id=was.job_id)
    Employee.objects.filter(id=2000).delete()

    assert directory.exported("employees", "--since", "last") == [path]

    # 1000 is again as it was before both: whoever has the first is told, too.
    second = directory.manifest(path)
    assert second["since"] == first["since"]
    assert changes(directory, path) == {1000: False, 1001: True, 2000: True}
    on_day(monkeypatch, 2)
    [path] = directory.exported("employees", "--since", "last")
    assert directory.manifest(path)["since"] == second["id"]
    assert changes(directory, path) == {}


def changes(lake: Lake, path: str) -> dict[int, bool]:
    """Of each id in an increment, whether it is said to be deleted."""
    frame = polars.read_parquet(f"{lake.root}/{path}/*.parquet")
    assert frame["id"].is_sorted()
    return dict(frame.select("id", "is_deleted").iter_rows())


@pytest.mark.usefixtures("stored")
def test_what_is_deleted_leaves_its_id_alone(lake: Lake) -> None:
    lake.exported("employees", "--with-names")
    Employee.objects.filter(id=1).delete()

    [path] = lake.exported("employees", "--with-names", "--since", "last")

    [row] = polars.read_parquet(f"{lake.root}/{path}/*.parquet").to_dicts()
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": 1,
        "is_deleted": True,
    }


@pytest.mark.usefixtures("stored")
def test_figures_and_what_was_never_exported_are_exported_in_full(lake: Lake) -> None:
    published = lake.exported("departments", "hires", "--since", "last")

    assert [lake.manifest(path)["kind"] for path in published] == ["full", "full"]
    published = lake.exported("departments", "hires", "--since", "last")
    assert [lake.manifest(path)["kind"] for path in published] == ["incremental", "full"]
    assert published[0].startswith("departments-changes/")


@pytest.mark.usefixtures("stored")
def test_with_other_columns_all_is_exported_in_full(lake: Lake) -> None:
    lake.exported("employees")

    [path] = lake.exported("employees", "--with-names", "--since", "last")

    assert lake.manifest(path)["kind"] == "full"


@pytest.mark.usefixtures("stored")
def test_without_what_the_last_export_held_there_is_no_increment(lake: Lake) -> None:
    lake.exported("employees")
    before = lake.files()
    [state] = (lake.root / "_state" / "employees").iterdir()
    data = state.read_bytes()
    lake.remove(state)

    finished = lake.export("employees", "--since", "last")

    assert finished.code == 1
    assert "is missing. Make a full export, without --since." in finished.errors
    middle = len(data) // 3
    lake.put(state, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    finished = lake.export("employees", "--since", "last")
    assert finished.code == 1
    assert "does not read as it was written" in finished.errors
    assert lake.files() == before
    assert lake.exported("employees")


@given(
    st.dictionaries(st.integers(0, 9), st.binary(max_size=1)),
    st.dictionaries(st.integers(0, 9), st.binary(max_size=1)),
    st.sets(st.integers(0, 9)),
)
def test_changed_rows_are_those_that_differ(
    before: dict[int, bytes], now: dict[int, bytes], told: set[int]
) -> None:
    kept: list[Known] = []

    found = dict(
        changed_rows(
            (Found((id_,), hash_) for id_, hash_ in sorted(now.items())),
            (Known(id_, hash_) for id_, hash_ in sorted(before.items())),
            sorted(told),
            keep=kept.append,
        )
    )

    different = {id_ for id_ in before | now if before.get(id_) != now.get(id_)} | told
    assert found == {id_: (id_,) if id_ in now else None for id_ in sorted(different)}
    assert list(found) == sorted(found)
    assert dict(kept) == now


def test_every_table_has_ids() -> None:
    assert {"departments", "jobs", "employees", "rejected-rows"} == set(WITH_IDS)
    assert get_table("employees").fields[0] == "id"
