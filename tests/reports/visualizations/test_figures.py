"""Charts as figures of Plotly, pictures and files, with what an address asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.charts import API, HIRES, REJECTIONS, save
from tests.factories import EmployeeFactory
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.usefixtures("hires")

FORMS = ["figure/", "data.csv", "image.png", "image.svg"]


def reject_an_employee() -> None:
    batch = Batch.objects.create(table="employees", source="api", mode="partial")
    RejectedRow.objects.create(
        batch=batch, table="employees", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


def bars(response: Any) -> dict[str, int]:
    """The bars of the one series, by what stands under them."""
    assert response.status_code == 200, response.content
    [trace] = response.json()["data"]
    return dict(zip(trace["x"], trace["y"], strict=True))


def test_a_saved_chart_is_a_figure(reader: Any) -> None:
    saved = save("readers", title="Hires <2021>")
    reject_an_employee()

    response = reader.get(f"{API}{saved.pk}/figure/")

    figure = response.json()
    assert response["Content-Type"] == "application/json"
    assert response["Rejected-Rows-Open"] == "1"
    assert set(figure) == {"data", "layout"}
    assert figure["data"][0]["type"] == "bar"
    assert bars(response) == {"Legal": 2, "Sales": 4}
    assert figure["layout"]["title"]["text"] == "Hires &lt;2021&gt;"


def test_a_standard_chart_is_a_figure_of_the_year_that_is_asked_for(reader: Any) -> None:
    address = f"{API}hires-by-department/figure/"

    assert bars(reader.get(address, {"year": 2021})) == {"Sales": 4, "Legal": 2, "Support": 0}
    # The last one with a hire.
    assert bars(reader.get(address)) == {"Support": 1, "Legal": 0, "Sales": 0}


@pytest.mark.parametrize(
    "asked, expected",
    [
        ({"year": "2022"}, {"Support": 1}),
        ({"from_year": "2021"}, {"Legal": 2, "Sales": 4, "Support": 1}),
        ({"to_year": "2021"}, {"Legal": 2, "Sales": 4}),
        ({"date": "2021-08-15"}, {"Sales": 1}),
        ({"last_days": "1"}, {}),
        ({"zeros": "true"}, {"Legal": 2, "Sales": 4, "Support": 0}),
        ({"department_id": "2,3"}, {"Legal": 2}),
        ({"department_id": "2", "year": "2022"}, {}),
        ({"job_id": "1"}, {"Legal": 2, "Sales": 4}),
        ({"job_id": "2"}, {}),
    ],
    ids=str,
)
def test_the_address_changes_period_and_filters(
    reader: Any, asked: dict[str, str], expected: dict[str, int]
) -> None:
    saved = save("readers")

    assert bars(reader.get(f"{API}{saved.pk}/figure/", asked)) == expected


def test_zeros_of_the_chart_stay_when_another_year_is_asked_for(reader: Any) -> None:
    saved = save("readers", specification=HIRES | {"parameters": {"year": "2021", "zeros": "true"}})
    address = f"{API}{saved.pk}/figure/"

    assert bars(reader.get(address, {"year": "2022"})) == {"Legal": 0, "Sales": 0, "Support": 1}
    assert bars(reader.get(address, {"year": "2022", "zeros": "false"})) == {"Support": 1}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "asked, detail",
    [
        ("colour=red", "There is no parameter 'colour' here."),
        ("year=21", "year: send a whole number from 1900 to 2100, not '21'."),
        ("year=2021&year=2022", "year: send the parameter once, not twice."),
        ("year=2021&last_days=1", "period: ask for one, not by last_days and year."),
        ("department_id=", "department_id: send 1 to 100 whole numbers like 1,3, not ''."),
        ("department_id=1,", "department_id: send 1 to 100 whole numbers like 1,3, not '1,'."),
        ("department_id=-1", "department_id: send 1 to 100 whole numbers like 1,3, not '-1'."),
        ("job_id=１", "job_id: send 1 to 100 whole numbers like 1,3, not '１'."),
        (f"job_id={'9' * 16}", f"job_id: send 1 to 100 whole numbers like 1,3, not '{'9' * 16}'."),
        ("format=csv", "format: choose one of json."),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    reader: Any, form: str, asked: str, detail: str
) -> None:
    saved = save("readers")

    problem = assert_problem(
        reader.get(f"{API}{saved.pk}/{form}?{asked}"), 400, "invalid_parameter"
    )

    assert problem["detail"].startswith(detail)


def test_a_hundred_departments_may_be_asked_for_and_no_more(reader: Any) -> None:
    saved = save("readers")

    for number, status in ((100, 200), (101, 400)):
        asked = ",".join(map(str, range(1, number + 1)))
        response = reader.get(f"{API}{saved.pk}/figure/?department_id={asked}")
        assert response.status_code == status


def test_a_dataset_takes_no_parameter_of_another(other: Any) -> None:
    saved = save("loaders", specification=REJECTIONS)

    for name in ("year", "department_id"):
        response = other.get(f"{API}{saved.pk}/figure/?{name}=1")
        problem = assert_problem(response, 400, "invalid_parameter")
        assert problem["detail"].startswith(f"There is no parameter '{name}' here.")


def test_what_is_made_of_no_table_lacks_no_rows(other: Any) -> None:
    saved = save("loaders", specification=REJECTIONS)

    assert "Rejected-Rows-Open" not in other.get(f"{API}{saved.pk}/figure/")


def test_the_numbers_are_a_file_that_no_spreadsheet_runs(reader: Any) -> None:
    saved = save("readers")
    EmployeeFactory(
        department__id=9, department__department="=1+1", datetime=datetime(2021, 5, 1, tzinfo=UTC)
    )

    response = reader.get(f"{API}{saved.pk}/data.csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="chart-{saved.pk}.csv"'
    assert response["Rejected-Rows-Open"] == "0"
    assert text_of(response) == "Department,Hires\n'=1+1,1\nLegal,2\nSales,4\n"


@pytest.mark.parametrize(
    "form, media_type, beginning",
    [("image.png", "image/png", b"\x89PNG\r\n"), ("image.svg", "image/svg+xml", b"<?xml ")],
)
def test_a_picture_is_drawn_without_a_browser(
    reader: Any, form: str, media_type: str, beginning: bytes
) -> None:
    saved = save("readers")

    response = reader.get(f"{API}{saved.pk}/{form}")

    assert response.status_code == 200
    assert response["Content-Type"] == media_type
    assert response.content.startswith(beginning)
    assert response["Rejected-Rows-Open"] == "0"
    # Opened by itself, SVG is a document.
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("form", FORMS)
def test_it_is_sent_again_only_when_something_changed(reader: Any, form: str) -> None:
    saved = save("readers")
    address = f"{API}{saved.pk}/{form}"

    def etag_now(etag: str = "") -> tuple[int, str]:
        response = reader.get(address, headers={"if-none-match": etag} if etag else {})
        assert response.status_code == 304 or b"".join(response)
        return response.status_code, response["ETag"]

    _, etag = etag_now()
    assert etag_now(etag) == (304, etag)
    for change in (
        lambda: EmployeeFactory(),
        reject_an_employee,
        lambda: reader.patch(f"{API}{saved.pk}/", {"title": "Another"}),
        lambda: reader.patch(
            f"{API}{saved.pk}/", {"specification": HIRES | {"options": {"values": True}}}
        ),
    ):
        change()
        status, newer = etag_now(etag)
        assert (status, newer == etag) == (200, False)
        etag = newer


def test_what_is_unchanged_is_neither_counted_nor_drawn(reader: Any, settings: Any) -> None:
    settings.REPORTS_PER_MINUTE = 1
    saved = save("readers")
    address = f"{API}{saved.pk}/figure/"
    etag = reader.get(address)["ETag"]

    with mock.patch("reports.visualizations.views.drawn.chart_data", side_effect=AssertionError):
        for _ in range(3):
            assert reader.get(address, headers={"if-none-match": etag}).status_code == 304

    assert_problem(reader.get(address), 429, "throttled")


def test_the_past_days_are_others_tomorrow(reader: Any) -> None:
    address = f"{API}recent-hires/figure/"
    etag = reader.get(address)["ETag"]
    assert reader.get(address, headers={"if-none-match": etag}).status_code == 304

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with mock.patch("reports.datasets.parameters.datetime") as clock:
        clock.now.return_value = tomorrow
        response = reader.get(address, headers={"if-none-match": etag})

    assert response.status_code == 200


def test_a_figure_of_many_rows_costs_few_queries(
    reader: Any, django_assert_max_num_queries: Any
) -> None:
    saved = save("readers")
    for department in (1, 2, 3):
        for _ in range(5):
            EmployeeFactory(department_id=department, department=None, job_id=1, job=None)
    assert Employee.objects.count() > 20
    reader.get(f"{API}{saved.pk}/figure/")

    with django_assert_max_num_queries(9):
        reader.get(f"{API}{saved.pk}/figure/")
