"""Who is asking: Basic with a password or a token, a token, or the session of the browser."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from hrapi.api.forms import form_bytes
from hrapi.api.problems import ProblemError
from hrapi.api.scopes import limit_user
from hrapi.api.sites import is_forged
from hrapi.api.tokens import TOKEN, note_use, scopes_of


class TokenAuthentication(KnoxTokenAuthentication):
    """`Authorization: Token <token>`. One query; reading deletes nothing, unlike knox's own clean-up."""

    def authenticate_credentials(
        self, token: bytes, username: str | None = None
    ) -> tuple[User, AuthToken]:
        """The user, limited to the scopes of the token, and the token. Of this user name, where one is given."""
        if not TOKEN.fullmatch(token):
            raise AuthenticationFailed("This is no token of this service.")
        text = token.decode()
        digest = hash_token(text)
        found = AuthToken.objects.select_related("user", "details").filter(
            token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]
        )
        for each in found:
            is_over = each.expiry is not None and each.expiry < timezone.now()
            if compare_digest(digest, each.digest) and not is_over:
                user, _ = self.validate_user(each)
                if username is not None and user.get_username() != username:
                    break
                if scopes := scopes_of(each):
                    limit_user(user, scopes)
                note_use(each)
                return user, each
        raise AuthenticationFailed("Invalid token.")


class BasicAuthentication(authentication.BasicAuthentication):
    """User name with the password, or with a token as the password, as BI tools send it.

    Comes first of all, so that the answer to missing credentials is a Basic challenge. A browser that remembers
    the password sends it with whatever any page makes it send, which is refused.
    """

    www_authenticate_realm = "Hiring data"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme = authentication.get_authorization_header(request).split(b" ")[0]
        if scheme.lower() == b"basic" and is_forged(request._request):
            raise PermissionDenied(
                "A page of another site has sent this, with a password that the browser remembers. Send a"
                " token (Authorization: Token …), or add the site to CSRF_TRUSTED_ORIGINS."
            )
        authenticated: tuple[Any, Any] | None = super().authenticate(request)
        return authenticated

    def authenticate_credentials(
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[Any, Any]:
        if "\x00" in userid or "\x00" in password:
            raise AuthenticationFailed("Invalid username/password.")
        if TOKEN.fullmatch(password.encode()):
            return TokenAuthentication().authenticate_credentials(password.encode(), userid)
        authenticated: tuple[Any, Any] = super().authenticate_credentials(userid, password, request)
        return authenticated


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a browser. What is not safe needs the CSRF token, in a form or in a header."""

    def enforce_csrf(self, request: Request) -> None:
        # Looking for the token in DRF's request would parse the body, which the view is to read.
        django_request: Any = request._request
        if request.content_type and request.content_type.startswith("multipart/form-data"):
            # Looking for it parses a form as it arrives, and nobody could tell any more whether it arrived whole.
            view = (request.parser_context or {}).get("view")
            try:
                getattr(view, "receive_form", form_bytes)(django_request)
            except ProblemError:
                # The page that tells of it asks who is there, and would come here again.
                request.user = django_request.user
                raise
        super().enforce_csrf(django_request)
