"""Where programs get access tokens and end them. Answers are those of RFC 6749 and RFC 7009."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from oauth2_provider.views import RevokeTokenView, TokenView
from oauthlib.oauth2 import OAuth2Error

from hrapi.api.authentication import BasicAuthentication
from hrapi.api.logins import LoginAttempt
from hrapi.api.throttling import count_write
from hrapi.audit.recording import Action, record, record_refusal
from hrapi.oauth.forms import read_form
from hrapi.oauth.models import Client


class _ClientMixin:
    """Counts wrong secrets, by client and address together, and by address; and what is done, by user.

    Raises Throttled for too many.
    """

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            client_id = read_form(request).get("client_id", "")
        except OAuth2Error as error:
            return _completed(HttpResponse(error.json, status=error.status_code))
        attempt = LoginAttempt.of_client(request, client_id)
        attempt.begin()
        with transaction.atomic():
            response = self.answer(request)
            if response.status_code == HTTPStatus.OK:
                # Not before the secret was right: nobody else is to use up what the user may.
                count_write(_client_of(request).user)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            attempt.fail()
            is_client = (
                "\x00" not in client_id and Client.objects.filter(client_id=client_id).exists()
            )
            record_refusal(Action.LOGIN_FAILED, {"client": client_id if is_client else None})
            request.login_has_failed = True  # type: ignore[attr-defined] # For the audit's middleware.
        elif response.status_code == HTTPStatus.OK:
            attempt.succeed()
        else:
            # Refused for another fault: perhaps before the secret was looked at, perhaps with the right one.
            attempt.begin()
        return _completed(response)

    def answer(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError


class ClientTokenView(_ClientMixin, TokenView):
    """POST: `{"access_token": "…", "expires_in": 600, "token_type": "Bearer", "scope": "read"}`"""

    def answer(self, request: HttpRequest) -> HttpResponse:
        answered: HttpResponse = self.authorization_flow_token_response(request)
        if answered.status_code == HTTPStatus.OK:
            _record(Action.TOKEN_ISSUED, request)
        return answered


class ClientRevokeView(_ClientMixin, RevokeTokenView):
    """POST: ends the token, if it is one of the client's; `{}` in any case."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        digest = sha256(read_form(request).get("token", "").encode()).hexdigest()
        # Locked, so that of two who end it one is recorded.
        found = get_access_token_model().objects.select_for_update()
        token = found.filter(token_checksum=digest, expires__gt=timezone.now()).first()
        answered: HttpResponse = RevokeTokenView.post(self, request)
        is_right = answered.status_code == HTTPStatus.OK
        if is_right and token is not None and token.application_id == _client_of(request).pk:
            _record(Action.TOKEN_ENDED, request)
        return answered


def _record(action: Action, request: HttpRequest) -> None:
    client = _client_of(request)
    record(action, {"client": client.client_id, "account": client.user.get_username()})


def _client_of(request: HttpRequest) -> Client:
    client_id = read_form(request)["client_id"]
    client: Client = Client.objects.select_related("user").get(client_id=client_id)
    return client


def _completed(response: HttpResponse) -> HttpResponse:
    response.content = response.content or b"{}"
    response["Content-Type"] = "application/json"
    response["Cache-Control"] = "no-store"
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = f'Basic realm="{BasicAuthentication.www_authenticate_realm}"'
    return response
