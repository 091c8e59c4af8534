"""A prefix of a bucket: of Amazon's S3, or of another server that speaks its protocol."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from django.conf import settings

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client

CONNECT_SECONDS, READ_SECONDS = 10, 60
MAX_OBJECT_BYTES = 5 * 1024**3
READ_BYTES = 1024 * 1024
_IS_THERE = 412
_CREDENTIALS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else boto3 reads"
_NO_ANSWER = "nobody answers at {endpoint}: look at S3_ENDPOINT_URL, the network, and whether the server runs"
# Of other errors the text might hold what was sent.
_WORDS: dict[type[Exception], str] = {
    NoCredentialsError: f"there are no credentials: {_CREDENTIALS}",
    PartialCredentialsError: f"half of the credentials is missing: {_CREDENTIALS}",
    EndpointConnectionError: _NO_ANSWER,
    ConnectTimeoutError: _NO_ANSWER,
}


class Bucket:
    """Objects, by their keys from the prefix on. Credentials come from where boto3 looks for them.

    Use it within `errors()`, which raises what goes wrong as `error`, in one line.
    """

    def __init__(self, name: str, prefix: str, *, error: type[Exception]) -> None:
        self.name = name
        self.prefix = prefix
        self._error = error

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Errors of the library as one line that holds no credentials."""
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "an error")
            raise self._error(f"{self}: the server answers {code[:80]}.") from error
        except (BotoCoreError, HTTPClientError) as error:
            why = _WORDS.get(type(error), type(error).__name__)
            endpoint = settings.S3_ENDPOINT_URL or "Amazon's S3"
            raise self._error(f"{self}: {why.format(endpoint=endpoint)}.") from error

    @cached_property
    def client(self) -> S3Client:
        try:
            return self._new_client()
        except ValueError as error:
            raise self._error(
                f"S3_ENDPOINT_URL is {settings.S3_ENDPOINT_URL!r}, which is not the URL of a server."
            ) from error

    def _new_client(self) -> S3Client:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.S3_ENDPOINT_URL or None,
            # Of another server than Amazon's the region is nobody's business, but one must be named.
            region_name="us-east-1" if settings.S3_ENDPOINT_URL else None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "max_attempts": 3},
                # Other servers than Amazon's do not know the newer checksums; each upload has its MD5.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def objects(self, start: str) -> list[tuple[str, datetime]]:
        """Keys and times of all objects whose keys begin like that. What consoles make for a folder is none."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=self._key(start)
        )
        skipped = len(self._key(""))
        return [
            (entry["Key"][skipped:], entry["LastModified"])
            for page in pages
            for entry in page.get("Contents", [])
            if not entry["Key"].endswith("/")
        ]

    def get(self, key: str) -> StreamingBody:
        return self.client.get_object(Bucket=self.name, Key=self._key(key))["Body"]

    def upload(self, path: Path, key: str) -> None:
        """Stores a file as an object that must not be there yet."""
        size = path.stat().st_size
        if size > MAX_OBJECT_BYTES:
            raise self._error(f"{path.name} has {size:,} bytes; one upload takes 5 GiB.")
        with path.open("rb") as file:
            self.put(file, key)

    def put(self, file: IO[bytes], key: str) -> None:
        """Stores an object that must not be there yet."""
        digest = _md5(file)
        file.seek(0)
        try:
            self.client.put_object(
                Bucket=self.name,
                Key=self._key(key),
                Body=file,
                ContentMD5=base64.b64encode(digest).decode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            # An upload whose answer was lost is tried again, and meets what it has stored itself.
            is_there = error.response["ResponseMetadata"]["HTTPStatusCode"] == _IS_THERE
            if not is_there or _md5(self.get(key)) != digest:
                raise

    def replace(self, data: bytes, key: str) -> None:
        """Stores an object, in place of the one that has this key."""
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest())
        self.client.put_object(
            Bucket=self.name, Key=self._key(key), Body=data, ContentMD5=digest.decode()
        )

    def delete(self, key: str) -> None:
        """Removes an object, if there is one."""
        self.client.delete_object(Bucket=self.name, Key=self._key(key))


def _md5(body: IO[bytes] | StreamingBody) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := body.read(READ_BYTES):
        digest.update(chunk)
    return digest.digest()
