"""Answers about charts, dashboards and links are as the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.documented import ROOT, assert_documented, the_document
from tests.charts import HIRES

pytestmark = pytest.mark.usefixtures("hires")

CHARTS, ONE = f"{ROOT}visualizations/", f"{ROOT}visualizations/{{chart}}/"


def answered(client: Any, method: str, path: str, body: Any = None, **ids: Any) -> Any:
    """The answer, which is as documented."""
    response = getattr(client, method)(path.format(**ids), body)
    if response.status_code != 204:
        assert_documented(the_document(), method, path, response)
    return response


@pytest.mark.parametrize("frozen", [False, True])
def test_what_is_answered_is_documented(reader: Any, frozen: bool) -> None:
    saved = answered(reader, "post", CHARTS, {"title": "Hires", "specification": HIRES})
    chart = saved.json()["id"]
    answered(reader, "get", CHARTS)
    for key in (chart, "hiring-flow"):
        assert answered(reader, "get", ONE, chart=key).status_code == 200
    assert answered(reader, "patch", ONE, {"title": "Other"}, chart=chart).status_code == 200
    assert answered(reader, "get", f"{ONE}figure/", chart=chart).status_code == 200
    assert answered(reader, "get", f"{ONE}data.csv", chart=chart).status_code == 200

    made = answered(reader, "post", f"{ONE}shares/", {"frozen": frozen}, chart=chart)
    assert made.status_code == 201
    share = made.json()["id"]
    answered(reader, "get", f"{ONE}shares/", chart=chart)
    answered(reader, "get", f"{ROOT}shares/")
    answered(reader, "get", f"{ROOT}shares/{{id}}/", id=share)
    assert answered(reader, "delete", f"{ROOT}shares/{{id}}/", id=share).status_code == 204

    sent = {"title": "Hiring", "charts": ["hiring-flow", chart]}
    dashboard = answered(reader, "post", f"{ROOT}dashboards/", sent).json()["id"]
    answered(reader, "get", f"{ROOT}dashboards/")
    for method, status in (("get", 200), ("patch", 200), ("delete", 204)):
        body = {"title": "x"} if method == "patch" else None
        response = answered(reader, method, f"{ROOT}dashboards/{{id}}/", body, id=dashboard)
        assert response.status_code == status
    assert answered(reader, "delete", ONE, chart=chart).status_code == 204


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("post", CHARTS, {"title": "x"}, 400),
        ("get", f"{ROOT}visualizations/{{chart}}/figure/", None, 404),
        ("patch", ONE, {"title": "x"}, 404),
        ("delete", ONE, None, 404),
        ("post", f"{ONE}shares/", {}, 404),
        ("get", f"{ROOT}shares/{{id}}/", None, 404),
        ("post", f"{ROOT}dashboards/", {"title": "x", "charts": [-1]}, 400),
        ("delete", f"{ROOT}dashboards/{{id}}/", None, 404),
    ],
)
def test_what_is_refused_is_documented(
    reader: Any, method: str, path: str, body: Any, status: int
) -> None:
    response = answered(reader, method, path, body, chart="nothing", id=10**9)

    assert response.status_code == status


@pytest.mark.parametrize(
    "method, path",
    [("patch", f"{CHARTS}hiring-flow/"), ("delete", f"{CHARTS}hiring-flow/")],
)
def test_a_standard_chart_is_refused_as_documented(reader: Any, method: str, path: str) -> None:
    response = getattr(reader, method)(path, {})

    assert response.status_code == 403
    assert_documented(the_document(), method, ONE, response)


def test_examples_of_what_is_sent_are_taken(reader: Any) -> None:
    """Of each operation that takes a body."""
    chart = reader.post(CHARTS, {"title": "Hires", "specification": HIRES}).json()["id"]
    paths: Any = the_document()["paths"]
    taken = 0
    for path in (CHARTS, ONE, f"{ONE}shares/", f"{ROOT}dashboards/"):
        for method in ("post", "patch"):
            body = paths[path].get(method, {}).get("requestBody")
            for example in body["content"]["application/json"]["examples"].values() if body else ():
                sent = example["value"]
                if "charts" in sent:
                    sent = sent | {"charts": ["hires-by-department", chart]}
                response = getattr(reader, method)(path.format(chart=chart), sent)
                assert response.status_code in (200, 201), response.content
                taken += 1
    assert taken == 4
