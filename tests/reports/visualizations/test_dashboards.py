"""Charts that are looked at together."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.audit.models import AuditEvent
from reports.visualizations import services
from reports.visualizations.models import Dashboard
from tests.charts import REJECTIONS, save
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

DASHBOARDS = "/api/v1/dashboards/"


def test_a_dashboard_is_saved_changed_and_deleted(reader: Any) -> None:
    chart = save("readers")

    response = reader.post(DASHBOARDS, {"title": "Hiring", "charts": ["hiring-flow", chart.pk]})

    saved = Dashboard.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{DASHBOARDS}{saved.pk}/"
    answer = response.json()
    assert answer == reader.get(response["Location"]).json()
    assert reader.get(DASHBOARDS).json() == [answer]
    assert {answer.pop(name)[-1] for name in ("created_at", "updated_at")} == {"Z"}
    assert answer == {
        "id": saved.pk, "title": "Hiring", "owner": "readers-user", "is_team": False,
        "may_change": True, "charts": ["hiring-flow", chart.pk],
    }  # fmt: skip

    changed = reader.patch(f"{DASHBOARDS}{saved.pk}/", {"charts": [chart.pk]})
    assert (changed.status_code, changed.json()["charts"]) == (200, [chart.pk])
    assert reader.delete(f"{DASHBOARDS}{saved.pk}/").status_code == 204
    assert Dashboard.objects.count() == 0
    event = AuditEvent.objects.get(action="dashboard_deleted")
    assert (event.user, event.what) == ("readers-user", {"dashboard": saved.pk})


@pytest.mark.parametrize(
    "sent, detail",
    [
        ({}, "title: It is needed."),
        ({"title": ""}, "title: "),
        ({"title": "x", "charts": "hiring-flow"}, "charts: Send a list of up to 20 ids or names"),
        ({"title": "x", "charts": [True]}, "charts: Send a list of up to 20 ids or names"),
        ({"title": "x", "charts": [1.5]}, "charts: Send a list of up to 20 ids or names"),
        ({"title": "x", "charts": list(range(21))}, "charts: Send a list of up to 20 ids or names"),
        ({"title": "x", "charts": ["hiring-flow", "hiring-flow"]}, "charts: Send each once."),
        ({"title": "x", "charts": ["nothing"]}, "charts: nothing: There is nothing at this"),
        ({"title": "x", "charts": [-1]}, "charts: -1: There is nothing at this address."),
        ({"title": "x", "charts": [10**40]}, "charts: 1000"),
        ({"title": "x", "charts": ["rejections-by-reason"]}, "charts: rejections-by-reason: This"),
        ({"title": "x", "is_team": "yes"}, "is_team: Send true or false."),
        ({"title": "x", "description": "x"}, "'description': Send title, is_team, charts"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(reader: Any, sent: dict[str, Any], detail: str) -> None:
    problem = assert_problem(reader.post(DASHBOARDS, sent), 400, "invalid_parameter")

    assert problem["detail"].startswith(detail), problem["detail"]
    assert Dashboard.objects.count() == 0


def test_what_others_keep_goes_on_no_dashboard(reader: Any, other: Any) -> None:
    kept = save("loaders")

    response = reader.post(DASHBOARDS, {"title": "x", "charts": [kept.pk]})

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == f"charts: {kept.pk}: There is nothing at this address."


def test_the_id_of_a_chart_is_no_text(reader: Any) -> None:
    chart = save("readers")

    response = reader.post(DASHBOARDS, {"title": "x", "charts": [str(chart.pk)]})

    assert_problem(response, 400, "invalid_parameter")


def test_who_sees_and_changes_a_dashboard(reader: Any, other: Any, api: Any) -> None:
    sent = {"title": "Hiring", "charts": ["rejections-by-reason"]}
    address = other.post(DASHBOARDS, sent).headers["Location"]
    assert other.patch(address, {"title": "Kept"}).status_code == 200

    for stranger in (reader, api):
        assert stranger.get(DASHBOARDS).json() == []
        for method in ("get", "patch", "delete"):
            assert_problem(getattr(stranger, method)(address, {}), 404, "not_found")

    assert other.patch(address, {"is_team": True}).status_code == 200
    assert reader.get(address).json()["may_change"] is False
    for method in ("patch", "delete"):
        response = getattr(reader, method)(address, {"title": "x"})
        assert_problem(response, 403, "permission_denied")
    assert Dashboard.objects.get().title == "Kept"

    assert api.patch(address, {"title": "Ours"}).json()["title"] == "Ours"
    assert api.delete(address).status_code == 204


def test_charts_that_one_may_not_look_at_are_not_told_of(reader: Any, other: Any) -> None:
    private, shown = save("loaders"), save("loaders", is_team=True)
    charts = ["rejections-by-reason", private.pk, "hiring-flow", shown.pk]
    sent = {"title": "Hiring", "is_team": True, "charts": charts}
    address = other.post(DASHBOARDS, sent).headers["Location"]

    assert other.get(address).json()["charts"] == charts
    assert reader.get(address).json()["charts"] == ["hiring-flow", shown.pk]
    [listed] = reader.get(DASHBOARDS).json()
    assert listed["charts"] == ["hiring-flow", shown.pk]


def test_charts_that_were_there_stay_when_others_are_put_in(reader: Any, other: Any) -> None:
    shown = save("loaders", specification=REJECTIONS, is_team=True)
    dashboard = Dashboard.objects.create(title="x", charts=[shown.pk], is_team=True)
    Dashboard.objects.update(owner=save("readers").owner)

    response = reader.patch(f"{DASHBOARDS}{dashboard.pk}/", {"charts": ["hiring-flow", shown.pk]})

    assert response.json()["charts"] == ["hiring-flow", shown.pk]


def test_one_user_keeps_so_many_dashboards(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_PER_USER", 1)

    assert reader.post(DASHBOARDS, {"title": "Hiring"}).status_code == 201
    problem = assert_problem(reader.post(DASHBOARDS, {"title": "Hiring"}), 409, "conflict")

    assert problem["detail"] == "There are 1 dashboards of this user. Delete one first."


@pytest.mark.parametrize("pk", ["0", "9" * 30])
def test_a_dashboard_that_is_not_there(reader: Any, pk: str) -> None:
    assert_problem(reader.get(f"{DASHBOARDS}{pk}/"), 404, "not_found")
