"""Who gets in, and who may do what: every address with every method, tokens, sessions, groups."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import ManagementUtility, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.models import TokenDetails
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from tests.api.addresses import all_addresses
from tests.api.matrix import GROUPS, NEEDED_QUERY, matrix
from tests.charts import make_charts
from tests.factories import EmployeeFactory
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/"
LOGIN, LOGOUT = "/api/v1/auth/login/", "/api/v1/auth/logout/"
PASSWORD = "a long password"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

PAGES = {
    *("/", "/batches/1/", "/rejected-rows.csv", "/rejected-rows/", "/rejected-rows/1/"),
    *("/connect/", "/connect/1.odc", "/connect/hiring-data.pbids"),
    "/accounts/password_change/",
    *("/dashboard/", "/dashboards/", "/dashboards/new/", "/dashboards/1/", "/dashboards/1/edit/"),
    *("/visualizations/", "/visualizations/new/", "/visualizations/new/image.png"),
    *("/visualizations/1/", "/visualizations/1/edit/", "/visualizations/1/shares/"),
}
"""For people, who are led to the login; tests/web_pages/ says what a user may do there."""

OPEN_TO_EVERYBODY = {
    "/accounts/login/",
    "/accounts/logout/",
    "/admin/login/",
    "/admin/logout/",
    "/healthz",
    "/readyz",
    *("/shared/1/", "/shared/1/data.csv", "/shared/1/figure.json", "/shared/1/image.png"),
}


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def ann(db: None) -> User:
    """A user who may read."""
    user = User.objects.create_user("ann", password=PASSWORD)
    user.groups.add(Group.objects.get(name="readers"))
    return user


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def get(client: Any, authorization: str, path: str = ROOT) -> Any:
    return client.get(path, headers={"authorization": authorization})


def log_in(client: Any, user: User) -> str:
    response = client.post(LOGIN, headers={"authorization": basic(user.username, PASSWORD)})
    assert response.status_code == 200, response.content
    token: str = response.json()["token"]
    return token


def assert_unknown(response: Any) -> None:
    """401 with a challenge that a browser and a BI tool understand."""
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'


@pytest.mark.parametrize("address", [a for a in all_addresses() if a not in OPEN_TO_EVERYBODY])
def test_nothing_is_answered_without_credentials(anonymous: APIClient, address: str) -> None:
    for method in METHODS:
        response = anonymous.generic(method, address)
        if address.startswith("/admin/") or address in PAGES:
            login = "/accounts/login/" if address in PAGES else "/admin/login/"
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"] == f"{login}?next={address}"
        else:
            assert response.status_code == 401, (method, response.status_code)
            assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'
            if method != "HEAD":
                assert_problem(response, 401, "not_authenticated")


def test_every_address_on_the_short_list_of_open_ones_exists() -> None:
    assert set(all_addresses()) >= OPEN_TO_EVERYBODY | PAGES


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", sorted(OPEN_TO_EVERYBODY))
def test_what_is_open_shows_no_rows(anonymous: APIClient, address: str, method: str) -> None:
    EmployeeFactory(name="Ann Secret", department__department="Secret", job__job="Secret")

    response = anonymous.generic(method, address)

    # A link that nobody has made shows nothing.
    assert response.status_code in ((404, 405, 200) if "/shared/" in address else (200, 302, 405))
    assert "Secret" not in text_of(response)
    if response.status_code == 302:
        assert response["Location"] in ("/", "/admin/")


def test_files_of_pages_are_open(anonymous: APIClient) -> None:
    response = anonymous.get("/static/hrapi/browsable.css")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")
    assert ".shown" in text_of(response)


@pytest.fixture
def one_of_each(db: None) -> None:
    EmployeeFactory(id=1, department__id=1, job__id=1)
    batch = Batch.objects.create(id=1, table="jobs", source="api", mode="partial")
    Load.objects.create(id=1, table="jobs", bytes=1, mode="partial", dry_run=False, batch=batch)
    RejectedRow.objects.create(
        id=1, batch=batch, table="jobs", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


@pytest.fixture
def client_in(client_of: Any, one_of_each: None) -> Callable[[str], Any]:
    """A client as of `client_of`, whose user has a token."""

    def make(group: str) -> Any:
        client = client_of("" if group == "nobody" else group)
        user = User.objects.get()
        AuthToken.objects.create(user)
        TokenDetails.objects.update(id=1)
        make_charts(user)
        return client

    return make


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_may_do_what_the_table_says(client_in: Any, group: str) -> None:
    client = client_in(group)

    found = {}
    for method, path in matrix(group):
        status = client.generic(method, path, "{}", content_type="application/json").status_code
        assert status < 500 or (path, status) == ("/odata/v4/$batch", 501), (method, path, status)
        assert status not in (401, 405), (method, path, status)
        found[method, path] = "-" if status == 403 else "yes"

    assert found == matrix(group)


@pytest.mark.parametrize("group", GROUPS)
def test_head_and_options_need_what_get_needs(client_in: Any, group: str) -> None:
    client = client_in(group)

    for method, path in matrix(group):
        if method == "GET":
            expected = 200 if matrix(group)[method, path] == "yes" else 403
            assert client.options(path).status_code == expected, path
            # It is written out as YAML, which takes long.
            if path != "/api/v1/schema/":
                address = path + NEEDED_QUERY.get(path, "")
                assert client.head(address).status_code == expected, path


@pytest.mark.usefixtures("one_of_each")
def test_the_table_has_every_method_of_every_address(api: Any) -> None:
    addresses = [
        address
        for address in all_addresses()
        if address not in OPEN_TO_EVERYBODY | PAGES and not address.startswith("/admin/")
    ]

    offered = {
        (method, address)
        for address in addresses
        for method in api.options(address)["Allow"].split(", ")
        if method not in ("HEAD", "OPTIONS")
    }

    assert set(matrix("nobody")) == offered


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_group_may_not_do_changes_nothing(client_in: Any, group: str) -> None:
    client = client_in(group)
    before = list(Department.objects.values())
    body = '{"id": 1, "department": "New"}'

    for (method, path), may in matrix(group).items():
        if may == "-" and path.startswith("/api/v1/departments/"):
            response = client.generic(method, path, body, content_type="application/json")
            assert_problem(response, 403, "permission_denied")

    assert list(Department.objects.values()) == before


def test_a_permission_given_to_one_user_is_enough(client_of: Any) -> None:
    client = client_of("")
    user = User.objects.get(username="nobody-user")
    user.user_permissions.add(Permission.objects.get(codename="view_job"))

    assert client.get("/api/v1/jobs/").status_code == 200
    assert client.get("/api/v1/departments/").status_code == 403


def test_logging_in_gives_a_token_for_ninety_days(anonymous: APIClient, ann: User) -> None:
    before = timezone.now()

    response = anonymous.post(LOGIN, headers={"authorization": basic("ann", PASSWORD)})

    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == ["expiry", "token"]
    [stored] = AuthToken.objects.all()
    assert stored.user == ann
    assert before <= stored.expiry - timedelta(days=90) <= timezone.now()
    assert answer["expiry"] == stored.expiry.isoformat().replace("+00:00", "Z")


def test_tokens_are_stored_as_hashes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    [stored] = AuthToken.objects.all().values()
    assert len(token) == 64
    assert stored.pop("token_key") == token[:15]
    assert token not in str(stored)
    assert len(stored["digest"]) == 128


def test_two_logins_give_two_tokens(anonymous: APIClient, ann: User) -> None:
    first, second = log_in(anonymous, ann), log_in(anonymous, ann)

    assert first != second
    assert get(anonymous, f"Token {first}").status_code == 200
    assert get(anonymous, f"Token {second}").status_code == 200


def test_a_token_opens_what_its_user_may_see(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    for authorization in (f"Token {token}", f"token {token}", basic("ann", token)):
        assert get(anonymous, authorization, "/api/v1/jobs/").status_code == 200
        assert_problem(
            get(anonymous, authorization, "/api/v1/batches/"), 403, "permission_denied"
        )  # fmt: skip


def test_a_token_costs_one_query(
    anonymous: APIClient, ann: User, django_assert_num_queries: Any
) -> None:
    token = log_in(anonymous, ann)
    # The first use is kept.
    with django_assert_num_queries(2):
        assert get(anonymous, f"Token {token}").status_code == 200

    with django_assert_num_queries(1):
        assert get(anonymous, f"Token {token}").status_code == 200
    with django_assert_num_queries(1):
        assert get(anonymous, basic("ann", token)).status_code == 200


def test_a_token_makes_no_further_token(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    as_password = anonymous.post(LOGIN, headers={"authorization": basic("ann", token)})
    as_token = anonymous.post(LOGIN, headers={"authorization": f"Token {token}"})

    problem = assert_problem(as_password, 403, "permission_denied")
    assert problem["detail"] == "Log in with the password, not with a token."
    assert_unknown(as_token)
    assert AuthToken.objects.count() == 1


def test_a_session_makes_no_token(ann: User) -> None:
    client = Client(raise_request_exception=False)
    client.login(username="ann", password=PASSWORD)

    assert_unknown(client.post(LOGIN))
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("send_as", ["Token", "Basic"])
def test_logging_out_ends_this_token_and_no_other(
    anonymous: APIClient, ann: User, send_as: str
) -> None:
    token, other = log_in(anonymous, ann), log_in(anonymous, ann)
    authorization = f"Token {token}" if send_as == "Token" else basic("ann", token)

    response = anonymous.post(LOGOUT, headers={"authorization": authorization})

    assert (response.status_code, response.content) == (204, b"")
    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(anonymous.post(LOGOUT, headers={"authorization": f"Token {token}"}))
    assert get(anonymous, f"Token {other}").status_code == 200


def test_logging_out_with_a_password_ends_nothing(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    response = anonymous.post(LOGOUT, headers={"authorization": basic("ann", PASSWORD)})

    problem = assert_problem(response, 409, "conflict")
    assert problem["detail"] == "There is no token to end: send it to be ended."
    assert get(anonymous, f"Token {token}").status_code == 200


def test_an_expired_token_opens_nothing_and_reading_deletes_none(
    anonymous: APIClient, ann: User
) -> None:
    token, alive = log_in(anonymous, ann), log_in(anonymous, ann)
    AuthToken.objects.filter(token_key=token[:15]).update(
        expiry=timezone.now() - timedelta(seconds=1)
    )
    before = list(AuthToken.objects.order_by("digest").values())

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert get(anonymous, f"Token {alive}").status_code == 200
    assert list(AuthToken.objects.order_by("digest").values()) == before


def test_a_token_without_an_end_opens(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    AuthToken.objects.update(expiry=None)

    assert get(anonymous, f"Token {token}").status_code == 200


def test_everything_of_an_inactive_user_is_dead_at_once(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    session = Client(raise_request_exception=False)
    session.login(username="ann", password=PASSWORD)
    assert session.get(ROOT).status_code == 200

    User.objects.update(is_active=False)

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(get(anonymous, basic("ann", PASSWORD)))
    assert_unknown(session.get(ROOT))


def test_everything_of_a_deleted_user_is_dead_at_once(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    ann.delete()

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))


def test_tokens_and_sessions_end_when_the_password_changes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    session = Client(raise_request_exception=False)
    session.login(username="ann", password=PASSWORD)

    ann.set_password("another long password")
    ann.save()

    assert_unknown(session.get(ROOT))
    assert_unknown(get(anonymous, basic("ann", PASSWORD)))
    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))


def test_tokens_of_others_live_on_when_a_password_changes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    bob = User.objects.create_user("bob", password=PASSWORD)

    bob.set_password("another long password")
    bob.save()
    ann.first_name = "Ann"
    ann.save()

    assert get(anonymous, f"Token {token}").status_code == 200


def test_a_token_opens_for_its_own_user_only(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    User.objects.create_user("bob", password=PASSWORD)

    for name in ("bob", "Ann", "ann ", "", "nobody"):
        assert_unknown(get(anonymous, basic(name, token)))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("0" * 64, id="unknown"),
        pytest.param("0" * 63, id="too short"),
        pytest.param("0" * 65, id="too long"),
        pytest.param("0" * 100_000, id="100,000 digits"),
        pytest.param("g" * 64, id="no hexadecimal digits"),
        pytest.param("A" * 64, id="capitals"),
        pytest.param("é" * 64, id="not ASCII"),
        pytest.param("\xff" * 64, id="no UTF-8"),
        pytest.param("0" * 63 + "\x00", id="NUL"),
        pytest.param("0" * 32 + " " + "0" * 31, id="space inside"),
        pytest.param("' OR 1=1 --", id="SQL"),
        pytest.param("%s%s%s", id="format"),
    ],
)
def test_a_token_that_nobody_was_given_is_unknown(
    anonymous: APIClient, ann: User, token: str
) -> None:
    log_in(anonymous, ann)

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(anonymous.post(LOGOUT, headers={"authorization": f"Token {token}"}))


def test_a_token_with_its_beginning_right_is_unknown(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    assert_unknown(get(anonymous, f"Token {token[:15]}{'0' * 49}"))
    assert_unknown(get(anonymous, f"Token {token[:-1]}{'0' if token[-1] != '0' else '1'}"))
    assert_unknown(get(anonymous, f"Token {token.upper()}"))


@pytest.mark.parametrize("place", ["token", "access_token", "auth", "Authorization"])
def test_a_token_counts_in_the_header_only(
    anonymous: APIClient, ann: User, place: str
) -> None:  # fmt: skip
    token = log_in(anonymous, ann)
    anonymous.cookies[place] = token

    assert_unknown(anonymous.get(ROOT, {place: token}))
    assert_unknown(anonymous.post("/api/v1/jobs/", {place: token}, format="json"))


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("Basic", id="nothing after it"),
        pytest.param("Basic !!!", id="no Base64"),
        pytest.param("Basic é", id="not ASCII"),
        pytest.param("Basic YW5u", id="no colon"),
        pytest.param("Basic /w==", id="no text"),
        pytest.param("Basic a b", id="two parts"),
        pytest.param("Token", id="token missing"),
        pytest.param("Token a b", id="two tokens"),
        pytest.param("Bearer x", id="another scheme"),
        pytest.param("Digest x", id="digest"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="space"),
        pytest.param("\x00", id="NUL"),
        pytest.param(basic("ann", "wrong"), id="wrong password"),
        pytest.param(basic("ann", ""), id="empty password"),
        pytest.param(basic("ann", f"{PASSWORD} "), id="space after the password"),
        pytest.param(basic("", ""), id="empty name and password"),
        pytest.param(basic("nobody", PASSWORD), id="unknown user"),
        pytest.param(basic("ANN", PASSWORD), id="name in capitals"),
        pytest.param(basic("ann\x00", PASSWORD), id="NUL in the name"),
        pytest.param(basic("ann", f"{PASSWORD}\x00"), id="NUL in the password"),
        pytest.param(basic("x" * 10_000, PASSWORD), id="long name"),
        pytest.param(basic("ann", "x" * 100_000), id="long password"),
        pytest.param(basic("ann' OR 1=1 --", PASSWORD), id="SQL"),
    ],
)
def test_wrong_credentials_are_unknown(
    anonymous: APIClient, ann: User, authorization: str
) -> None:  # fmt: skip
    assert_unknown(get(anonymous, authorization))
    assert_unknown(anonymous.post(LOGIN, headers={"authorization": authorization}))
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("name, password", [("ann", "wrong"), ("nobody", "x")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    anonymous: APIClient, ann: User, name: str, password: str
) -> None:
    problem = assert_problem(get(anonymous, basic(name, password)), 401, "not_authenticated")

    assert problem["detail"] == "Invalid username/password."


def test_wrong_credentials_are_not_made_good_by_a_session(ann: User) -> None:
    client = Client(raise_request_exception=False)
    client.login(username="ann", password=PASSWORD)

    assert_unknown(get(client, basic("ann", "wrong")))
    assert_unknown(get(client, f"Token {'0' * 64}"))


def test_a_password_with_colons_and_letters_beyond_ascii_opens(anonymous: APIClient) -> None:
    User.objects.create_user("zoë", password="a:b:ñ🙂")

    assert get(anonymous, basic("zoë", "a:b:ñ🙂")).status_code == 200


@pytest.fixture
def browser(db: None) -> Client:
    """A browser that is logged in and has seen a page with forms."""
    user = User.objects.create_user("browser", password=PASSWORD)
    user.groups.add(Group.objects.get(name="administrators"))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(username="browser", password=PASSWORD)
    client.get("/api/v1/departments/", headers={"accept": "text/html"})
    return client


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/api/v1/departments/"),
        ("PUT", "/api/v1/departments/1/"),
        ("PATCH", "/api/v1/departments/1/"),
        ("DELETE", "/api/v1/departments/1/"),
    ],
)
@pytest.mark.parametrize("token", [None, "", "x", "A" * 32, "B" * 64])
def test_a_session_changes_nothing_without_the_token_of_its_forms(
    browser: Client, method: str, path: str, token: str | None
) -> None:
    Department.objects.create(id=1, department="Sales")
    headers = {} if token is None else {"x-csrftoken": token}

    response = browser.generic(
        method,
        path,
        '{"id": 1, "department": "New"}',
        content_type="application/json",
        headers=headers,
    )

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"].startswith("CSRF Failed: ")
    assert list(Department.objects.values_list("id", "department")) == [(1, "Sales")]


def test_a_session_changes_nothing_for_a_page_of_another_origin(browser: Client) -> None:
    response = browser.post(
        "/api/v1/departments/",
        {"id": 1, "department": "x", "csrfmiddlewaretoken": browser.cookies["csrftoken"].value},
        headers={"origin": "https://evil.example"},
    )

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"].startswith("CSRF Failed: Origin checking failed")
    assert Department.objects.count() == 0


@pytest.mark.parametrize(
    "body, media_type, encoding, status",
    [
        pytest.param(b'{"id": 1, "department": "A"}', "application/json", "", 201, id="object"),
        pytest.param(b'[{"id": 1, "department": "A"}]', "application/json", "", 201, id="array"),
        pytest.param(b"id,department\n1,A\n", "text/csv", "", 201, id="CSV"),
        pytest.param(
            gzip.compress(b"id,department\n1,A\n"),
            "text/csv",
            "gzip",
            201,
            id="gzipped CSV",
        ),
    ],
)
def test_a_session_with_the_token_of_its_forms_posts_any_body(
    browser: Client, body: bytes, media_type: str, encoding: str, status: int
) -> None:
    headers = {"x-csrftoken": browser.cookies["csrftoken"].value}
    if encoding:
        headers["content-encoding"] = encoding

    response = browser.generic(
        "POST", "/api/v1/departments/", body, content_type=media_type, headers=headers
    )

    assert response.status_code == status, response.content
    assert list(Department.objects.values_list("id", "department")) == [(1, "A")]


@pytest.mark.parametrize(
    "body, status, code",
    [
        pytest.param("{", 400, "malformed_json", id="malformed"),
        pytest.param("[" * 100_000, 400, "too_deep", id="deep"),
        pytest.param(f"[{'9' * 5000}]", 422, "not_an_object", id="5,000 digits"),
        pytest.param('{"id": 1, "department": "x", "id": 2}', 422, "duplicate_key", id="key twice"),
        pytest.param(" " * 3000, 413, "body_too_large", id="too large"),
    ],
)
def test_a_session_is_told_of_a_bad_body_like_anybody_else(
    browser: Client, settings: Any, body: str, status: int, code: str
) -> None:
    if status == 413:
        settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000

    response = browser.generic(
        "POST",
        "/api/v1/departments/",
        body,
        content_type="application/json",
        headers={"x-csrftoken": browser.cookies["csrftoken"].value},
    )

    problem = assert_problem(response, status, code)
    assert problem["batch"] == Batch.objects.get().pk


def test_tokens_and_passwords_need_no_token_of_forms(ann: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    ann.groups.add(Group.objects.get(name="loaders"))
    token = log_in(client, ann)

    by_token = client.post(
        "/api/v1/jobs/",
        {"id": 1, "job": "Cook"},
        format="json",
        headers={"authorization": f"Token {token}"},
    )
    by_password = client.post(
        "/api/v1/jobs/",
        {"id": 2, "job": "Nurse"},
        format="json",
        headers={"authorization": basic("ann", PASSWORD)},
    )

    assert (by_token.status_code, by_password.status_code) == (201, 201)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`run("issue_token", "ann")` runs that command in this process and returns its exit code."""
    # A command ends by closing its connections; here that would end the test's transaction.
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)

    def run(*arguments: str) -> int:
        code: Any = 0
        try:
            ManagementUtility(["manage.py", *arguments]).execute()
        except SystemExit as end:
            code = end.code
        return int(code)

    return run


