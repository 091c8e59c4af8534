"""A request with an Idempotency-Key is carried out once, and answered the same as often as it is sent."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from departments.models import Department
from hrapi.ingestion.models import Batch, KeptAnswer, RejectedRow
from tests.ingestion.keyed import DEPARTMENTS, GOOD, SOME_BAD, answer, post
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body, query, status",
    [
        (GOOD, "", 201),
        (GOOD, "?dry_run=true", 200),
        (SOME_BAD, "", 207),
        (SOME_BAD, "?mode=atomic", 422),
        ([{}], "", 422),
    ],
)
def test_a_verdict_is_answered_again_to_the_byte_and_nothing_is_done_again(
    api: Any, body: Any, query: str, status: int
) -> None:
    first = post(api, body, query=query)
    stored = Department.objects.count(), Batch.objects.count(), RejectedRow.objects.count()

    second = post(api, body, query=query)

    assert first.status_code == status
    assert answer(second) == answer(first)
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert stored == (
        Department.objects.count(),
        Batch.objects.count(),
        RejectedRow.objects.count(),
    )


def test_the_answer_is_that_of_a_request_without_a_key(api: Any) -> None:
    plain = post(api, SOME_BAD, key=None, query="?dry_run=true")
    keyed = post(api, SOME_BAD, query="?dry_run=true")

    assert answer(keyed) == answer(plain)


def test_one_row_is_answered_again_with_its_address(api: Any) -> None:
    first, second = (post(api, GOOD[0]) for _ in range(2))

    assert answer(second) == answer(first)
    assert first.status_code == 201
    assert second["Location"] == first["Location"]


def test_what_was_deleted_since_does_not_come_back(api: Any) -> None:
    first = post(api, GOOD)
    Department.objects.all().delete()

    assert answer(post(api, GOOD)) == answer(first)
    assert not Department.objects.exists()


@pytest.mark.parametrize(
    "other",
    [
        {"body": [GOOD[0]]},
        {"body": json.dumps(GOOD) + " "},
        {"query": "?mode=atomic"},
        {"query": "?mode=partial"},
        {"content_type": "application/json; charset=utf-8"},
        {"body": gzip.compress(json.dumps(GOOD).encode()), "headers": {"Content-Encoding": "gzip"}},
    ],
)
def test_another_request_with_the_same_key_is_refused(api: Any, other: dict[str, Any]) -> None:
    post(api, GOOD)

    response = post(api, other.pop("body", GOOD), **other)

    assert_problem(response, 422, "idempotency_mismatch")
    assert Batch.objects.count() == 1


def test_the_key_is_one_of_user_and_address(api: Any, client_of: Any) -> None:
    first = post(api, GOOD)

    other_user = post(client_of("loaders"), GOOD)
    other_path = api.generic(
        "POST", "/api/v1/jobs/", '[{"id":1,"job":"x"}]', headers={"Idempotency-Key": "k-1"},
        content_type="application/json",
    )  # fmt: skip

    assert first.status_code == 201
    assert other_user.json()["unchanged"] == 2
    assert other_path.status_code == 201
    assert KeptAnswer.objects.count() == 3


def test_who_may_not_post_does_not_learn_what_was_answered(api: Any, client_of: Any) -> None:
    loader = client_of("loaders")
    post(loader, GOOD)
    loader.handler._force_user.groups.clear()

    from django.contrib.auth.models import User

    loader.force_authenticate(User.objects.get(pk=loader.handler._force_user.pk))

    assert_problem(post(loader, GOOD), 403, "permission_denied")


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "\x7f", "a\tb"])
def test_a_key_that_is_none_is_refused(api: Any, key: str) -> None:
    problem = assert_problem(post(api, GOOD, key=key), 400, "invalid_parameter")

    assert "1 to 255 visible ASCII characters" in problem["detail"]
    assert not Department.objects.exists()


@pytest.mark.parametrize("key", ["x", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "!~"])
def test_a_key_of_1_to_255_visible_characters_is_taken(api: Any, key: str) -> None:
    assert post(api, GOOD, key=key).status_code == 201
    assert post(api, GOOD, key=key)["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "body, options, status",
    [
        ("[", {}, 400),
        ("[]", {}, 400),
        (GOOD, {"query": "?mode=x"}, 400),
        ([{"id": n} for n in range(1001)], {}, 413),
        ("x" * 6_000_000, {}, 413),
        ("<x/>", {"content_type": "application/xml"}, 415),
        (b"\x1f\x8b", {"headers": {"Content-Encoding": "gzip"}}, 400),
    ],
)
def test_what_was_not_carried_out_is_not_kept(
    api: Any, body: Any, options: dict[str, Any], status: int
) -> None:
    assert post(api, body, **dict(options)).status_code == status
    recorded = Batch.objects.count()
    assert recorded == (0 if status == 415 else 1)

    assert post(api, body, **dict(options)).status_code == status
    assert Batch.objects.count() == 2 * recorded
    assert not KeptAnswer.objects.exists()
    assert post(api, GOOD).status_code == 201


def test_what_fails_is_not_kept_and_leaves_nothing(api: Any) -> None:
    with mock.patch.object(KeptAnswer.objects, "create", side_effect=OperationalError("gone")):
        assert post(api, GOOD).status_code == 503
    assert not Department.objects.exists()
    assert not Batch.objects.exists()

    assert post(api, GOOD).status_code == 201
    assert post(api, GOOD)["Idempotent-Replayed"] == "true"


def test_a_csv_and_a_form_are_answered_again_too(api: Any) -> None:
    sent = {"content_type": "text/csv", "key": "csv"}
    assert answer(post(api, "1,Sales\n", **sent)) == answer(post(api, "1,Sales\n", **sent))
    for form, status in (
        (lambda: {"id": "7", "department": "X"}, 201),
        (lambda: {"file": SimpleUploadedFile("d.csv", b"8,Y\n9,\n")}, 207),
    ):
        first, second = (
            api.post(
                DEPARTMENTS, form(), format="multipart", headers={"Idempotency-Key": f"f{status}"}
            )
            for _ in range(2)
        )
        assert first.status_code == status
        assert answer(first) == answer(second)
        assert second["Idempotent-Replayed"] == "true"
    other = {"file": SimpleUploadedFile("d.csv", b"8,Z\n")}
    response = api.post(DEPARTMENTS, other, format="multipart", headers={"Idempotency-Key": "f207"})
    assert_problem(response, 422, "idempotency_mismatch")


def test_a_page_that_asks_for_html_gets_the_json_that_is_kept(api: Any) -> None:
    first = post(api, GOOD, headers={"Accept": "text/html"})

    assert first["Content-Type"] == "application/json"
    assert answer(post(api, GOOD)) == answer(first)


def test_after_a_day_a_key_is_new(api: Any) -> None:
    post(api, GOOD)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    again = post(api, GOOD)

    assert "Idempotent-Replayed" not in again
    assert again.json()["unchanged"] == 2
    assert post(api, GOOD)["Idempotent-Replayed"] == "true"


def test_purge_removes_what_is_too_old(api: Any, settings: Any, capsys: Any) -> None:
    settings.IDEMPOTENCY_HOURS = 2
    for key in ("old", "young"):
        post(api, GOOD, key=key)
    KeptAnswer.objects.filter(key="old").update(
        created_at=timezone.now() - timedelta(hours=2, seconds=1)
    )

    call_command("purge")

    assert capsys.readouterr().out.startswith("1 kept answers removed.\n")
    assert KeptAnswer.objects.get().key == "young"


def test_the_answers_go_with_their_user(client_of: Any) -> None:
    loader = client_of("loaders")
    post(loader, GOOD)

    loader.handler._force_user.delete()

    assert not KeptAnswer.objects.exists()
    assert Department.objects.count() == 2
