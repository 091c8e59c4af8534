"""The reports of Spark on a real cluster of two workers, over real exports, equal those of the service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from departments.models import Department
from employees.models import Employee
from jobs.models import Job
from reports.spark.errors import SparkReportsError
from tests.embedded_postgres.harness import PROJECT
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.reports.spark.cluster import WORKERS
from tests.reports.spark.lakes import export, rows_of
from tests.reports.spark.stored import answers, store

TABLES = ("departments", "jobs", "employees")
COLUMNS = {
    "quarterly-hires": ["year", "department", "job", "q1", "q2", "q3", "q4"],
    "departments-above-mean": ["year", "department_id", "department", "hired", "mean"],
    "hires-by-day": ["year", "date", "department_id", "department", "job_id", "job", "hires"],
}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def db(committed_db: None) -> None:
    """An export reads what is committed."""


def export_now(lake: Path, **options: Any) -> None:
    call_command("export_parquet", *TABLES, to=str(lake), **options)


def make(spark: Any, lake: Path | str, place: Path) -> None:
    from reports.spark.making import make_reports

    make_reports(spark, str(lake), str(place))


def published(place: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows_of(place, name, columns) for name, columns in COLUMNS.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reports_equal_those_of_the_service(
    spark: Any, db: None, tmp_path: Path, seed: int
) -> None:
    store(seed, employees=600)
    export_now(tmp_path)

    make(spark, tmp_path, tmp_path / "out")

    assert published(tmp_path / "out") == answers()
    assert all(answers().values())


def test_increments_are_applied(spark: Any, db: None, tmp_path: Path) -> None:
    lake = tmp_path / "a lake [b]{c,d}*?"
    store(4, employees=200)
    export_now(lake)
    Employee.objects.filter(id__lte=20).delete()
    Employee.objects.filter(id__lte=60).update(datetime=NOON, job=Job.objects.earliest("id"))
    Department.objects.update(department="Sales")
    unused = DepartmentFactory(id=2**53 - 1)
    EmployeeFactory(id=201, department=unused, job=Job.objects.latest("id"))
    export_now(lake, since="last")

    # Into the same place, beside the tables.
    make(spark, lake, lake)

    assert published(lake) == answers()


def test_of_several_increments_the_last_word_on_an_id_counts(spark: Any, tmp_path: Path) -> None:
    def hired(id_: int, moment: datetime, **values: Any) -> dict[str, Any]:
        return {"id": id_, "datetime": moment, "department_id": 1, "job_id": 1, **values}

    for dataset, name in (("departments", "department"), ("jobs", "job")):
        export(tmp_path, dataset, NOON, [{"id": 1, name: "A"}])
        for days in (1, 2):
            export(tmp_path, dataset, NOON + days * DAY, [], since=NOON + (days - 1) * DAY)
    gone: dict[str, Any] = {"is_deleted": True}
    export(tmp_path, "employees", NOON, [hired(id_, NOON) for id_ in range(1, 7)])
    first = [hired(1, NOON + DAY), {"id": 2, **gone}, {"id": 3, **gone}, hired(7, NOON + DAY)]
    export(tmp_path, "employees", NOON + DAY, first, since=NOON)
    second = [hired(1, NOON + 2 * DAY), hired(2, NOON + 2 * DAY), {"id": 7, **gone}]
    export(tmp_path, "employees", NOON + 2 * DAY, second, since=NOON + DAY)
    # Not read: it has no manifest yet.
    export(tmp_path, "employees", NOON + 3 * DAY, [hired(9, NOON)], finished=False)
    # Not read: departments and jobs have none of that moment.
    export(tmp_path, "employees", NOON + 4 * DAY, [hired(9, NOON)])

    make(spark, tmp_path, tmp_path / "out")

    days = [(row[1].day, row[-1]) for row in published(tmp_path / "out")["hires-by-day"]]
    assert days == [(26, 3), (28, 2)]


def test_without_a_hire_the_reports_are_files_without_rows(
    spark: Any, db: None, tmp_path: Path
) -> None:
    DepartmentFactory(id=1)
    export_now(tmp_path)

    make(spark, tmp_path, tmp_path / "out")

    assert published(tmp_path / "out") == {name: [] for name in COLUMNS}
    [file] = (tmp_path / "out" / "quarterly-hires").rglob("*.parquet")
    assert {"department_id", "q4"} <= set(pq.read_schema(file).names)
    manifest = json.loads((file.parents[1] / "_manifest.json").read_text())
    assert manifest["partitioned_by"] == "year"
    assert file.parent.name == f"year={manifest['snapshot_at'][:4]}"


def test_a_run_that_fails_leaves_what_was_published(spark: Any, tmp_path: Path) -> None:
    place = tmp_path / "out"
    hire = {"id": 1, "datetime": NOON, "department_id": 1, "job_id": 1}
    for lake, department in (("good", 1), ("bad", 2)):
        export(tmp_path / lake, "departments", NOON, [{"id": 1, "department": "A"}])
        export(tmp_path / lake, "jobs", NOON, [{"id": 1, "job": "A"}])
        export(tmp_path / lake, "employees", NOON, [hire, hire | {"department_id": department}])
    make(spark, tmp_path / "good", place)
    before = published(place)

    with pytest.raises(Exception, match=r"No department has id 2\."):
        make(spark, tmp_path / "bad", place)

    assert published(place) == before
    assert {path.name for path in place.iterdir()} == set(COLUMNS)
    # Whoever repeats it gets the new rows in place of the old ones.
    make(spark, tmp_path / "good", place)
    assert published(place) == before


@pytest.mark.parametrize("of", ["moments", "format", "rows"])
def test_a_damaged_file_is_no_figure(spark: Any, db: None, tmp_path: Path, of: str) -> None:
    """Where nobody looks, these read as other figures: a footer has no checksum of its own."""
    store(6, employees=50)
    export_now(tmp_path)
    damaged = max(tmp_path.glob("employees/*/*/*.parquet"), key=lambda path: path.stat().st_size)
    if of == "rows":
        pq.write_table(pq.ParquetFile(damaged).read().slice(1), damaged)
    else:
        flip(damaged, in_footer=of == "format")

    with pytest.raises(SparkReportsError, match=rf"{damaged.name} is damaged"):
        make(spark, tmp_path, tmp_path / "out")

    assert not list((tmp_path / "out").glob("*/processed_on=*"))


def flip(path: Path, *, in_footer: bool) -> None:
    """A bit of the last moment, or of what the footer says of the file."""
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    [moments] = [column for column in columns if column.path_in_schema == "datetime"]
    data = bytearray(path.read_bytes())
    first = moments.dictionary_page_offset or moments.data_page_offset
    data[-40 if in_footer else first + moments.total_compressed_size - 1] ^= 1
    path.write_bytes(data)


def test_names_are_folded_as_the_service_folds_them(spark: Any, tmp_path: Path) -> None:
    from reports.spark.hires import folded

    characters = [chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF]
    names = [f"A{character}ß" for character in characters]
    table = pa.table({"name": names, "folded": [name.casefold() for name in names]})
    pq.write_table(table, tmp_path / "names.parquet")
    frame = spark.read.parquet(str(tmp_path))

    assert frame.count() == len(names)
    assert frame.where(folded("name") != frame.folded).count() == 0


def test_a_file_is_no_place(spark: Any, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.touch()

    with pytest.raises(SparkReportsError, match=r"/out is no directory\."):
        make(spark, tmp_path, place)


def test_a_place_that_cannot_be_written_to_is_said_before_anything_is_computed(
    spark: Any, tmp_path: Path
) -> None:
    export(tmp_path, "departments", NOON, [])
    export(tmp_path, "jobs", NOON, [])
    export(tmp_path, "employees", NOON, [])
    place = tmp_path / "out"
    place.symlink_to(tmp_path / "nothing")

    with pytest.raises(SparkReportsError, match=r"/out cannot be written to\."):
        make(spark, tmp_path, place)


def test_runs_that_end_at_once_publish_one_after_the_other(spark: Any, tmp_path: Path) -> None:
    from reports.spark.places import Place
    from reports.spark.publishing import Run, publish

    def publish_one(number: int) -> None:
        run = Run(spark, Place(spark, str(tmp_path)), f"run-{number}")
        manifests = []
        for name in COLUMNS:
            (tmp_path / run.directory / name).mkdir(parents=True)
            (tmp_path / run.directory / name / f"{run.id}.parquet").touch()
            manifests.append({"dataset": name, "processed_on": "2026-11-26", "id": run.id})
        publish(run, manifests)

    for _ in range(10):
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(publish_one, (1, 2)))

        for name in COLUMNS:
            directory = tmp_path / name / "processed_on=2026-11-26"
            manifest = json.loads((directory / "_manifest.json").read_text())
            [file] = directory.rglob("*.parquet")
            assert file == directory / f"{manifest['id']}.parquet"


def test_s3_without_its_package_names_it(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(SparkReportsError, match=r"org\.apache\.hadoop:hadoop-aws:\d") as raised:
        make(spark, "s3://bucket", tmp_path)

    package = next(word for word in str(raised.value).split() if word.startswith("org.apache"))
    assert package in (PROJECT / "docs/spark.md").read_text()


def test_the_command_runs_on_both_workers(
    master: str, home: Path, db: None, tmp_path: Path
) -> None:
    store(5, employees=300)
    export_now(tmp_path)
    apps = set((home / "events").iterdir())

    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "spark_reports"),
            *("--from", str(tmp_path), "--master", master, "--to", str(tmp_path / "out")),
        ],
        cwd=PROJECT,
        env=os.environ | {"SPARK_CONF_DIR": str(home), "HRAPI_DATA_DIR": str(tmp_path / "none")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert published(tmp_path / "out") == answers()
    assert done.stdout.splitlines() == [
        f"file://{next((tmp_path / 'out' / name).iterdir())}" for name in COLUMNS
    ]
    said = [line for line in done.stderr.splitlines() if "incubator modules" not in line]
    assert len(said) == 2 + 2 * len(COLUMNS), done.stderr
    [app] = set((home / "events").iterdir()) - apps
    assert len(tasks_of_workers(home, app)) == WORKERS


def test_ctrl_c_ends_it_without_a_traceback(master: str, home: Path, tmp_path: Path) -> None:
    export(tmp_path, "departments", NOON, [])
    export(tmp_path, "jobs", NOON, [])
    export(tmp_path, "employees", NOON, [])
    command = (sys.executable, "-m", "reports.spark", "--master", master)
    process = subprocess.Popen(
        [*command, "--from", str(tmp_path), "--to", str(tmp_path / "out")],
        cwd=PROJECT,
        env=os.environ | {"SPARK_CONF_DIR": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    while "Computing" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert process.returncode == 130
    assert said.endswith("Interrupted.\n")
    assert "Traceback" not in said
    assert not list((tmp_path / "out").iterdir())


def tasks_of_workers(home: Path, app: Path) -> Counter[str]:
    """How many tasks of a program each worker has done, by the name of its directory."""
    events = map(json.loads, app.read_text().splitlines())
    tasks = Counter(
        event["Task Info"]["Executor ID"]
        for event in events
        if event["Event"] == "SparkListenerTaskEnd"
    )
    workers: Counter[str] = Counter()
    for executor, number in tasks.items():
        [directory] = home.glob(f"worker-*/{app.name}/{executor}")
        workers[directory.parts[-3]] += number
    return workers