def test_the_command_prints_nothing_but_a_token_that_works(
    run: Any, anonymous: APIClient, ann: User, capsys: Any
) -> None:
    before = timezone.now()

    code = run("issue_token", "ann")

    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    token = printed.out.removesuffix("\n")
    assert len(token) == 64
    assert get(anonymous, f"Token {token}").status_code == 200
    [stored] = AuthToken.objects.all()
    assert stored.user == ann
    assert before <= stored.expiry - timedelta(days=90) <= timezone.now()


@pytest.mark.parametrize("days", ["1", "3650", "007"])
def test_the_command_makes_tokens_for_as_many_days_as_asked_for(
    run: Any, ann: User, days: str
) -> None:
    before = timezone.now()

    assert run("issue_token", "ann", "--expires", days) == 0

    [stored] = AuthToken.objects.all()
    assert before <= stored.expiry - timedelta(days=int(days)) <= timezone.now()


@pytest.mark.parametrize(
    "days", ["0", "3651", "-1", "1.5", "x", "", "１", "9" * 5000, "36500000000"]
)
def test_the_command_refuses_other_numbers_of_days(
    run: Any, ann: User, capsys: Any, days: str
) -> None:
    code = run("issue_token", "ann", f"--expires={days}")

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.endswith(
        f"argument --expires: send a number of days from 1 to 3650, not {days!r}\n"
    )
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("name", ["bob", "Ann", "", "ann\x00", "x" * 10_000, "ann' --"])
def test_the_command_refuses_an_unknown_user(run: Any, ann: User, capsys: Any, name: str) -> None:
    code = run("issue_token", name)

    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert printed.err == (
        f"CommandError: There is no user {name!r}. Make one: manage.py createsuperuser\n"
    )
    assert AuthToken.objects.count() == 0


