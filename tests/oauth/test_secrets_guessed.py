"""Wrong secrets are counted by client and address together, and by address, for all workers together."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from hrapi.api.logins import LoginAttempt
from hrapi.api.models import Counter
from hrapi.oauth.views import ClientTokenView
from tests.oauth.programs import REVOKE, TOKEN, Program, basic, register, send
from tests.problem_bodies import assert_problem

LIMIT = 3
GRANT = {"grant_type": "client_credentials", "token": "x"}


@pytest.fixture(autouse=True)
def limits(settings: Any) -> Any:
    settings.LOGIN_FAILURES_PER_ACCOUNT = LIMIT
    settings.LOGIN_FAILURES_PER_ADDRESS = 1000
    return settings


def by_basic(program: Program, path: str = TOKEN) -> int:
    status: int = send(path, GRANT, basic(program.client_id, "wrong")).status_code
    return status


def in_the_body(program: Program) -> int:
    form = GRANT | {"client_id": program.client_id, "client_secret": "wrong"}
    status: int = send(TOKEN, form).status_code
    return status


def test_a_client_takes_so_many_wrong_secrets_and_no_more(program: Program) -> None:
    statuses = [by_basic(program), in_the_body(program), by_basic(program, REVOKE)]

    assert statuses == [401] * LIMIT
    assert in_the_body(program) == 429
    for path in (TOKEN, REVOKE):
        response = program.ask(path, token="x")
        problem = assert_problem(response, 429, "throttled")
        assert problem["detail"].startswith("Too many logins have failed.")
        assert 1 <= int(response["Retry-After"]) <= 15 * 60


def test_who_guesses_does_not_lock_out_a_program_elsewhere(program: Program, bearer: Any) -> None:
    for host in range(1, LIMIT + 2):
        for _ in range(LIMIT + 1):
            guess = basic(program.client_id, "wrong")
            send(TOKEN, GRANT, guess, REMOTE_ADDR=f"10.0.0.{host}")

    response = program.ask()
    assert response.status_code == 200
    assert program.ask(REVOKE, token=response.json()["access_token"]).status_code == 200
    there = send(TOKEN, GRANT, program.basic, REMOTE_ADDR="10.0.0.1")
    assert_problem(there, 429, "throttled")


def test_other_clients_and_tokens_go_on_meanwhile(
    program: Program, service_account: User, bearer: Any
) -> None:
    token = program.token()
    other = register(service_account, "read", name="other")
    for _ in range(LIMIT + 1):
        by_basic(program)

    assert other.ask().status_code == 200
    assert bearer(token).get("/api/v1/").status_code == 200


def test_a_right_secret_begins_the_count_anew(program: Program) -> None:
    for _ in range(3):
        assert [by_basic(program) for _ in range(LIMIT - 1)] == [401] * (LIMIT - 1)
        assert program.ask().status_code == 200


@pytest.mark.parametrize(
    "form",
    [{"grant_type": "password"}, {}, {"grant_type": "client_credentials", "client_secret": "x"}],
    ids=["grant", "no grant", "two ways"],
)
def test_a_request_that_is_refused_for_another_fault_does_not(
    program: Program, form: dict[str, str]
) -> None:
    for _ in range(LIMIT):
        by_basic(program)
        send(TOKEN, form, basic(program.client_id, "wrong"))

    assert by_basic(program) == 429


def test_a_right_secret_is_not_told_by_another_fault_once_too_many_have_failed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ClientTokenView.answer

    def answer_late(view: Any, request: Any) -> Any:
        for _ in range(LIMIT):
            LoginAttempt.of_client(request, program.client_id).fail()
        return answer(view, request)

    monkeypatch.setattr(ClientTokenView, "answer", answer_late)

    assert_problem(program.ask(scope="unknown"), 429, "throttled")


def test_no_secret_is_tried_for_another_client_than_the_one_that_is_counted(
    program: Program,
) -> None:
    body = GRANT | {"client_id": program.client_id, "client_secret": program.secret}

    response = send(TOKEN, body, basic("another", "wrong"))

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_an_address_takes_so_many_wrong_secrets_for_all_clients(
    program: Program, limits: Any
) -> None:
    limits.LOGIN_FAILURES_PER_ADDRESS = LIMIT

    statuses = [send(TOKEN, GRANT, basic(f"client{n}", "x")).status_code for n in range(LIMIT + 1)]

    assert statuses == [401] * LIMIT + [429]
    assert program.ask().status_code == 429
    elsewhere = send(TOKEN, GRANT, program.basic, REMOTE_ADDR="10.0.0.2")
    assert elsewhere.status_code == 200


def test_clients_and_users_of_one_name_are_counted_apart(program: Program) -> None:
    User.objects.create_user(program.client_id, password="a long password")
    for _ in range(LIMIT + 1):
        by_basic(program)

    header = basic(program.client_id, "a long password")
    assert send("/api/v1/auth/login/", {}, header).status_code == 200


def test_neither_id_nor_secret_is_kept_by_counting(program: Program) -> None:
    by_basic(program)

    kept = str(list(Counter.objects.values()))
    assert program.client_id not in kept
    assert "wrong" not in kept


def test_a_program_is_let_in_again_at_its_address(program: Program) -> None:
    for _ in range(LIMIT):
        by_basic(program)
    assert program.ask().status_code == 429

    with pytest.raises(CommandError, match="say --address ADDRESS too"):
        call_command("unlock", client=program.client_id, account="payroll")
    output = io.StringIO()
    call_command("unlock", client=program.client_id, address="127.0.0.1", stdout=output)

    assert output.getvalue() == "Counts set back: 2\n"
    assert program.ask().status_code == 200
