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
    found = importlib.util.spec_from_file_location("handler", PROJECT / "deploy/lambda/handler.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
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


def test_what_is_refused_is_raised(handler: Any, bucket: Path) -> None:
    with pytest.raises(Exception, match="There is no dataset 'employes' for the user"):
        handler({"datasets": ["employes"], "bucket": "hr"}, None)
    with pytest.raises(Exception, match="NoSuchBucket"):
        handler({"datasets": ["jobs"], "bucket": "nowhere"}, None)

    assert not list(bucket.rglob("*.json"))