def test_the_command_refuses_an_inactive_user(run: Any, ann: User, capsys: Any) -> None:
    User.objects.update(is_active=False)

    code = run("issue_token", "ann")

    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert printed.err == "CommandError: The user 'ann' is not active.\n"
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("arguments", [(), ("ann", "bob"), ("ann", "--days", "3")])
def test_the_command_refuses_wrong_usage(run: Any, ann: User, capsys: Any, arguments: Any) -> None:
    code = run("issue_token", *arguments)

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("usage: manage.py issue_token ")
    assert AuthToken.objects.count() == 0


READERS = {
    "departments.view_department",
    "employees.view_employee",
    "jobs.view_job",
    "reports.view_report",
    "visualizations.add_dashboard",
    "visualizations.add_share",
    "visualizations.add_visualization",
    "visualizations.change_dashboard",
    "visualizations.change_visualization",
    "visualizations.view_dashboard",
    "visualizations.view_share",
    "visualizations.view_visualization",
}
LOADERS = READERS | {
    "departments.add_department",
    "employees.add_employee",
    "employees.view_names",
    "ingestion.view_batch",
    "ingestion.view_rejectedrow",
    "jobs.add_job",
}
STEWARDS = LOADERS | {
    "departments.change_department",
    "employees.change_employee",
    "ingestion.change_rejectedrow",
    "jobs.change_job",
}
ADMINISTRATORS = STEWARDS | {
    "audit.view_auditevent",
    "backups.view_backuprun",
    "privacy.view_erasure",
    "auth.add_user",
    "auth.change_user",
    "auth.delete_user",
    "auth.view_group",
    "auth.view_user",
    "departments.delete_department",
    "employees.delete_employee",
    "jobs.delete_job",
    "knox.delete_authtoken",
    "knox.view_authtoken",
    "oauth.delete_client",
    "oauth.view_client",
    "visualizations.delete_dashboard",
    "visualizations.delete_share",
    "visualizations.delete_visualization",
}


