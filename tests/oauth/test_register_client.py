"""The command that registers clients, and the pages of the admin where they are seen."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client as HttpClient

from hrapi.oauth.models import Client
from tests.oauth.programs import Program, register


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("register_client", *arguments, stdout=output)
    return output.getvalue()


def test_a_client_is_registered_for_a_user_with_scopes(service_account: User) -> None:
    program = register(service_account, "reports", "read", "read", name=" Pay  roll ")

    client = Client.objects.get()
    assert (client.name, client.client_id) == ("Pay  roll", program.client_id)
    assert (client.user, client.scopes) == (service_account, ["read", "reports"])
    assert (client.client_type, client.authorization_grant_type) == (
        "confidential",
        "client-credentials",
    )
    assert len(program.secret) == 128


def test_clients_are_listed_without_their_secrets(program: Program, service_account: User) -> None:
    other = register(service_account, "read", name="other")

    assert run("--list") == (
        f"{program.client_id}  payroll  ingest read reports stewardship  payroll\n"
        f"{other.client_id}  payroll  read  other\n"
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "Send a name, --user and at least one --scope."),
        (["x", "--user=payroll"], "Send a name, --user and at least one --scope."),
        (["--user=payroll", "--scope=read"], "Send a name, --user and at least one --scope."),
        (["x", "--user=nobody", "--scope=read"], "There is no active user 'nobody'."),
        (["x", "--user=gone", "--scope=read"], "There is no active user 'gone'."),
        (["x", "--user=\x00", "--scope=read"], "There is no active user"),
        (["x", "--user=payroll", "--scope=write"], "invalid choice: 'write'"),
        (["a\nb", "--user=payroll", "--scope=read"], "name: "),
        (["--delete=x"], "There is no client 'x'."),
        (["--delete=\x00"], "There is no client"),
        (["--delete="], "There is no client ''."),
        (["--list", "--delete=x"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_done_is_said(
    service_account: User, arguments: list[str], message: str
) -> None:
    User.objects.create_user("gone", is_active=False)

    with pytest.raises(CommandError, match=message.replace(".", r"\.")):
        run(*arguments)

    assert Client.objects.count() == 0


def test_nothing_is_registered_while_oauth_is_off(service_account: User, settings: Any) -> None:
    settings.OAUTH = False

    with pytest.raises(CommandError, match="OAuth is off"):
        run("x", "--user=payroll", "--scope=read")


def test_administrators_see_and_end_clients_and_change_none(program: Program) -> None:
    boss = User.objects.create_user("boss", is_staff=True)
    boss.groups.add(Group.objects.get(name="administrators"))
    admin = HttpClient()
    admin.force_login(boss)
    page = f"/admin/oauth/client/{Client.objects.get().pk}/"

    shown = admin.get(f"{page}change/").content.decode()

    assert program.client_id in shown
    assert program.secret not in shown
    assert Client.objects.get().client_secret not in shown
    assert program.client_id in admin.get("/admin/oauth/client/?q=payroll").content.decode()
    assert admin.get("/admin/oauth/client/add/").status_code == 403
    assert admin.post(f"{page}change/", {"name": "x"}).status_code == 403
    assert admin.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert Client.objects.count() == 0


@pytest.mark.parametrize("model", ["accesstoken", "refreshtoken", "grant", "idtoken"])
def test_the_toolkits_own_pages_of_the_admin_are_not_there(model: str) -> None:
    admin = HttpClient()
    admin.force_login(User.objects.create_superuser("root"))

    assert admin.get(f"/admin/oauth2_provider/{model}/").status_code == 404
