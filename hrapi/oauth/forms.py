"""What a client sends to get a token or to end one (RFC 6749 and RFC 7009)."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from hrapi.api.sites import is_forged

_FORM = "application/x-www-form-urlencoded"
# Whatever else is sent means nothing (RFC 6749, 3.2); so does a hint, as there is one type of token.
_PARAMETERS = ("grant_type", "scope", "token", "client_id", "client_secret")


def read_form(request: HttpRequest) -> dict[str, str]:
    """The parameters, with `client_id` and `client_secret` also where they came as Basic.

    Raises InvalidRequestError for what is no such form, InvalidClientError for an unreadable header.
    """
    if is_forged(request):
        raise InvalidRequestError("A page of another site has sent this. It is for programs.")
    if request.META.get("QUERY_STRING"):
        raise InvalidRequestError("Send parameters in the body, not in the address.")
    if request.content_type != _FORM:
        raise InvalidRequestError(f"Send a form of the type {_FORM}.")
    try:
        sent = dict(request.POST.lists())
    except (BadRequest, UnreadablePostError):
        raise InvalidRequestError("The body is not in UTF-8, or ended too early.") from None
    if any(len(values) > 1 for values in sent.values()):
        raise InvalidRequestError("Send each parameter once.")
    form = {name: str(sent[name][0]) for name in _PARAMETERS if name in sent}
    header = request.headers.get("Authorization")
    if header is None:
        return form
    client_id, secret = _read_basic(header)
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("Send the id and the secret of one client, in one way.")
    return form | {"client_id": client_id, "client_secret": secret}


def _read_basic(header: str) -> tuple[str, str]:
    """Both parts are encoded as in a form before they are joined (RFC 6749, 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        scheme = colon = client_id = secret = ""
    if scheme.lower() != "basic" or not colon:
        raise InvalidClientError("Send the id and the secret of the client as Basic credentials.")
    return unquote_plus(client_id), unquote_plus(secret)