def permissions_of_groups() -> dict[str, set[str]]:
    return {
        group.name: {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in group.permissions.select_related("content_type")
        }
        for group in Group.objects.all()
    }


def test_the_migrations_make_five_groups_with_exactly_these_permissions() -> None:
    assert permissions_of_groups() == {
        "readers": READERS,
        "name_readers": READERS | {"employees.view_names"},
        "loaders": LOADERS,
        "stewards": STEWARDS,
        "administrators": ADMINISTRATORS,
    }


def test_the_groups_can_be_taken_back_and_made_again() -> None:
    before = permissions_of_groups()
    Group.objects.create(name="our own")

    call_command("migrate", "api", "zero", verbosity=0)
    assert permissions_of_groups() == {"our own": set()}

    call_command("migrate", verbosity=0)
    assert permissions_of_groups() == before | {"our own": set()}


def test_an_installation_from_before_names_were_hidden_gets_the_right_to_see_them() -> None:
    after = permissions_of_groups()
    call_command("migrate", "api", "0004", verbosity=0)
    Permission.objects.get(codename="view_names").delete()
    Group.objects.get(name="stewards").delete()
    assert set(permissions_of_groups()) == {"readers", "loaders", "administrators"}

    call_command("migrate", "api", verbosity=0)

    del after["stewards"]
    assert permissions_of_groups() == after
