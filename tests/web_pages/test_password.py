"""Whoever is logged in changes the own password: staff or not, with what that ends, and within the limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from hrapi.api.tokens import make_token
from tests.audit.recorded import recorded, told
from tests.web_pages.people import ACCEPT, Person

pytestmark = pytest.mark.django_db

ADDRESS = "/accounts/password_change/"
OLD, NEW = "a long password", "another quite long one"


def typed(old: str = OLD, new: str = NEW, again: str = "") -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": again or new}


def test_a_password_is_changed_and_ends_tokens_and_other_sessions() -> None:
    person = Person("readers")
    name = person.user.username
    token, text = make_token(person.user)
    number = token.details.pk
    program, elsewhere = APIClient(), Client()
    program.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    elsewhere.force_login(person.user)
    assert ADDRESS in person.open("/").links

    with recorded() as events:
        page = person.send(ADDRESS, "password", **typed())

    assert "Your password is changed" in page.text
    person.user.refresh_from_db()
    assert person.user.check_password(NEW)
    assert program.get("/api/v1/").status_code == 401
    assert elsewhere.get("/").status_code == 302
    assert sorted(told(events)) == [
        ("password_changed", name, {"account": name}),
        ("token_ended", name, {"token": number, "account": name}),
    ]


@pytest.mark.parametrize(
    "form, fault",
    [
        (typed(old="wrong"), "Your old password was entered incorrectly."),
        (typed(again="something else"), "The two password fields didn’t match."),
        (typed(new="a7?z"), "This password is too short."),
        (typed(new="0123456789abcdef" * 4), "that is what tokens look like"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(form: dict[str, str], fault: str) -> None:
    person = Person()
    make_token(person.user)

    page = person.send(ADDRESS, "password", status=200, **form)

    assert fault in page.text
    assert form["new_password1"] not in page.html
    person.user.refresh_from_db()
    assert person.user.check_password(OLD)
    assert person.user.auth_token_set.count() == 1


def test_whoever_sits_down_at_an_open_session_cannot_guess_the_password(settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    person = Person()
    for _ in range(3):
        with recorded() as events:
            person.send(ADDRESS, "password", status=200, **typed(old="wrong"))
        assert [action for action, _, _ in told(events)] == ["login_failed"]

    page = person.send(ADDRESS, "password", status=429, **typed())

    assert "Too many logins have failed." in page.text
    assert OLD not in page.html
    person.user.refresh_from_db()
    assert person.user.check_password(OLD)


def test_only_from_the_page_itself() -> None:
    person = Person()

    answer = person.client.post(ADDRESS, typed(), headers={"accept": ACCEPT})

    assert answer.status_code == 403
    assert person.client.get(ADDRESS).status_code == 200


def test_the_page_of_the_admin_is_this_one(django_user_model: Any) -> None:
    staff = Client()
    staff.force_login(django_user_model.objects.create_superuser("root", password=OLD))

    for answer in (
        staff.get("/admin/password_change/"),
        staff.post("/admin/password_change/", typed()),
    ):
        assert (answer.status_code, answer.headers["Location"]) == (302, ADDRESS)

    assert django_user_model.objects.get(username="root").check_password(OLD)
