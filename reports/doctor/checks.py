"""What a tool needs of a deployed service, checked one thing after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

# For the one document below.
from xml.etree import ElementTree  # nosec B405

from reports.doctor.asking import MAX_SECONDS, Answer, Client, WrongError
from reports.doctor.rows import check_csv, check_json

_CATALOGUE = "api/v1/datasets/"
_ODATA = "odata/v4/"
_LARGE = 10_000
"""Bytes from which an answer should be compressed."""


@dataclass(frozen=True)
class Finding:
    """What was checked. `told` says what was found; of what is wrong also what to do."""

    check: str
    is_right: bool
    told: str


def examine(client: Client, wanted: Collection[str] = ()) -> Iterator[Finding]:
    """One finding for each check; when one of the first two is wrong there are no further ones.

    `wanted` are names of datasets; all that the login may read when there are none.
    """
    refused = _find("without login", lambda: _refuses(client.without_login()))
    yield refused
    if not refused.is_right:
        return
    entries: list[dict[str, Any]] = []
    login = _find("login", lambda: _log_in(client, entries))
    yield login
    if not login.is_right:
        return
    yield _find("links", lambda: _check_links(client, entries))
    unknown = sorted(set(wanted) - {entry["name"] for entry in entries})
    if unknown:
        told = f"There is no {', '.join(unknown)} for this user. Check the name, the user's group and the scopes."
        yield Finding("datasets", False, told)
    for entry in entries:
        if not wanted or entry["name"] in wanted:
            yield from _examine_dataset(client, entry)
    yield from _examine_odata(client)


def _find(check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, True, look())
    except WrongError as wrong:
        return Finding(check, False, str(wrong))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        fault = " ".join(f"{type(error).__name__}: {error}".split())
        told = f"The answer is not as documented ({fault}). Is this the address of the service?"
        return Finding(check, False, told)


def _refuses(client: Client) -> str:
    answer = client.get(_CATALOGUE)
    if 300 <= answer.status < 400:
        location = answer.header("Location")
        if location.startswith("https:") and client.address.startswith("http:"):
            raise WrongError(f"It leads to {location}.", "Give tools the address with https.")
        raise WrongError(
            f"It leads to {location or 'another address'}.",
            "Tools follow no login page: let the proxy or single sign-on leave /api/ and /odata/ to the service.",
        )
    if answer.status == 400:
        raise WrongError("The host is refused (400).", "ALLOWED_HOSTS must name it.")
    _expect(answer, 401, "Is this the address of the service, without a path?")
    if not answer.header("WWW-Authenticate").lower().startswith("basic"):
        raise WrongError(
            "The 401 has no WWW-Authenticate: Basic.",
            "Tools then do not ask for a login: let the proxy pass the header on.",
        )
    return "401 that asks for Basic, and no redirect"


def _log_in(client: Client, entries: list[dict[str, Any]]) -> str:
    answer = client.get(_CATALOGUE)
    if answer.status == 401:
        raise WrongError(
            "The login is not known.",
            "The token has ended, or is another's; or the proxy takes the Authorization header away."
            " A new one: manage.py issue_token USER --scope read --scope reports",
        )
    _expect(answer, 200, "See the log of the service.")
    entries.extend(answer.json())
    if not entries:
        raise WrongError(
            "The user may read no dataset.",
            "Put the user in the group readers, and give the token the scopes read and reports.",
        )
    return f"it may read {len(entries)} datasets"


def _check_links(client: Client, entries: list[dict[str, Any]]) -> str:
    for entry in entries:
        client.check_link(entry["url"])
    return "on the same host, by the same scheme"


def _examine_dataset(client: Client, entry: dict[str, Any]) -> Iterator[Finding]:
    path, columns, name = f"{_CATALOGUE}{entry['name']}/", entry["columns"], entry["name"]

    def as_json() -> str:
        answer = _rows(client, path, "json")
        rows = answer.json()
        check_json(rows, columns)
        return f"{len(rows):,} row{'s' * (len(rows) != 1)} in {answer.seconds:.1f} s"

    def as_csv() -> str:
        answer = _rows(client, path, "csv")
        if answer.media_type != "text/csv":
            raise WrongError(f"It is {answer.media_type}, not text/csv.", "Look at the proxy.")
        check_csv(answer.response.content.decode(), columns)
        return f"columns and types as told, {_check_compression(answer)}, {_check_etag(client, path, answer)}"

    yield _find(f"{name} as JSON", as_json)
    yield _find(f"{name} as CSV", as_csv)


def _rows(client: Client, path: str, form: str) -> Answer:
    answer = client.get(path, {"format": form}, Accept_Encoding="gzip")
    if answer.status == 429:
        raise WrongError("Too many reports in a minute.", "Wait, or raise REPORTS_PER_MINUTE.")
    _expect(answer, 200, "See the log of the service.")
    if answer.seconds > MAX_SECONDS:
        raise WrongError(
            f"It took {answer.seconds:.0f} s.", "Tools give up: ask for less (a year)."
        )
    return answer


def _check_compression(answer: Answer) -> str:
    if answer.header("Content-Encoding") == "gzip":
        return "gzip"
    if len(answer.response.content) > _LARGE:
        raise WrongError(
            "It is not compressed.", "Let the proxy pass Accept-Encoding on, or compress itself."
        )
    return "too small for gzip"


def _check_etag(client: Client, path: str, answer: Answer) -> str:
    etag = answer.header("ETag")
    if not etag:
        return "no ETag"
    again = client.get(path, {"format": "csv"}, If_None_Match=etag, Accept_Encoding="gzip")
    if again.status == 304:
        return "304 when unchanged"
    if again.status == 200 and again.header("ETag") != etag:
        return "changed meanwhile"
    raise WrongError(
        f"Asked again with its ETag it answers {again.status}, not 304.",
        "Let the proxy pass If-None-Match on.",
    )


def _examine_odata(client: Client) -> Iterator[Finding]:
    sets: list[str] = []

    def service() -> str:
        document = _odata_json(client, _ODATA)
        client.check_link(document["@odata.context"])
        sets.extend(each["url"] for each in document["value"])
        return f"{len(sets)} sets"

    def metadata() -> str:
        answer = _odata(client, f"{_ODATA}$metadata", Accept="application/json")
        if answer.media_type != "application/xml":
            raise WrongError(f"It is {answer.media_type}, not XML.", "Look at the proxy.")
        try:
            # The document of a service that whoever runs this names.
            root = ElementTree.fromstring(answer.response.content)  # noqa: S314 # nosec B314
        except ElementTree.ParseError as error:
            raise WrongError(f"The XML is broken: {error}.", "Look at the proxy.") from error
        types = sum(element.tag.endswith("}EntityType") for element in root.iter())
        if not root.tag.endswith("}Edmx") or not types:
            raise WrongError("It describes no entity.", "See the log of the service.")
        return f"{types} types"

    found = _find("OData service document", service)
    yield found
    if found.is_right:
        yield _find("OData $metadata", metadata)
        yield _find("OData pages", lambda: _follow_a_page(client, sets))


def _follow_a_page(client: Client, sets: Collection[str]) -> str:
    for name in sets:
        document = _odata_json(client, f"{_ODATA}{name}")
        link = document.get("@odata.nextLink")
        if link:
            client.check_link(link)
            following = _odata_json(client, link)["value"]
            if not following or following == document["value"]:
                raise WrongError(
                    f"The link to the next page of {name} leads to no further rows.",
                    "The proxy must pass the query on as it is.",
                )
            return f"the next page of {name} was read"
    return "no set has more than a page"


def _odata(client: Client, path: str, **headers: str) -> Answer:
    answer = client.get(path, None, **headers)
    _expect(answer, 200, "See the log of the service, and whether the proxy passes /odata/ on.")
    versions = answer.all_of("OData-Version")
    if versions != ["4.0"]:
        raise WrongError(
            f"OData-Version is {', '.join(versions) or 'missing'}, not once 4.0.",
            "Let the proxy neither add nor take headers.",
        )
    return answer


def _odata_json(client: Client, path: str) -> Any:
    return _odata(client, path, Accept="application/json;odata.metadata=minimal").json()


def _expect(answer: Answer, status: int, advice: str) -> None:
    if answer.status != status:
        raise WrongError(f"It answers {answer.status}, not {status}.", advice)
