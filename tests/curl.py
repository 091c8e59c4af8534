"""As much of curl as README.md uses, for machines that have none."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from pathlib import Path


def main(arguments: list[str]) -> None:
    headers: dict[str, str] = {}
    body: bytes | None = None
    address = ""
    method: str | None = None
    while arguments:
        argument = arguments.pop(0)
        if argument == "-H":
            name, _, value = arguments.pop(0).partition(": ")
            headers[name] = value
        elif argument == "-d":
            body = arguments.pop(0).encode()
        elif argument == "--data-binary":
            body = Path(arguments.pop(0).removeprefix("@")).read_bytes()
        elif argument == "-X":
            method = arguments.pop(0)
        elif argument != "-sS":
            address = argument
    request = urllib.request.Request(address, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            sys.stdout.buffer.write(response.read())
    except urllib.error.HTTPError as error:
        sys.stdout.buffer.write(error.read())


main(sys.argv[1:])
