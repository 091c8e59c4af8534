"""What a run publishes, keeps and says, in a directory and in S3."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars
import pytest
from django.db import connection

from departments.models import Department
from employees.models import Employee
from hrapi.audit.models import AuditEvent
from hrapi.backups.locking import one_run_at_a_time
from hrapi.places.bucket import Bucket
from reports.datasets.registry import all_datasets, get_dataset
from reports.lake import directory_lake, services
from reports.lake.manifest import Manifest, parse_manifest
from reports.lake.places import lake_of
from tests.backups.conftest import S3_KEY, S3_SECRET
from tests.backups.fake_s3 import FakeS3, serve
from tests.backups.running import ODD_NAMES, run
from tests.readme import ROOT
from tests.reports.lake.reading import Lake, on_day

pytestmark = pytest.mark.usefixtures("stored")


def test_all_datasets_are_of_one_moment_and_whole(lake: Lake) -> None:
    published = lake.exported()

    assert [path.split("/")[0] for path in published] == [d.name for d in all_datasets()]
    manifests = [lake.manifest(path) for path in published]
    assert len({(m["id"], m["snapshot"], m["snapshot_at"]) for m in manifests}) == 1
    assert all(lake.is_whole(path) for path in published)
    assert {m["processed_on"] for m in manifests} == {manifests[0]["snapshot_at"][:10]}
    assert not [path for path in lake.files() if path.startswith("_unfinished")]


def test_names_of_people_stay_where_nobody_asks_for_them(lake: Lake) -> None:
    [path] = lake.exported("employees")

    assert "name" not in {column["name"] for column in lake.manifest(path)["columns"]}
    assert not AuditEvent.objects.filter(action="names_exported").exists()
    everything = b"".join(p.read_bytes() for p in lake.root.rglob("*") if p.is_file())
    assert not [name for name in ODD_NAMES if name.encode() in everything]
    lake.exported("employees", "--with-names")
    assert "name" in {column["name"] for column in lake.manifest(path)["columns"]}
    assert AuditEvent.objects.get(action="names_exported").what == {
        "tables": ["employees"],
        "place": lake.place,
    }
    assert not [name for name in ODD_NAMES if name in "".join(lake.logs())]


def test_files_are_for_nobody_else(directory: Lake, data_dir: Path) -> None:
    umask = os.umask(0)
    try:
        directory.exported("employees")
    finally:
        os.umask(umask)

    for root in (directory.root, data_dir):
        for path in (root, *root.rglob("*")):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_later_export_of_the_day_takes_the_place_of_the_earlier(lake: Lake) -> None:
    [path] = lake.exported("employees")
    before = lake.files()
    Employee.objects.filter(id=1000).delete()

    assert lake.exported("employees") == [path]

    assert lake.is_whole(path)
    assert not {file for file in lake.files() & before if not file.endswith("_manifest.json")}
    frame = polars.read_parquet(f"{lake.root}/employees/**/*.parquet")
    assert len(frame) == Employee.objects.count() == lake.manifest(path)["rows"]


def test_exports_of_other_days_stay(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    on_day(monkeypatch, -1)
    [yesterday] = lake.exported("employees")
    on_day(monkeypatch, 0)
    Employee.objects.filter(id=1000).delete()

    [today] = lake.exported("employees")

    assert today > yesterday
    assert len(lake.newest("employees")) == lake.manifest(today)["rows"] > 0
    assert lake.is_whole(yesterday)
    assert lake.is_whole(today)


def test_the_log_is_kept_here_and_there(lake: Lake, data_dir: Path) -> None:
    lake.exported("departments", "jobs")

    [log] = (data_dir / "exports").glob("*.log")
    said = log.read_text()
    assert lake.logs() == [said]
    assert "departments/processed_on=" in said
    assert said.endswith("Z done.\n")


def test_writers_meanwhile_change_nothing(lake: Lake) -> None:
    before = Employee.objects.count()
    place = lake_of(lake.place)
    datasets = [d for d in all_datasets() if d.name in {"departments", "employees", "hires"}]

    def write(dataset: str, rows: int) -> None:
        Employee.objects.filter(id__gte=1000).first().delete()  # type: ignore[union-attr]
        Department.objects.update(department=f"Written during {dataset} at {rows}")

    exports = services.export(
        place, datasets, incremental=False, with_names=False, on_progress=write
    )

    assert Employee.objects.count() < before
    employees = polars.read_parquet(f"{lake.root}/employees/**/*.parquet")
    hires = polars.read_parquet(f"{lake.root}/hires/**/*.parquet")
    departments = polars.read_parquet(f"{lake.root}/departments/**/*.parquet")
    assert len(employees) == hires["hires"].sum() == before
    assert not departments["department"].str.contains("Written").any()
    assert len({export.snapshot for export in exports}) == 1


def test_a_second_run_says_who_is_at_work_and_backups_go_on(directory: Lake) -> None:
    with one_run_at_a_time("export", key=services._KEY, work="exports"):
        finished = directory.export()
        backing_up = run("backup")

    assert (finished.code, finished.output) == (75, "")
    assert f"hrapi export, process {os.getpid()} is at work on exports." in finished.errors
    assert not directory.root.exists()
    assert backing_up.code == 0
    directory.exported()


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["employes", "--to", "x"], 2, "'employes' is none of the datasets departments, jobs,"),
        (["--to", "s3:/bucket"], 1, "'s3:/bucket' is not a place: name a directory"),
        (["--to", ""], 1, "'' is not a place"),
        (["--to", "/proc/nowhere"], 1, "/proc/nowhere: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], code: int, said: str) -> None:
    finished = run("export_parquet", *arguments)

    assert (finished.code, finished.output) == (code, "")
    assert finished.errors.startswith(f"CommandError: {said}")
    assert len(finished.errors.splitlines()) == 1


def test_what_killed_runs_left_of_their_own_is_removed(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "tmp"
    here.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    used: set[Path] = set()
    services.export(
        lake_of(lake.place),
        [get_dataset("jobs")],
        incremental=False,
        with_names=False,
        on_progress=lambda dataset, rows: used.update(here.iterdir()),
    )
    assert used
    for directory in used:
        # As if a run that was killed long ago had left it.
        directory.mkdir()
        os.utime(directory, (0, 0))

    lake.exported("jobs")

    assert not list(here.iterdir())


def test_a_link_that_leads_nowhere_is_no_place(tmp_path: Path) -> None:
    for name, target in (("dangling", "nowhere"), ("loop", "loop")):
        (tmp_path / name).symlink_to(tmp_path / target)

        finished = run("export_parquet", "--to", tmp_path / name)

        assert (finished.code, finished.output) == (1, "")
        assert finished.errors == f"CommandError: {tmp_path / name}: Not a directory\n"
        assert not (tmp_path / "nowhere").exists()


def test_a_bucket_that_is_not_there(bucket: Path, data_dir: Path) -> None:
    finished = run("export_parquet", "--to", "s3://nowhere/x")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == "CommandError: s3://nowhere/x: the server answers NoSuchBucket.\n"
    [log] = (data_dir / "exports").glob("*.log")
    assert log.read_text().endswith("failed: s3://nowhere/x: the server answers NoSuchBucket.\n")
    assert S3_KEY not in log.read_text()
    assert S3_SECRET not in log.read_text()


def test_what_fails_publishes_nothing_and_its_log_says_why(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.exported("departments", "employees")
    before = lake.files()

    def fail(*arguments: Any) -> None:
        raise OSError(28, "No space left on device", "/somewhere")

    with monkeypatch.context() as patched:
        patched.setattr("pyarrow.parquet.ParquetWriter.write_table", fail)
        finished = lake.export()

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == "CommandError: /somewhere: No space left on device\n"
    assert lake.files() == before
    assert lake.logs()[-1].endswith("failed: [Errno 28] No space left on device: '/somewhere'\n")
    lake.exported()


def test_a_run_whose_lock_went_with_its_connection_leaves_what_the_next_one_publishes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.exported("departments", "jobs")
    published: set[str] = set()

    def lose_the_lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name LIKE 'hrapi export%%'"
            )
        Department.objects.update(department="Other")
        lake.exported("departments", "jobs")
        published.update(file for file in lake.files() if not file.startswith("_unfinished-"))

    def losing(real: Any) -> Any:
        def instead(*arguments: Any) -> Any:
            patched.undo()
            lose_the_lock()
            return real(*arguments)

        return instead

    with monkeypatch.context() as patched:
        patched.setattr(directory_lake, "create_file", losing(directory_lake.create_file))
        patched.setattr(Bucket, "upload", losing(Bucket.upload))
        finished = lake.export("departments", "jobs")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors.startswith("CommandError: The database failed (")
    assert lake.files() == published
    assert {row[1] for row in lake.newest("departments")} == {"Other"}
    lake.exported("departments", "--since", "last")


def years_of_employees() -> set[int]:
    return {moment.year for moment in Employee.objects.values_list("datetime", flat=True)}


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.8, 0.9])
def test_what_fails_while_it_is_published_is_taken_back(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, share: float, is_done: bool
) -> None:
    published = lake.exported("departments", "jobs")
    before = {path: (lake.root / path).read_bytes() for path in lake.files()}
    Department.objects.update(department="Other")
    left = math.inf

    def failing(real: Any) -> Any:
        def instead(*arguments: Any) -> None:
            nonlocal left
            left -= 1
            fails = left == 0
            if not fails or is_done:
                real(*arguments)
            if fails:
                raise OSError(5, "Input/output error", "somewhere")

        return instead

    for name in ("upload", "replace"):
        monkeypatch.setattr(Bucket, name, failing(getattr(Bucket, name)))
    monkeypatch.setattr(directory_lake, "put_in_place", failing(directory_lake.put_in_place))
    # Three files of what is known, three exports, in S3 each with a manifest, and the journal.
    steps = 6 if lake.place == str(lake.root) else 9 + len(years_of_employees())
    left = 1 + int(share * steps)
    finished = lake.export("departments", "jobs", "employees")

    assert left <= 0
    left = math.inf
    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == "CommandError: somewhere: Input/output error\n"
    kept = {path: (lake.root / path).read_bytes() for path in lake.files()}
    assert {path: data for path, data in kept.items() if path in before} == before
    # What was known of the rows may have been put there already: it is of no export.
    assert not [path for path in kept if path not in before and not path.startswith("_state/")]
    assert lake.exported("departments", "jobs", "--since", "last") != published
    assert lake.current("departments") == [(1, "Other"), (2, "Other")]


def test_an_export_from_the_future_stops_all(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = lake.exported("jobs")
    manifest = lake.root / path / "_manifest.json"
    ahead = datetime.now(UTC) + timedelta(days=2)
    manifest.write_text(
        manifest.read_text().replace(lake.manifest(path)["snapshot_at"], ahead.isoformat())
    )

    finished = lake.export("jobs")

    assert finished.code == 1
    assert "in the future: set the clock right or remove it." in finished.errors


def test_what_others_keep_there_is_not_replaced(lake: Lake) -> None:
    [path] = lake.exported("jobs")
    lake.remove(lake.root / path / "_manifest.json")
    before = lake.files()

    finished = lake.export("departments", "jobs")

    assert (finished.code, finished.output) == (1, "")
    assert f"{lake.place}/{path} is there and is no export: remove it" in finished.errors
    assert {file for file in lake.files() if not file.startswith("_state/")} == {
        file for file in before if not file.startswith("_state/")
    }


@pytest.mark.parametrize("data", [b"", b"null", b'["x"]', b"[1]", b"\xff"])
def test_a_journal_that_is_not_understood_stops_all(bucket: Path, data: bytes) -> None:
    lake = Lake("s3://hr/hr-lake", bucket / "hr-lake")
    lake.exported("jobs")
    lake.put(lake.root / "_unfinished/x.json", data)

    finished = lake.export("jobs")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors.startswith(
        "CommandError: s3://hr/hr-lake/_unfinished/x.json is not understood: it: "
    ) or finished.errors.startswith(
        "CommandError: s3://hr/hr-lake/_unfinished/x.json is not understood: 0: "
    )
    assert len(finished.errors.splitlines()) == 1


def test_the_empty_objects_that_consoles_make_for_folders_are_passed_over(
    credentials: None, settings: Any
) -> None:
    folders = ("", "_unfinished/", "jobs/", f"jobs/processed_on={datetime.now(UTC):%F}/")
    fake = FakeS3({f"hr-lake/{folder}": b"" for folder in folders})
    with serve(fake) as settings.S3_ENDPOINT_URL:
        finished = run("export_parquet", "jobs", "--to", "s3://hr/hr-lake")

    assert finished.code == 0, finished.errors
    assert fake.objects.keys() > {f"hr-lake/{folder}" for folder in folders}


def test_what_is_spoilt_on_its_way_is_not_taken_for_a_manifest(
    credentials: None, settings: Any
) -> None:
    fake = FakeS3()
    with serve(fake) as settings.S3_ENDPOINT_URL:
        assert run("export_parquet", "jobs", "--to", "s3://hr/x").code == 0
        before = {key: data for key, data in fake.objects.items() if "/_logs/" not in key}
        fake.fault = lambda method, key: "spoilt" if key.endswith("_manifest.json") else ""
        finished = run("export_parquet", "jobs", "--to", "s3://hr/x")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == "CommandError: s3://hr/x: the server answers BadDigest.\n"
    assert {key: data for key, data in fake.objects.items() if "/_logs/" not in key} == before


def test_a_manifest_that_is_not_understood_stops_all(lake: Lake) -> None:
    [path] = lake.exported("jobs")
    (lake.root / path / "_manifest.json").write_text("{}")

    finished = lake.export("jobs")

    assert finished.code == 1
    assert "_manifest.json is not understood: format: Field required." in finished.errors


def test_the_place_of_the_settings_is_the_default(directory: Lake, settings: Any) -> None:
    settings.EXPORT_PLACE = directory.place

    finished = run("export_parquet", "jobs")

    assert finished.code == 0
    assert finished.errors == f"2 rows of 1 datasets in {directory.place}\n"
    [path] = [line.split()[0] for line in finished.output.splitlines()]
    assert directory.is_whole(path)


def test_the_documented_manifest_is_one() -> None:
    text = (ROOT / "docs/lake.md").read_text()
    [example] = [b for b in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "sha256" in b]

    manifest = parse_manifest(example.encode(), "docs/lake.md")

    assert manifest.directory == "employees/processed_on=2026-11-26"
    assert list(json.loads(example)) == list(Manifest.model_fields)
