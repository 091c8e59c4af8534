"""`pull` and frames: what comes out is what the service has, typed as it says."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow.parquet
import pytest

from hrapi.client import ClientError, retrying
from hrapi.client.columns import Column, Description
from hrapi.client.errors import UsageError
from hrapi.client.frames import frame_of
from hrapi.client.parquet import write_parquet
from tests.client.answering import Said, answering
from tests.client.serving import Served
from tests.client.test_client import client_of
from tests.installation import PROJECT

CSV_OF = {"Content-Type": "text/csv; charset=utf-8"}
TYPES = Description(
    "all",
    "All",
    "One of each type.",
    (
        Column("integer", "integer", False, "A whole number."),
        Column("missing", "integer", True, "One that may be missing."),
        Column("number", "number", True, ""),
        Column("text", "text", True, ""),
        Column("at", "datetime", True, ""),
        Column("day", "date", True, ""),
    ),
)
ROWS = [
    {
        "integer": 2**53 - 1,
        "missing": None,
        "number": 0.1,
        "text": "=Zoë",
        "at": "2021-11-07T02:48:42.000001Z",
        "day": "2021-11-07",
    },
    dict.fromkeys(("missing", "number", "text", "at", "day")) | {"integer": 1},
]
MOMENT = datetime(2021, 11, 7, 2, 48, 42, 1, tzinfo=UTC)


@pytest.fixture
def service(service: Served) -> Served:
    with service.installed.connection() as cursor:
        cursor.execute("INSERT INTO departments (id, department) VALUES (1, '=Sales'), (2, 'Zoë')")
        cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'Nurse')")
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id) SELECT n, 'Name ' || n,"
            " '2021-01-01Z'::timestamptz + n * '1 hour'::interval, 1 + n %% 2, 1"
            " FROM generate_series(1, %s) n",
            [9000],
        )
    return service


@pytest.mark.parametrize("form", ["csv", "json"])
def test_csv_and_json_are_those_of_the_service(service: Served, tmp_path: Path, form: str) -> None:
    with service.client() as client:
        expected = client.get("/api/v1/datasets/employees/", format=form).content

    out = tmp_path / f"employees.{form}"
    done = service.run("pull", "employees", "--out", out, home=tmp_path)
    printed = service.run("pull", "employees", f"--format={form}", home=tmp_path)

    assert (done.code, done.output, done.errors) == (0, "", "")
    assert out.read_bytes() == expected
    assert printed.output.encode() == expected
    assert list(tmp_path.iterdir()) == [out]


def test_filters_are_passed_on(service: Served, tmp_path: Path) -> None:
    arguments = ("pull", "quarterly-hires", "--format=jsonl", "--filter")

    with_hires = service.run(*arguments, "year=2021", home=tmp_path)
    without = service.run(*arguments, "from_year=2023", "--filter=to_year=2024", home=tmp_path)

    assert [json.loads(line)["department"] for line in with_hires.output.splitlines()] == [
        "=Sales",
        "Zoë",
    ]
    assert (without.code, without.output) == (0, "")


def test_parquet_is_typed_and_described(service: Served, tmp_path: Path) -> None:
    out = tmp_path / "employees.parquet"

    done = service.run("pull", "employees", f"--out={out}", home=tmp_path)

    assert done.code == 0, done.errors
    schema = pyarrow.parquet.read_schema(out)
    assert [str(field.type) for field in schema] == [
        "int64",
        "string",
        "timestamp[us, tz=UTC]",
        "int64",
        "string",
        "int64",
        "string",
    ]
    assert schema.field("id").metadata[b"description"] != b""
    found = polars.read_parquet(out)
    with service.client() as client:
        rows = list(client.rows("employees"))
    assert found.height == len(rows) == 9000
    assert found["department"].to_list() == [row["department"] for row in rows]
    assert found["datetime"][0] == datetime(2021, 1, 1, 1, tzinfo=UTC)


def test_parquet_holds_every_type_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "all.parquet"
    with path.open("wb") as file:
        write_parquet(file, TYPES, ROWS)

    assert polars.read_parquet(path).rows() == [
        (2**53 - 1, None, 0.1, "=Zoë", MOMENT, date(2021, 11, 7)),
        (1, None, None, None, None, None),
    ]


@pytest.mark.parametrize("rows", [ROWS, []], ids=["rows", "no rows"])
def test_a_frame_has_the_types_of_the_columns(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(TYPES, rows)

    assert [str(dtype) for dtype in frame.dtypes] == [
        *("int64", "Int64", "float64", "string", "datetime64[us, UTC]", "datetime64[us]"),
    ]
    assert len(frame) == len(rows)
    if rows:
        assert frame["integer"][0] == 2**53 - 1
        assert frame["at"][0] == pandas.Timestamp(MOMENT)
        assert frame["day"][0] == pandas.Timestamp("2021-11-07")
        assert frame.loc[1, ["missing", "number", "text", "at", "day"]].isna().all()


def test_a_frame_of_the_service(service: Served) -> None:
    with service.client() as client:
        frame = client.frame("hires", year=2021)

    assert frame["hires"].sum() == 8759
    assert list(frame["department"].unique()) == ["=Sales", "Zoë"]


def test_a_dataset_that_there_is_not_is_wrong_usage(service: Served, tmp_path: Path) -> None:
    done = service.run("pull", "hirings", "--out=x.parquet", home=tmp_path)
    refused = service.run("pull", "hires", "--filter=yaer=2021", "--out=x.csv", home=tmp_path)

    assert (done.code, refused.code) == (2, 1)
    assert "There is no dataset 'hirings'" in done.errors
    assert "400 invalid_parameter: There is no parameter 'yaer' here" in refused.errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("filters", [["year"], ["=2021"]])
def test_a_filter_has_a_name_and_a_value(
    service: Served, tmp_path: Path, filters: list[str]
) -> None:
    done = service.run("pull", "hires", "--filter", *filters, home=tmp_path)

    assert (done.code, "write it like year=2021" in done.errors) == (2, True)


def test_after_a_break_bytes_go_on_where_they_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hrapi.client.reading import CSV, dataset_bytes

    monkeypatch.setattr(retrying, "_growing", lambda state: 0.01)
    body = bytes(range(256)) * 1000
    headers = CSV_OF | {"ETag": 'W/"1"'}
    cut = Said(body=body, headers=headers, cut=200_000)
    with (
        answering(cut, Said(body=body, headers=headers), Said(304, b"", headers)) as server,
        client_of(server) as client,
    ):
        found = b"".join(dataset_bytes(client, "hires", {}, media_type=CSV))

    assert found == body


def test_what_breaks_for_good_leaves_no_file(service: Served, tmp_path: Path) -> None:
    with answering(Said(body=b"id\n1", headers=CSV_OF, cut=2)) as server:
        done = service.run(
            *("pull", "hires", "--out=hires.csv", "--retry-for=0.1"),
            home=tmp_path,
            HRAPI_ADDRESS=server.address,
        )

    assert done.code == 1
    assert "error: The connection to" in done.errors
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_no_file_to_write(service: Served, tmp_path: Path) -> None:
    done = service.run("pull", "hires", "--out", str(tmp_path), home=tmp_path)

    assert (done.code, done.errors) == (1, f"error: {tmp_path}: Is a directory\n")


def test_a_page_in_place_of_csv_is_an_error(service: Served, tmp_path: Path) -> None:
    with answering(Said(body=b"<html>", headers={"Content-Type": "text/html"})) as server:
        done = service.run("pull", "hires", home=tmp_path, HRAPI_ADDRESS=server.address)

    assert (done.code, done.output) == (1, "")
    assert "Something before the service answers in its place" in done.errors


@pytest.mark.parametrize(
    "missing, work",
    [
        ("pandas", "frame_of(d, [])"),
        ("pyarrow", "write_parquet(io.BytesIO(), d, [])"),
    ],
)
def test_what_is_not_installed_is_named(missing: str, work: str) -> None:
    code = (
        f"import io, sys; sys.modules[{missing!r}] = None\n"
        "from hrapi.client.columns import Description\n"
        "from hrapi.client.frames import frame_of\n"
        "from hrapi.client.parquet import write_parquet\n"
        f"d = Description('x', '', '', ()); {work}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert "ClientError: " in done.stderr
    assert f"pip install {missing}" in done.stderr


def test_open_rejected_rows_are_told_of(service: Served, tmp_path: Path) -> None:
    service.run("push", "employees", "-", home=tmp_path, stdin=b"9999,Ada,yesterday,1,1\n")

    done = service.run("pull", "hires", home=tmp_path)

    assert done.errors == "1 rejected rows are still open, and so not in hires.\n"


def test_errors_of_usage_are_client_errors() -> None:
    assert issubclass(UsageError, ClientError)
