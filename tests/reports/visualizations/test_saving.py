"""Charts are saved, seen, changed and deleted by those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from hrapi.audit.models import AuditEvent
from reports.charts.standard import STANDARD_CHARTS
from reports.visualizations import services
from reports.visualizations.models import Dashboard, Share, Visualization
from tests.charts import API, HIRES, REJECTIONS, save
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

NOT_FOUND = "There is nothing at this address."
PRIVATE_FORMS = ["", "figure/", "data.csv", "image.png", "image.svg", "shares/"]


def everything() -> list[Any]:
    return [list(model.objects.values()) for model in (Visualization, Dashboard, Share)]


def titles(client: Any) -> list[str]:
    """Of what is saved, as it is listed."""
    return [chart["title"] for chart in client.get(API).json() if not chart["is_standard"]]


def test_a_chart_is_saved_with_all_that_was_left_out(reader: Any) -> None:
    sent = {
        "title": "  Hires of 2021 ",
        "description": "By department.\nFor the board.",
        "specification": {
            "dataset": "hires", "parameters": {"year": 2021}, "type": "bar", "x": "department",
            "y": "hires",
        },
    }  # fmt: skip

    response = reader.post(API, sent)

    assert response.status_code == 201
    saved = Visualization.objects.get()
    address = f"http://testserver{API}{saved.pk}/"
    assert response["Location"] == address
    answer = response.json()
    assert answer == reader.get(address).json()
    moments = [answer.pop(name) for name in ("created_at", "updated_at")]
    assert all(moment.endswith("Z") for moment in moments)
    assert answer == {
        "id": saved.pk,
        "title": "Hires of 2021",
        "description": "By department.\nFor the board.",
        "owner": "readers-user",
        "is_team": False,
        "is_standard": False,
        "may_change": True,
        "specification": HIRES,
        "figure": f"{address}figure/",
        "png": f"{address}image.png",
        "svg": f"{address}image.svg",
        "csv": f"{address}data.csv",
    }
    assert saved.owner == User.objects.get(username="readers-user")


@pytest.mark.parametrize(
    "change, detail",
    [
        ({"title": None}, "title: "),
        ({"title": " "}, "title: "),
        ({"title": "x" * 256}, "title: "),
        ({"title": "a\x00b"}, "title: "),
        ({"description": None}, "description: Send a text of up to 5,000 characters."),
        ({"description": "x" * 5001}, "description: Send a text of up to 5,000 characters."),
        ({"description": "a\x00b"}, "description: The character U+0000 cannot be kept."),
        ({"is_team": 1}, "is_team: Send true or false."),
        ({"owner": "ann"}, "'owner': Send title, description, is_team, specification"),
        ({"figure": {}}, "'figure': Send title,"),
        ({"specification": None}, "specification: Send an object."),
        ({"specification": {"data": [], "layout": {}}}, "'data': specification knows dataset,"),
        ({"specification": HIRES | {"x": "nothing"}}, "x: hires has the columns "),
        ({"specification": HIRES | {"dataset": "salaries"}}, "dataset: Send one of "),
        ({"specification": HIRES | {"y": "department"}}, "y: department is no amount"),
        (
            {"specification": HIRES | {"dataset": "employees", "x": "name", "parameters": {}}},
            "y: ",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_saved(
    reader: Any, change: dict[str, Any], detail: str
) -> None:
    sent = {"title": "Hires", "specification": HIRES} | change

    problem = assert_problem(reader.post(API, sent), 400, "invalid_parameter")

    assert problem["detail"].startswith(detail), problem["detail"]
    assert Visualization.objects.count() == 0


@pytest.mark.parametrize("missing", ["title", "specification"])
def test_what_is_missing_is_named(reader: Any, missing: str) -> None:
    sent = {"title": "Hires", "specification": HIRES}
    del sent[missing]

    problem = assert_problem(reader.post(API, sent), 400, "invalid_parameter")

    assert problem["detail"] == f"{missing}: It is needed."


@pytest.mark.parametrize(
    "chart",
    [
        {"type": "table", "columns": ["id", "name"]},
        {"type": "bar", "x": "name", "aggregate": "count"},
        {"type": "bar", "x": "department", "aggregate": "count", "filters": {"name": ["Zoë"]}},
    ],
    ids=["table", "bar", "filter"],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_names_of_people_are_in_no_chart_whoever_asks(
    api: Any, chart: dict[str, Any], method: str
) -> None:
    saved = save("administrators")
    sent = {"title": "People", "specification": {"dataset": "employees", **chart}}
    address = API if method == "post" else f"{API}{saved.pk}/"

    problem = assert_problem(getattr(api, method)(address, sent), 400, "invalid_parameter")

    assert "name holds names of people, which are in no chart." in problem["detail"]
    assert Visualization.objects.get() == saved
    assert Visualization.objects.get().specification == HIRES


def test_standard_charts_come_first_then_what_is_saved_by_age(reader: Any, other: Any) -> None:
    save("readers", title="Mine")
    save("loaders", title="Theirs", is_team=True)
    save("loaders", title="Kept")

    listed = reader.get(API).json()

    # Rejections are not a reader's to look at.
    assert [chart["id"] for chart in listed if chart["is_standard"]] == [
        chart.name for chart in STANDARD_CHARTS if chart.name != "rejections-by-reason"
    ]
    assert [chart["title"] for chart in listed[-2:]] == ["Mine", "Theirs"]
    assert [chart["may_change"] for chart in listed[-2:]] == [True, False]
    assert "rejections-by-reason" in [chart["id"] for chart in other.get(API).json()]


def test_every_standard_chart_can_be_read_and_saved_again(api: Any) -> None:
    for chart in STANDARD_CHARTS:
        read = api.get(f"{API}{chart.name}/").json()
        assert (read["id"], read["title"], read["is_standard"]) == (chart.name, chart.title, True)
        assert (read["created_at"], read["may_change"], read["owner"]) == (None, False, "")
        saved = api.post(API, {"title": "Mine", "specification": read["specification"]})
        assert saved.status_code == 201


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_nobody_changes_a_standard_chart(api: Any, method: str) -> None:
    response = getattr(api, method)(f"{API}hiring-flow/", {"title": "x"})

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"] == (
        "hiring-flow is a standard chart, which stays as it is. Save one with its specification."
    )


@pytest.mark.parametrize("group", ["loaders", "administrators"])
@pytest.mark.parametrize("form", PRIVATE_FORMS)
def test_what_somebody_keeps_is_not_there_for_others(
    reader: Any, client_of: Any, group: str, form: str
) -> None:
    kept = save("readers", title="Kept")
    stranger = client_of(group)
    before = everything()

    found = stranger.get(f"{API}{kept.pk}/{form}")
    never = stranger.get(f"{API}{kept.pk + 1}/{form}")

    assert found.content == never.content
    assert assert_problem(found, 404, "not_found")["detail"] == NOT_FOUND
    for method in ("patch", "delete"):
        response = getattr(stranger, method)(f"{API}{kept.pk}/", {"is_team": True})
        assert_problem(response, 404, "not_found")
    assert_problem(stranger.post(f"{API}{kept.pk}/shares/", {}), 404, "not_found")
    assert titles(stranger) == []
    assert everything() == before


@pytest.mark.parametrize("key", ["0", "-1", "nothing", "9" * 30, "00", "hiring_flow"])
def test_a_chart_that_is_not_there(reader: Any, key: str) -> None:
    for form in PRIVATE_FORMS:
        assert_problem(reader.get(f"{API}{key}/{form}"), 404, "not_found")


def test_a_chart_of_the_team_is_looked_at_by_all_and_changed_by_its_owner(
    reader: Any, other: Any
) -> None:
    shown = save("readers", is_team=True)
    before = everything()

    assert other.get(f"{API}{shown.pk}/").json()["owner"] == "readers-user"
    assert other.get(f"{API}{shown.pk}/figure/").status_code == 200
    for method in ("patch", "delete"):
        response = getattr(other, method)(f"{API}{shown.pk}/", {"title": "Mine"})
        problem = assert_problem(response, 403, "permission_denied")
        assert problem["detail"] == "It is somebody else's: look at it, or save your own."
    assert everything() == before

    assert reader.patch(f"{API}{shown.pk}/", {"title": "Other"}).json()["title"] == "Other"
    assert titles(other) == ["Other"]
    assert reader.patch(f"{API}{shown.pk}/", {"is_team": False}).status_code == 200
    assert titles(other) == []


def test_administrators_change_and_delete_what_is_the_teams(reader: Any, api: Any) -> None:
    shown = save("readers", is_team=True)

    # Even to what they do not see any more.
    response = api.patch(f"{API}{shown.pk}/", {"title": "Hidden", "is_team": False})
    assert (response.status_code, response.json()["title"]) == (200, "Hidden")
    assert_problem(api.delete(f"{API}{shown.pk}/"), 404, "not_found")

    Visualization.objects.update(is_team=True)
    assert api.delete(f"{API}{shown.pk}/").status_code == 204
    assert Visualization.objects.count() == 0


def test_what_nobody_owns_any_more_is_seen_and_deleted_by_administrators(
    reader: Any, api: Any
) -> None:
    kept = save("readers", title="Kept")
    User.objects.get(username="readers-user").delete()

    assert titles(api) == ["Kept"]
    assert api.get(f"{API}{kept.pk}/").json()["owner"] == ""
    assert api.delete(f"{API}{kept.pk}/").status_code == 204


def test_what_nobody_owns_is_not_there_for_others(other: Any) -> None:
    kept = save(None, title="Kept")

    assert titles(other) == []
    assert_problem(other.get(f"{API}{kept.pk}/"), 404, "not_found")


def test_the_right_to_read_the_dataset_is_needed_too(reader: Any, other: Any) -> None:
    shown = save("loaders", specification=REJECTIONS, is_team=True)
    before = everything()

    assert other.get(f"{API}{shown.pk}/figure/").status_code == 200
    assert titles(reader) == []
    for address in (*(f"{shown.pk}/{form}" for form in PRIVATE_FORMS), "rejections-by-reason/"):
        problem = assert_problem(reader.get(f"{API}{address}"), 403, "permission_denied")
        assert problem["detail"] == "This is made of rejections, which you may not read."
    own = save("readers")
    for response in (
        reader.post(API, {"title": "x", "specification": REJECTIONS}),
        reader.patch(f"{API}{own.pk}/", {"specification": REJECTIONS}),
    ):
        problem = assert_problem(response, 403, "permission_denied")
        assert problem["detail"] == "This is made of rejections, which you may not read."
    own.delete()
    assert everything() == before


def test_an_owner_who_may_not_change_any_more_does_not(reader: Any) -> None:
    kept = save("readers")
    user = User.objects.get(username="readers-user")
    user.groups.clear()
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_visualization", "view_report"])
    )
    client = type(reader)(raise_request_exception=False)
    client.force_authenticate(User.objects.get(pk=user.pk))

    assert client.get(f"{API}{kept.pk}/figure/").status_code == 200
    assert_problem(client.patch(f"{API}{kept.pk}/", {"title": "x"}), 403, "permission_denied")
    assert_problem(client.delete(f"{API}{kept.pk}/"), 403, "permission_denied")
    assert_problem(client.post(API, {}), 403, "permission_denied")


def test_deleting_takes_links_and_places_on_dashboards_and_is_recorded(reader: Any) -> None:
    gone, stays = save("readers"), save("readers")
    for chart in (gone, gone, stays):
        assert reader.post(f"{API}{chart.pk}/shares/", {}).status_code == 201
    Dashboard.objects.create(title="x", charts=[stays.pk, gone.pk, "hiring-flow"])

    assert reader.delete(f"{API}{gone.pk}/").status_code == 204

    assert list(Visualization.objects.all()) == [stays]
    assert list(Share.objects.values_list("visualization", flat=True)) == [stays.pk]
    assert Dashboard.objects.get().charts == [stays.pk, "hiring-flow"]
    event = AuditEvent.objects.get(action="visualization_deleted")
    assert (event.user, event.what) == ("readers-user", {"visualization": gone.pk, "shares": 2})


def test_one_user_keeps_so_many_charts(
    reader: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_PER_USER", 2)
    sent = {"title": "Hires", "specification": HIRES}

    assert [reader.post(API, sent).status_code for _ in range(2)] == [201, 201]
    problem = assert_problem(reader.post(API, sent), 409, "conflict")

    assert problem["detail"] == "There are 2 visualizations of this user. Delete one first."
    assert other.post(API, sent).status_code == 201


def test_changing_what_is_there_twice_at_once_leaves_the_other_fields(reader: Any) -> None:
    saved = save("readers", title="Old")
    Visualization.objects.filter(pk=saved.pk).update(description="Newer")

    assert reader.patch(f"{API}{saved.pk}/", {"title": "New"}).status_code == 200

    saved.refresh_from_db()
    assert (saved.title, saved.description) == ("New", "Newer")
    assert saved.updated_at > saved.created_at
