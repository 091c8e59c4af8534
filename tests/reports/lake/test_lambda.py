"""The recipe for AWS Lambda, called as Lambda calls it, against a service that runs and a real server of S3."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest

from reports.datasets.registry import all_datasets
from reports.lake.manifest import parse_manifest
from tests.embedded_postgres.harness import PROJECT
from tests.faults.installed import service
from tests.installation import Installation
from tests.reports.lake.reading import Lake

pytestmark = pytest.mark.slow


@pytest.fixture
def installed() -> Iterator[Installation]:
    with service(employees=300) as installed:
        with installed.connection() as cursor:
            cursor.execute(
                "UPDATE employees SET datetime = datetime - id % 60 * interval '1 year' WHERE id > 1"
            )
        yield installed


def handler_of_the_file() -> Any:
    found = importlib.util.spec_from_file_location("handler", PROJECT / "deploy/lambda/handler.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def handler(
    installed: Installation, bucket: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """That of the file, with the token of somebody who may read all."""
    made = installed.manage(
        "shell", "-v0", "-c",
        "from django.contrib.auth.models import Group, User\n"
        "User.objects.create_user('lambda').groups.add(*Group.objects.filter(name__in=['loaders', 'readers']))",
    )  # fmt: skip
    assert made.code == 0, made.errors
    token = installed.manage("issue_token", "lambda").output.split()[-1]
    module = handler_of_the_file()
    with installed.serving() as port:
        monkeypatch.setenv("HRAPI_ADDRESS", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("HRAPI_TOKEN", token)
        monkeypatch.setenv("S3_ENDPOINT_URL", settings.S3_ENDPOINT_URL)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield module.handler


def test_it_exports_what_the_command_exports(
    handler: Any, installed: Installation, bucket: Path, tmp_path: Path
) -> None:
    datasets = [dataset.name for dataset in all_datasets()]
    lake = Lake("s3://hr/by-lambda", bucket / "by-lambda")
    event = {"datasets": datasets, "bucket": "hr", "prefix": "by-lambda"}

    answer = handler(event, None)

    here = Lake(str(tmp_path / "lake"), tmp_path / "lake")
    exported = installed.manage("export_parquet", "--with-names", "--to", here.place)
    assert exported.code == 0, exported.errors
    directories = [line.split()[0] for line in exported.output.splitlines()]
    assert [export["directory"] for export in answer["exports"]] == directories
    for directory in directories:
        assert lake.is_whole(directory)
        manifest = (lake.root / directory / "_manifest.json").read_bytes()
        parse_manifest(manifest, directory)
        for member in ("dataset", "kind", "rows", "partitioned_by", "columns"):
            assert lake.manifest(directory)[member] == here.manifest(directory)[member]
        found, expected = (
            polars.read_parquet(f"{of.root}/{directory}/**/*.parquet", hive_partitioning=True)
            for of in (lake, here)
        )
        assert found.schema == expected.schema
        assert sorted(found.rows(), key=repr) == sorted(expected.rows(), key=repr)


def test_again_on_the_same_day(handler: Any, installed: Installation, bucket: Path) -> None:
    lake = Lake("s3://hr", bucket)
    event = {"datasets": ["employees"], "bucket": "hr"}
    [first] = handler(event, None)["exports"]
    before = lake.files()
    with installed.connection() as cursor:
        cursor.execute("DELETE FROM employees WHERE id < 100")

    [second] = handler(event, None)["exports"]

    assert second == {"directory": first["directory"], "rows": first["rows"] - 99}
    assert lake.is_whole(second["directory"])
    assert lake.files() & before == {f"{second['directory']}/_manifest.json"}


def test_of_two_runs_at_once_one_publishes(
    handler: Any, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake("s3://hr", bucket)
    event = {"datasets": ["employees"], "bucket": "hr"}
    publish = handler.__globals__["publish"]
    published: list[str] = []

    def with_another_one_beside_it(s3: Any, *arguments: Any) -> None:
        monkeypatch.setitem(handler.__globals__, "publish", publish)
        upload = s3.upload_file

        def upload_file(*arguments: Any) -> None:
            upload(*arguments)
            if not published:
                published.extend(export["directory"] for export in handler(event, None)["exports"])

        s3.upload_file = upload_file
        publish(s3, *arguments)

    monkeypatch.setitem(handler.__globals__, "publish", with_another_one_beside_it)

    with pytest.raises(RuntimeError, match="Another run publishes employees/processed_on="):
        handler(event, None)

    [directory] = published
    assert lake.is_whole(directory)
    listed = {f"{directory}/{file['path']}" for file in lake.manifest(directory)["files"]}
    assert lake.files() == {f"{directory}/_manifest.json", *listed}


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"datasets": ["jobs"]},
        {"bucket": "hr"},
        {"datasets": [], "bucket": "hr"},
        {"datasets": "jobs", "bucket": "hr"},
        {"datasets": ["jobs"], "bucket": "hr", "prefix": 7},
        {"datasets": ["jobs"], "bucket": "hr", "Prefix": "prod"},
    ],
)
def test_an_event_that_is_not_understood_is_refused_before_any_work(event: Any) -> None:
    with pytest.raises(ValueError, match="The event is to be like"):
        handler_of_the_file().handler(event, None)


def test_slashes_around_a_prefix_do_not_count() -> None:
    places_of = handler_of_the_file().places_of
    for prefix, expected in (("/", ""), (None, ""), ("/a/b/", "a/b/")):
        event = {"datasets": ["jobs"], "bucket": "hr", "prefix": prefix}
        assert places_of(event) == (["jobs"], "hr", expected)


def test_what_is_refused_is_raised(handler: Any, bucket: Path) -> None:
    with pytest.raises(Exception, match="There is no dataset 'employes' for the user"):
        handler({"datasets": ["employes"], "bucket": "hr"}, None)
    with pytest.raises(Exception, match="NoSuchBucket"):
        handler({"datasets": ["jobs"], "bucket": "nowhere"}, None)

    assert not list(bucket.rglob("*.json"))
