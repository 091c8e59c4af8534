"""What django-oauth-toolkit is told: which scopes a client has, what of a request it sees, and who a client is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from hrapi.api.scopes import Scope
from hrapi.oauth.forms import read_form
from hrapi.oauth.models import Client


class ClientScopes(BaseScopes):
    """Each client has scopes of its own. One that asks for none gets all of them."""

    def get_all_scopes(self) -> Mapping[str, str]:
        return {scope.value: scope.value for scope in Scope}

    def get_available_scopes(self, application: Client, *args: Any, **kwargs: Any) -> list[str]:
        return list(application.scopes)

    get_default_scopes = get_available_scopes


class FormBackend(OAuthLibCore):
    """Sees the form alone, with the client's id and secret in it, however they were sent.

    So the secret is compared for the very client whose failures are counted, and for no other.
    """

    def extract_headers(self, request: HttpRequest) -> dict[str, str]:
        return {}

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        form = read_form(request)
        if "scope" in form:
            # A set, says RFC 6749 (3.3), written as a list; what was asked for twice is answered once.
            form["scope"] = " ".join(dict.fromkeys(form["scope"].split(" ")))
        return list(form.items())


class EvenValidator(OAuth2Validator):
    """Takes as long for a client that there is not, or whose user is not active, as for a wrong secret."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        if self._load_application(request.client_id, request) is None:
            make_password(request.client_secret or "")
            return False
        return bool(super().authenticate_client(request, *args, **kwargs))
