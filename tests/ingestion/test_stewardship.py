"""Working off the reject log: correcting an entry, discarding entries, opening them again."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.api.documented import assert_documented, the_document
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.problem_bodies import assert_problem

LOG = "/api/v1/rejected-rows/"
EMPLOYEES = "/api/v1/employees/"


@pytest.fixture
def steward(client_of: Any) -> Any:
    for number in (1, 2):
        DepartmentFactory(id=number)
        JobFactory(id=number)
    return client_of("stewards")


def reject(client: Any, *rows: Any, to: str = EMPLOYEES) -> list[int]:
    """Posts rows that are all rejected; the ids of their entries."""
    answer = client.post(to, list(rows), format="json")
    assert answer.status_code == 422, answer.content
    return [row["rejected_row"] for row in answer.json()["rejected_rows"]]


def row(**fields: Any) -> dict[str, Any]:
    return employee_row(department_id=1, job_id=1) | fields


def resubmit(client: Any, entry: int, body: Any) -> Any:
    response = client.post(f"{LOG}{entry}/resubmit/", body, format="json")
    assert_documented(the_document(), "post", f"{LOG}{{id}}/resubmit/", response)
    return response


def change(client: Any, what: str, body: Any) -> Any:
    response = client.post(f"{LOG}{what}/", body, format="json")
    assert_documented(the_document(), "post", f"{LOG}{what}/", response)
    return response


def status(entry: int) -> str:
    return RejectedRow.objects.get(pk=entry).status


def events(entry: int) -> list[tuple[Any, ...]]:
    history = RejectedRow.objects.get(pk=entry).history
    return [(event["action"], event["user"], event["reason"]) for event in history]


@pytest.mark.django_db
class TestResubmitting:
    def test_a_correction_is_laid_over_the_row_and_the_entry_closes(self, steward: Any) -> None:
        sent = row(id=7, name=" Zoë 😀", department_id=99)
        [entry] = reject(steward, sent)

        shown = resubmit(steward, entry, {"department_id": 2}).json()

        employee = Employee.objects.get()
        assert (employee.pk, employee.name, employee.department_id) == (7, "Zoë 😀", 2)
        assert (shown["id"], shown["status"]) == (entry, "resolved")
        batch = Batch.objects.latest("id")
        assert (batch.source, batch.received, batch.inserted) == ("resubmission", 1, 1)
        assert employee.batch_id == batch.pk
        # By itself, as every row that is taken, and no second time.
        [event] = shown["history"]
        assert (event["action"], event["batch"], event["user"]) == (
            "resolved", batch.pk, "stewards-user",
        )  # fmt: skip

    def test_what_is_still_wrong_changes_nothing(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=7, name="", department_id=99))
        batches = Batch.objects.count()

        problem = assert_problem(resubmit(steward, entry, {"department_id": 98}), 422, "required")

        assert [(e["field"], e["code"]) for e in problem["errors"]] == [
            ("name", "required"), ("department_id", "unknown_department"),
        ]  # fmt: skip
        assert (status(entry), events(entry)) == ("open", [])
        assert (Batch.objects.count(), RejectedRow.objects.count()) == (batches, 1)

    @pytest.mark.parametrize("correction", [{}, {"name": "Ada", "x": None}])
    def test_null_takes_a_field_away(self, steward: Any, correction: dict[str, Any]) -> None:
        [entry] = reject(steward, row(id=7, name="Ada", x="surplus"))

        response = resubmit(steward, entry, correction)

        assert response.status_code == (200 if correction else 422)
        assert Employee.objects.exists() is bool(correction)

    @pytest.mark.parametrize("sent", [7, "text", None, [1], {"name": "x" * 20_000}])
    def test_of_what_was_no_row_the_correction_is_all_there_is(
        self, steward: Any, sent: Any
    ) -> None:
        [entry] = reject(steward, sent)

        assert resubmit(steward, entry, {"id": 7}).status_code == 422
        assert resubmit(steward, entry, row(id=7)).status_code == 200

        assert status(entry) == "resolved"
        assert Employee.objects.get().pk == 7

    def test_another_id(self, steward: Any) -> None:
        steward.post(EMPLOYEES, [row(id=7, name="First")], format="json")
        entry, other = reject(steward, row(id=7, name="Second"), row(id=8, name=""))

        assert resubmit(steward, entry, {"id": 8}).status_code == 200

        assert Employee.objects.get(pk=8).name == "Second"
        # The row with id 8 was taken, so nothing of it is open.
        assert [status(entry), status(other)] == ["resolved", "resolved"]
        assert events(entry)[0][2] == "It was corrected and sent again."

    def test_a_row_that_is_there_already_closes_the_entry_too(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=7, name="Ada", department_id=99))
        taken = row(id=7, name="Ada")
        steward.post(EMPLOYEES, [taken], format="json")
        RejectedRow.objects.update(status="open")

        assert resubmit(steward, entry, taken).status_code == 200

        assert status(entry) == "resolved"
        assert Batch.objects.latest("id").unchanged == 1

    @pytest.mark.parametrize("state", ["resolved", "superseded", "discarded"])
    def test_an_entry_that_is_not_open_is_refused(self, steward: Any, state: str) -> None:
        [entry] = reject(steward, row(id=7, name=""))
        RejectedRow.objects.update(status=state)

        problem = assert_problem(resubmit(steward, entry, {"name": "Ada"}), 409, "conflict")

        assert state in problem["detail"]
        assert not Employee.objects.exists()

    def test_an_entry_that_there_is_not(self, steward: Any) -> None:
        assert_problem(resubmit(steward, 999, {"name": "Ada"}), 404, "not_found")

    def test_a_key_sent_twice(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=7, name=""))

        response = steward.generic(
            "POST", f"{LOG}{entry}/resubmit/", '{"name": "A", "name": "B"}',
            content_type="application/json",
        )  # fmt: skip

        assert_problem(response, 422, "duplicate_key")
        assert status(entry) == "open"

    def test_who_may_correct_but_not_post_is_refused(self, steward: Any) -> None:
        from django.contrib.auth.models import Permission, User

        [entry] = reject(steward, row(id=7, name=""))
        half = User.objects.create_user("half")
        half.user_permissions.add(Permission.objects.get(codename="change_rejectedrow"))
        steward.force_authenticate(half)

        assert_problem(resubmit(steward, entry, {"name": "Ada"}), 403, "permission_denied")
        assert status(entry) == "open"


@pytest.mark.django_db
class TestDiscarding:
    def test_by_code_and_value_and_back(self, steward: Any) -> None:
        first, second, third = reject(
            steward,
            row(department_id=120), row(department_id=120, name=""), row(department_id=121),
        )  # fmt: skip
        body = {"filter": {"code": "unknown_department", "value": 120}, "reason": "Test data"}

        foretold = change(steward, "discard", body | {"dry_run": True}).json()
        assert foretold == {"dry_run": True, "changed": 2, "rejected_rows": [first, second]}
        assert status(first) == "open"
        done = change(steward, "discard", body).json()

        assert done == foretold | {"dry_run": False}
        assert [status(entry) for entry in (first, second, third)] == [
            "discarded", "discarded", "open",
        ]  # fmt: skip
        assert events(first) == [("discarded", "stewards-user", "Test data")]
        assert change(steward, "discard", body).json()["changed"] == 0

        body |= {"filter": {"id": [first, third]}, "reason": "It was not"}
        assert change(steward, "reopen", body).json()["rejected_rows"] == [first]
        assert events(first)[1] == ("reopened", "stewards-user", "It was not")
        assert [status(entry) for entry in (first, second)] == ["open", "discarded"]

    @pytest.mark.parametrize(
        "filter_, found",
        [
            ({"table": "employees"}, [0, 1, 2]),
            ({"table": "jobs"}, []),
            ({"code": "required"}, [1]),
            ({"value": 120}, [0]),
            ({"value": "x\x00"}, []),
            ({"value": "\ud800"}, []),
            ({"value": 2**70}, []),
            ({"value": 1e400}, []),
            ({"value": None}, [2]),
            ({"code": "unknown_job", "value": 120}, []),
            ({"field": "department_id", "value": 120}, [0]),
            ({"field": "job_id", "value": 120}, []),
            ({"batch": 2**63 - 1}, []),
            ({"id": [2**63 - 1]}, []),
        ],
    )
    def test_filters(self, steward: Any, filter_: dict[str, Any], found: list[int]) -> None:
        no_name = row(name="x")
        del no_name["name"]
        entries = reject(steward, row(department_id=120), row(name=" "), no_name)
        expected = [entries[number] for number in found]
        if filter_ == {"code": "required"}:
            expected = entries[1:]

        body = {"filter": filter_, "reason": "x", "dry_run": True}
        import json

        response = steward.generic(
            "POST", f"{LOG}discard/", json.dumps(body), content_type="application/json"
        )

        assert response.status_code == 200, response.content
        assert response.json()["rejected_rows"] == expected

    @pytest.mark.parametrize(
        "body, name",
        [
            ({}, "filter"),
            ({"filter": {}, "reason": "x"}, "filter"),
            ({"filter": [], "reason": "x"}, "filter"),
            ({"filter": {"colour": 1}, "reason": "x"}, "colour"),
            ({"filter": {"table": "users"}, "reason": "x"}, "filter.table"),
            ({"filter": {"table": ["jobs"]}, "reason": "x"}, "filter.table"),
            ({"filter": {"code": "nope"}, "reason": "x"}, "filter.code"),
            ({"filter": {"field": 5}, "reason": "x"}, "filter.field"),
            ({"filter": {"batch": "1"}, "reason": "x"}, "filter.batch"),
            ({"filter": {"batch": True}, "reason": "x"}, "filter.batch"),
            ({"filter": {"batch": 2**63}, "reason": "x"}, "filter.batch"),
            ({"filter": {"id": []}, "reason": "x"}, "filter.id"),
            ({"filter": {"id": 5}, "reason": "x"}, "filter.id"),
            ({"filter": {"id": [1] * 1001}, "reason": "x"}, "filter.id"),
            ({"filter": {"id": [0]}, "reason": "x"}, "filter.id"),
            ({"filter": {"id": [1]}}, "reason"),
            ({"filter": {"id": [1]}, "reason": " "}, "reason"),
            ({"filter": {"id": [1]}, "reason": "a\nb"}, "reason"),
            ({"filter": {"id": [1]}, "reason": "x\x00"}, "reason"),
            ({"filter": {"id": [1]}, "reason": "x" * 1001}, "reason"),
            ({"filter": {"id": [1]}, "reason": 7}, "reason"),
            ({"filter": {"id": [1]}, "reason": "x", "dry_run": "true"}, "dry_run"),
            ({"filter": {"id": [1]}, "reason": "x", "set": {}}, "set"),
        ],
    )
    def test_what_is_not_understood_discards_nothing(
        self, steward: Any, body: dict[str, Any], name: str
    ) -> None:
        [entry] = reject(steward, row(name=""))

        for what in ("discard", "reopen"):
            problem = assert_problem(change(steward, what, body), 400, "invalid_parameter")
            assert name in problem["detail"]

        assert status(entry) == "open"

    def test_an_entry_whose_content_is_open_again_is_not_opened_twice(self, steward: Any) -> None:
        bad = row(id=7, name="")
        everything = {"filter": {"table": "employees"}, "reason": "x"}
        entries = []
        for _ in range(2):
            entries += reject(steward, bad)
            change(steward, "discard", everything)
        # Of two with the same content the younger one.
        assert change(steward, "reopen", everything).json()["rejected_rows"] == [entries[1]]

        assert change(steward, "reopen", everything).json()["changed"] == 0

        assert [status(entry) for entry in entries] == ["discarded", "open"]

    def test_a_discarded_row_that_is_taken_later_stays_discarded(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=7, name=""))
        change(steward, "discard", {"filter": {"id": [entry]}, "reason": "x"})

        steward.post(EMPLOYEES, [row(id=7, name="Ada")], format="json")

        assert status(entry) == "discarded"

    def test_once_with_a_key(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=7, name=""))
        body = {"filter": {"id": [entry]}, "reason": "x"}
        keyed = {"format": "json", "headers": {"Idempotency-Key": "k"}}

        first, second = (steward.post(f"{LOG}discard/", body, **keyed) for _ in range(2))

        assert first.json()["changed"] == 1
        assert second.content == first.content
        assert second["Idempotent-Replayed"] == "true"
        assert len(events(entry)) == 1


@pytest.mark.django_db
class TestResubmittingMany:
    BODY: ClassVar[dict[str, Any]] = {
        "filter": {"code": "unknown_department", "value": 120},
        "set": {"department_id": 2},
    }

    def test_one_correction_for_all_that_fit(self, steward: Any) -> None:
        entries = reject(
            steward,
            row(id=1, department_id=120),
            row(id=2, department_id=120, name=""),
            row(id=3, department_id=120),
            row(id=4, department_id=121),
        )

        foretold = change(steward, "resubmit", self.BODY | {"dry_run": True})
        assert not Employee.objects.exists()
        assert [status(entry) for entry in entries] == ["open"] * 4
        done = change(steward, "resubmit", self.BODY)

        batch = Batch.objects.latest("id")
        assert done.status_code == foretold.status_code == 207
        assert done.json() == foretold.json() | {"batch": batch.pk, "dry_run": False}
        assert done.json()["resolved_rows"] == [entries[0], entries[2]]
        [left] = done.json()["still_open_rows"]
        assert (left["rejected_row"], left["errors"][0]["code"]) == (entries[1], "required")
        assert [status(entry) for entry in entries] == ["resolved", "open", "resolved", "open"]
        assert set(Employee.objects.values_list("id", "department_id")) == {(1, 2), (3, 2)}
        assert (batch.source, batch.received, batch.inserted, batch.rejected) == (
            "resubmission", 2, 2, 0,
        )  # fmt: skip
        assert events(entries[0]) == [
            ("resolved", "stewards-user", "It was corrected and sent again.")
        ]
        assert RejectedRow.objects.count() == 4

    def test_without_a_correction_rows_are_tried_again(self, steward: Any) -> None:
        [entry] = reject(steward, row(id=1, department_id=120))
        body = {"filter": {"id": [entry]}}
        assert change(steward, "resubmit", body).status_code == 207
        assert Batch.objects.count() == 1
        DepartmentFactory(id=120)

        assert change(steward, "resubmit", body).json()["resolved"] == 1

        assert Employee.objects.get().department_id == 120

    def test_two_entries_for_one_id(self, steward: Any) -> None:
        first, second = reject(
            steward, row(id=1, department_id=120, name="A"), row(id=1, department_id=120, name="B")
        )

        foretold = change(steward, "resubmit", self.BODY | {"dry_run": True}).json()
        done = change(steward, "resubmit", self.BODY).json()

        # It wants other content than the one that was taken: only a person can tell which is right.
        assert done["resolved_rows"] == foretold["resolved_rows"] == [first]
        assert done["still_open_rows"] == foretold["still_open_rows"]
        assert [each["rejected_row"] for each in done["still_open_rows"]] == [second]
        assert [status(entry) for entry in (first, second)] == ["resolved", "open"]
        assert Employee.objects.get().name == "A"

    def test_nothing_fits(self, steward: Any) -> None:
        done = change(steward, "resubmit", self.BODY)

        assert done.status_code == 200
        assert (done.json()["resolved"], done.json()["batch"]) == (0, None)
        assert not Batch.objects.exists()

    def test_one_table_at_a_time(self, steward: Any) -> None:
        reject(steward, row(name=""))
        reject(steward, {"id": 9, "job": ""}, to="/api/v1/jobs/")

        response = change(steward, "resubmit", {"filter": {"code": "required"}})

        problem = assert_problem(response, 400, "invalid_parameter")
        assert "employees and jobs" in problem["detail"]

    def test_at_most_a_thousand(self, steward: Any) -> None:
        reject(steward, *(row(id=n, name="") for n in range(1, 1001)))
        body = {"filter": {"table": "employees"}, "set": {"name": "Ada"}, "dry_run": True}
        assert change(steward, "resubmit", body).json()["resolved"] == 1000
        reject(steward, row(id=1001, name=""))

        assert_problem(change(steward, "resubmit", body), 413, "batch_too_large")

    @pytest.mark.parametrize("set_", ["[]", "7", "null", '{"name": "A", "name": "B"}'])
    def test_what_is_not_understood_changes_nothing(self, steward: Any, set_: str) -> None:
        [entry] = reject(steward, row(name=""))

        response = steward.generic(
            "POST", f"{LOG}resubmit/", f'{{"filter": {{"id": [{entry}]}}, "set": {set_}}}',
            content_type="application/json",
        )  # fmt: skip

        assert_problem(response, 400, "invalid_parameter")
        assert status(entry) == "open"

    def test_a_filter_with_a_key_twice_is_not_understood(self, steward: Any) -> None:
        [entry] = reject(steward, row(name=""))

        response = steward.generic(
            "POST", f"{LOG}discard/", f'{{"filter": {{"id": [1], "id": [{entry}]}}, "reason": "x"}}',
            content_type="application/json",
        )  # fmt: skip

        assert_problem(response, 400, "invalid_parameter")
        assert status(entry) == "open"
