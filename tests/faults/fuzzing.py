"""Requests that Schemathesis makes up from the OpenAPI document, sent as each role; its checks of the answers."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

import requests
import schemathesis
from schemathesis.engine import events, from_schema

from hrapi.api.openapi import CSV
from hrapi.ingestion.bodies import FORM, JSON_LINES
from tests.api.matrix import GROUPS
from tests.faults.outcome import Outcome
from tests.faults.serving import Service

schemathesis.serializer.alias(JSON_LINES, "text/plain")

ROLES = [*GROUPS, "superuser"]
"""A superuser may do what administrators may; that it is so by another way is worth a look."""
PHASES = ("examples", "coverage", "fuzzing", "stateful")
CSRF = "c" * 32

# What the document cannot say: requests that are valid by it and refused all the same, by their code, and why.
REFUSED_THOUGH_VALID = {
    "already_exists": "another row with this id is stored",
    "duplicate_in_batch": "an array may hold an id twice",
    "unknown_department": "only ids of departments that are stored are taken",
    "unknown_job": "only ids of jobs that are stored are taken",
    "idempotency_mismatch": "a key is used up by the first request that had it",
}
# The same, by the beginning of the detail, where the code says less.
INVALID_TOGETHER = (
    "cursor: ",  # only one that a page gave is taken
    "period: ",  # of a year, years, a day and days one is asked for
    "delimiter and header are for CSV",  # a parameter cannot depend on the type of the body
    "charts: ",  # only those that are there, each once
    # Which columns a dataset has, and which of them a type of chart takes.
    *("dataset: ", "parameters: ", "filters: ", "x: ", "y: ", "color: ", "line: ", "columns: "),
    "aggregate: ",
)

_SESSIONS = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
sessions = {{}}
for role in {roles!r}:
    user, _ = User.objects.get_or_create(username=role, is_superuser=role == "superuser")
    user.groups.set(Group.objects.filter(name=role))
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    sessions[role] = session.session_key
print(json.dumps(sessions))
"""


def sessions_of(service: Service, roles: Sequence[str]) -> dict[str, str]:
    """For each role the session of a user who is logged in. No request to the API ends it, unlike a token."""
    code = _SESSIONS.format(roles=list(roles))
    done = service.installed.manage("shell", "--verbosity=0", "-c", code)
    assert done.code == 0, done.errors
    sessions: dict[str, str] = json.loads(done.output)
    return sessions


def fuzz(
    service: Service,
    roles: Sequence[str],
    *,
    phases: Sequence[str] = PHASES,
    examples: int = 100,
    seconds: int | None = None,
    seed: int | None = None,
) -> Outcome:
    """Every check that Schemathesis has, of every operation, as each of these roles.

    `examples` are those that each operation gets in each phase that draws them; with `seconds` it goes on drawing
    until each role has had so many. Without a `seed` the examples are the same each time.
    """
    outcome = Outcome("fuzz", "requests made up from the OpenAPI document, as each role")
    sent = {}
    for role, session in sessions_of(service, roles).items():
        config: dict[str, Any] = {
            "base-url": f"http://127.0.0.1:{service.port}",
            "continue-on-failure": True,
            "generation": {
                "max-examples": examples,
                "deterministic": seed is None,
                "database": "none",
            },
            "phases": {
                phase: {"enabled": phase in phases}
                | ({} if phase == "stateful" else {"operation-ordering": "none"})
                for phase in PHASES
            },
        }
        if seed is not None:
            config["seed"] = seed
        if seconds is not None:
            config["max-time"] = seconds
        statuses = _fuzz(service, role, session, config, outcome)
        sent[role] = sum(statuses.values())
        outcome.expect(statuses[2] > 0, f"{role}: nothing was answered as asked")
        outcome.expect(statuses[4] > 0, f"{role}: nothing was refused")
    outcome.tried = ", ".join(f"{number:,} as {role}" for role, number in sent.items())
    if seed is not None:
        outcome.notes.append(f"seed {seed}")
    return outcome


def fuzz_anew(service: Service, *, seconds: int) -> Outcome:
    """What is drawn by chance, for so long as each role, and different each time."""
    seed = secrets.randbelow(2**32)
    # Few at a time, so that each operation has its turn, over and over.
    return fuzz(service, ROLES, phases=["fuzzing"], examples=5, seconds=seconds, seed=seed)


def _fuzz(
    service: Service, role: str, session: str, config: dict[str, Any], outcome: Outcome
) -> Counter[int]:
    """How many requests were answered with 2xx, 4xx and so on."""
    address = f"{config['base-url']}/api/v1/"
    document = requests.get(f"{address}schema/?format=json", cookies={"sessionid": session})
    document.raise_for_status()
    described = document.json()
    if "seed" in config:
        # When time is over before all have had their turn, it is not always the same ones.
        paths = list(described["paths"].items())
        random.Random(config["seed"]).shuffle(paths)
        described["paths"] = dict(paths)
    schema = schemathesis.openapi.from_dict(described, config=schemathesis.Config.from_dict(config))
    schema.auth()(_login(address, session))
    schema.hook(filter_failure)
    statuses: Counter[int] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            outcome.problem(f"{role}: {event.label}: {event.info.message}")
        if not isinstance(event, events.ScenarioFinished):
            continue
        for interaction in event.recorder.interactions.values():
            if interaction.response is not None:
                statuses[interaction.response.status_code // 100] += 1
        for checks in event.recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    outcome.problem(
                        f"{role}: {event.recorder.label}: {check.name}: {failure.title}: {failure.message}\n"
                        f"      {check.failure_info.code_sample}"
                    )
    return statuses


def _login(address: str, session: str) -> type:
    """Sets the session of each request; logging out gets a token of its own to end."""
    cookies = {"sessionid": session, "csrftoken": CSRF}

    class Login:
        def get(self, case: Any, context: Any) -> dict[str, Any]:
            if not context.operation.path.endswith("/auth/logout/"):
                return {"cookies": cookies, "headers": {"X-CSRFToken": CSRF}}
            made = requests.post(
                f"{address}auth/tokens/",
                json={"name": secrets.token_hex(4)},
                cookies=cookies,
                headers={"X-CSRFToken": CSRF},
            )
            return {"cookies": {}, "headers": {"Authorization": f"Token {made.json()['token']}"}}

        def set(self, case: Any, data: dict[str, Any], context: Any) -> None:
            case.cookies = {**(case.cookies or {}), **data["cookies"]}
            case.headers = {**(case.headers or {}), **data["headers"]}

    return Login


def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether it is a failure: not where the document cannot say what the request lacks."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    # What CSV and JSON Lines hold the document cannot say at all.
    if case.media_type in (CSV, JSON_LINES) or (case.media_type == FORM and "file" in case.body):
        return False
    problem = response.json()
    if problem["code"] == "unknown_field":
        # A correction takes the fields of the entry's table, whichever that is.
        return not case.operation.path.endswith("{id}/resubmit/")
    return problem["code"] not in REFUSED_THOUGH_VALID and not problem["detail"].startswith(
        INVALID_TOGETHER
    )
