"""Directories that every machine of the cluster reaches, by Hadoop's file systems: a shared disk, S3, HDFS."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from reports.spark.errors import SparkReportsError

MANIFEST = "_manifest.json"
_MOUNTED = "file://"
_DAY = 24 * 60 * 60


def address_of(place: str) -> str:
    """How Spark names a place: `file:///lake` for a directory, `s3a://…` for `s3://…`, others as they are.

    Raises SparkReportsError for what is none.
    """
    scheme, separator, rest = place.partition("://")
    if not place or (place.startswith("s3:") and not separator):
        raise SparkReportsError(f"{place!r} is no place: name a directory or s3://bucket/prefix.")
    if not separator:
        return f"{_MOUNTED}{Path(place).absolute()}"
    return f"s3a://{rest.rstrip('/')}" if scheme == "s3" else place.rstrip("/")


def literally(path: str) -> str:
    """For Spark, which takes what it reads for a pattern, as Hadoop's shell does."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)


class Place:
    """A directory with datasets. Names in it are relative. Raises SparkReportsError where it cannot be reached."""

    def __init__(self, spark: SparkSession, place: str) -> None:
        self.address = address_of(place)
        self._jvm: Any = cast("Any", spark._jvm)
        scheme = self.address.partition(":")[0]
        configuration = spark._jsc.hadoopConfiguration()
        try:
            self._jvm.org.apache.hadoop.fs.FileSystem.getFileSystemClass(scheme, configuration)
        except Exception as error:
            raise SparkReportsError(self._unknown(scheme)) from error
        root = self._path("")
        self._files = root.getFileSystem(configuration)
        if self._files.exists(root) and not self._files.getFileStatus(root).isDirectory():
            raise SparkReportsError(f"{self} is no directory.")

    def __str__(self) -> str:
        return self.address

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits for others who do so in this directory. Of a place that is none it knows nothing."""
        if not self.address.startswith(_MOUNTED):
            yield
            return
        directory = os.open(self.address.removeprefix(_MOUNTED), os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)

    def names(self, directory: str) -> list[str]:
        """The names of all that is in a directory; none where there is no such directory."""
        path = self._path(directory)
        if not self._files.exists(path):
            return []
        return [str(each.getPath().getName()) for each in self._files.listStatus(path)]

    def manifests(self, directory: str) -> dict[str, str]:
        """What the exports in a directory say of themselves, by their directories; unfinished ones say nothing."""
        names = self.names(directory)
        exports = [f"{directory}/{name}" for name in names if name.startswith("processed_on=")]
        return {
            export: self._text(f"{export}/{MANIFEST}")
            for export in exports
            if self._files.exists(self._path(f"{export}/{MANIFEST}"))
        }

    def make(self, name: str) -> None:
        """A directory, with those above that are missing."""
        try:
            is_made = self._files.mkdirs(self._path(name))
        except Py4JJavaError:
            is_made = False
        if not is_made:
            raise SparkReportsError(f"{self} cannot be written to.")

    def write(self, name: str, text: str) -> None:
        stream = self._files.create(self._path(name))
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def remove(self, name: str) -> None:
        self._files.delete(self._path(name), True)

    def remove_old(self, prefix: str) -> None:
        """Removes what begins so and was left here over a day ago."""
        for name in self.names(""):
            status = self._files.getFileStatus(self._path(name))
            if name.startswith(prefix) and time.time() - status.getModificationTime() / 1000 > _DAY:
                self.remove(name)

    def rename(self, name: str, to: str) -> None:
        """Raises SparkReportsError where something of that name is there."""
        self._files.mkdirs(self._path(to).getParent())
        # Into a directory that is there, Hadoop would put it.
        if self._files.exists(self._path(to)) or not self._files.rename(
            self._path(name), self._path(to)
        ):
            raise SparkReportsError(f"{self}/{name} cannot be renamed to {to}.")

    def _path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self.address}/{name}".rstrip("/"))

    def _text(self, name: str) -> str:
        stream = self._files.open(self._path(name))
        try:
            return str(self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        finally:
            stream.close()

    def _unknown(self, scheme: str) -> str:
        if scheme != "s3a":
            return (
                f"This Spark knows no files at {scheme}://: name a directory or s3://bucket/prefix."
            )
        version = self._jvm.org.apache.hadoop.util.VersionInfo.getVersion()
        return (
            f"This Spark has no S3: pass --packages org.apache.hadoop:hadoop-aws:{version} to"
            " spark-submit, or set PYSPARK_SUBMIT_ARGS (docs/spark.md)."
        )
