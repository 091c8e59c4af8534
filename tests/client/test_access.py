"""Where the address and the token come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.answering import Said, answering
from tests.client.serving import Served
from tests.installation import Finished

NO_ENVIRONMENT = {"HRAPI_ADDRESS": "", "HRAPI_TOKEN": ""}
CSV = Said(body=b"year\n", headers={"Content-Type": "text/csv"})
CALLER = Served(None, 0, "")  # type: ignore[arg-type]


def pull(home: Path, *options: str, stdin: bytes = b"", **environment: str) -> Finished:
    """The client with nothing set but this."""
    return CALLER.run(
        "pull", "hires", *options, home=home, stdin=stdin, **NO_ENVIRONMENT | environment
    )


def settings_file(home: Path, text: str, *, mode: int = 0o600) -> Path:
    path = home / ".config" / "hrapi" / "client.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("way", ["environment", "file", "token file", "standard input"])
def test_the_token_comes_from(tmp_path: Path, way: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-there\n")
    secret.chmod(0o400)
    with answering(CSV) as server:
        if way == "environment":
            done = pull(tmp_path, HRAPI_ADDRESS=server.address, HRAPI_TOKEN="from-there")
        elif way == "file":
            settings_file(tmp_path, f'address = "{server.address}/"\ntoken = "from-there"\n')
            done = pull(tmp_path)
        elif way == "token file":
            done = pull(tmp_path, "--address", server.address, f"--token-file={secret}")
        else:
            options = ("--address", server.address, "--token-file=-")
            done = pull(tmp_path, *options, stdin=b"from-there\n")

    assert (done.code, done.output) == (0, "year\n"), done.errors
    assert server.asked[0].headers["Authorization"] == "Token from-there"


def test_options_come_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    settings_file(tmp_path, 'address = "https://file.example.com"\ntoken = "of-the-file"\n')
    secret = tmp_path / "secret"
    secret.write_text("of-the-option")
    secret.chmod(0o600)
    with answering(CSV) as server:
        environment = {"HRAPI_ADDRESS": server.address, "HRAPI_TOKEN": "of-the-environment"}
        pull(tmp_path, **environment)
        pull(tmp_path, f"--token-file={secret}", **environment)

    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "Token of-the-environment",
        "Token of-the-option",
    ]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = settings_file(tmp_path, 'token = "secret"\n', mode=mode)

    done = pull(tmp_path, HRAPI_ADDRESS="https://hr.example.com")

    assert done.code == 2
    assert f"chmod 600 {path}" in done.errors
    assert "secret" not in done.errors


def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from-there\n")
    secret.chmod(0o644)

    done = pull(tmp_path, "--address=https://hr.example.com", f"--token-file={secret}")

    assert (done.code, f"chmod 600 {secret}" in done.errors) == (2, True)


def test_the_token_of_the_file_goes_to_the_address_of_the_file_only(tmp_path: Path) -> None:
    settings_file(tmp_path, 'address = "https://hr.example.com"\ntoken = "of-the-file"\n')
    with answering(CSV) as server:
        done = pull(tmp_path, "--address", server.address)

    assert done.code == 2
    assert f"No token for {server.address}" in done.errors
    assert server.asked == []


@pytest.mark.parametrize(
    "options, environment, told",
    [
        ([], {}, "No address of a service: give --address, or set HRAPI_ADDRESS"),
        (["--address=https://hr.example.com"], {}, "No token for https://hr.example.com"),
        (["--address=http://hr.example.com"], {"HRAPI_TOKEN": "t"}, "use https://"),
        (["--address=https://hr.example.com"], {"HRAPI_TOKEN": "t\nt"}, "is it the right file?"),
        (["--address=https://x", "--token-file=none"], {}, "The token cannot be read"),
    ],
)
def test_what_is_missing_or_wrong_is_wrong_usage(
    tmp_path: Path, options: list[str], environment: dict[str, str], told: str
) -> None:
    done = pull(tmp_path, *options, **environment)

    assert (done.code, done.output) == (2, "")
    assert told in done.errors


def test_a_settings_file_that_is_no_toml_is_wrong_usage(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "token: secret\n")

    done = pull(tmp_path)

    assert (done.code, f"{path} is not TOML" in done.errors) == (2, True)
    assert "secret" not in done.errors
