from __future__ import annotations

from wsgiref.util import setup_testing_defaults

import pytest

from hrapi.wsgi import UTF8Request


@pytest.mark.parametrize("charset", ["rot13", "base64", "undefined", "utf-16", "cp037"])
def test_the_charset_of_a_body_is_not_that_of_the_address(charset: str) -> None:
    environ = {"QUERY_STRING": "name=Mu%C3%B1oz", "CONTENT_TYPE": f"text/csv; charset={charset}"}
    setup_testing_defaults(environ)

    request = UTF8Request(environ)

    assert request.GET.dict() == {"name": "Muñoz"}
    assert (request.content_type, request.content_params) == ("text/csv", {"charset": charset})
