"""Where the address and the token come from: options, environment, or a file of the user's own."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from hrapi.client.client import Client
from hrapi.client.connection import RETRY_SECONDS, TIMEOUT_SECONDS
from hrapi.client.errors import UsageError

_PRIVATE = stat.S_IRWXG | stat.S_IRWXO


def add_access_arguments(parser: ArgumentParser) -> None:
    """The options that every command has."""
    group = parser.add_argument_group("the service")
    group.add_argument(
        "--address",
        metavar="URL",
        help="Like https://hr.example.com (default: HRAPI_ADDRESS, or `address` in the settings file).",
    )
    group.add_argument(
        "--token-file",
        metavar="FILE",
        help="File that holds the token and that only you can read; - is standard input "
        "(default: HRAPI_TOKEN, or `token` in the settings file).",
    )
    group.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="For how long the service may be silent (default: %(default)g).",
    )
    group.add_argument(
        "--retry-for",
        type=float,
        default=RETRY_SECONDS,
        metavar="SECONDS",
        help="For how long to try again while the service is away or busy (default: %(default)g).",
    )
    group.add_argument(
        "--allow-http",
        action="store_true",
        help="Send the token to another machine without encryption.",
    )


def client_of(options: Namespace) -> Client:
    """The client that the options, the environment and the settings file ask for. Raises UsageError."""
    settings = _settings()
    address = options.address or os.environ.get("HRAPI_ADDRESS") or settings.get("address", "")
    if not address:
        raise UsageError(
            f"No address of a service: give --address, or set HRAPI_ADDRESS, or `address` in {settings_file()}."
        )
    # The token in the file is for the address in the file.
    is_same = address.rstrip("/") == str(settings.get("address", address)).rstrip("/")
    kept = settings.get("token", "") if is_same else ""
    token = _given_token(options.token_file) or os.environ.get("HRAPI_TOKEN", "").strip() or kept
    if not token:
        raise UsageError(
            f"No token for {address}: give --token-file, or set HRAPI_TOKEN, or `token` in {settings_file()}."
            " On the service, `manage.py issue_token` makes one."
        )
    if not token.isascii() or not token.isprintable():
        raise UsageError("The token has characters that no token has: is it the right file?")
    return Client(
        address,
        token,
        timeout=options.timeout,
        retry_for=options.retry_for,
        allow_http=options.allow_http,
    )


def settings_file() -> Path:
    return Path.home() / ".config" / "hrapi" / "client.toml"


def _settings() -> dict[str, Any]:
    path = settings_file()
    try:
        return tomllib.loads(_read_private(path))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error


def _given_token(file: str | None) -> str:
    if file is None:
        return ""
    if file == "-":
        return sys.stdin.readline().strip()
    try:
        return _read_private(Path(file)).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The token cannot be read: {error}.") from error


def _read_private(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISREG(mode) and mode & _PRIVATE:
            raise UsageError(
                f"{path} holds a token and others can read it. Make it yours alone: chmod 600 {path}. Where that"
                f" cannot be: --token-file - < FILE."
            )
        return file.read()
