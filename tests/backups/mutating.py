"""One change to a backup that must be found, drawn at random."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro

CHANGES_OF_BYTES = ("flip", "cut", "grow", "swap", "remove", "double", "drop", "invert")
CHANGES_OF_BLOCKS = ("cut before a block", "drop a block", "double a block")
OTHER_CHANGES = ("foreign file", "link", "edit the manifest", "edit the manifest and its hash")


def rewrite_manifest(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Changes the manifest, and its hash with it."""
    manifest = json.loads((path / "manifest.json").read_text())
    change(manifest)
    data = json.dumps(manifest).encode()
    (path / "manifest.json").write_bytes(data)
    digest = f"{hashlib.sha256(data).hexdigest()}  manifest.json\n"
    (path / "manifest.json.sha256").write_text(digest)


def mutate(path: Path, rng: random.Random) -> str:
    """Does one thing to the backup in the directory `path` and says what."""
    kind = rng.choice([*CHANGES_OF_BYTES, *CHANGES_OF_BLOCKS, *OTHER_CHANGES])
    file = rng.choice(sorted(path.iterdir()))
    if kind in CHANGES_OF_BYTES:
        return f"{kind} {file.name} {_change_bytes(kind, file, rng)}"
    if kind in CHANGES_OF_BLOCKS:
        file = rng.choice([path / "employees.avro", path / "rejected_rows.avro"])
        return f"{kind} {file.name} {_change_blocks(kind, file, rng)}"
    if kind == "foreign file":
        (path / rng.choice(["x", "employees.avro.bak", ".hidden", "nix.avro"])).write_bytes(b"x")
    elif kind == "link":
        elsewhere = path.parent / "elsewhere"
        shutil.move(file, elsewhere)
        file.symlink_to(elsewhere)
    elif kind == "edit the manifest":
        data = json.loads((path / "manifest.json").read_text())
        data["tables"][0]["rows"] += 1
        (path / "manifest.json").write_text(json.dumps(data))
    else:
        return f"{kind} {_change_manifest(path, rng)}"
    return f"{kind} {file.name}"


def _change_bytes(kind: str, file: Path, rng: random.Random) -> str:
    data = bytearray(file.read_bytes())
    at = rng.randrange(len(data))
    if kind == "flip":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "cut":
        del data[at:]
    elif kind == "grow":
        data += rng.randbytes(rng.randint(1, 50))
    elif kind == "swap":
        others = [other for other in sorted(file.parent.iterdir()) if other != file]
        data[:] = rng.choice(others).read_bytes()
    elif kind == "double":
        data[at:at] = data[at:] or b"x"
    elif kind == "drop":
        del data[at : at + rng.randint(1, 100)]
    elif kind == "invert":
        end = at + rng.randint(1, 64)
        data[at:end] = bytes(byte ^ 0xFF for byte in data[at:end])
    if kind == "remove":
        file.unlink()
    else:
        file.write_bytes(data)
    return f"at {at}"


def _change_blocks(kind: str, file: Path, rng: random.Random) -> str:
    data = file.read_bytes()
    with file.open("rb") as stream:
        blocks = [
            (block.offset, block.offset + block.size) for block in fastavro.block_reader(stream)
        ]
    number = rng.randrange(len(blocks))
    start, end = blocks[number]
    changed = {
        "cut before a block": data[:start],
        "drop a block": data[:start] + data[end:],
        "double a block": data[:end] + data[start:],
    }
    file.write_bytes(changed[kind])
    return f"{number} of {len(blocks)}"


def _change_manifest(path: Path, rng: random.Random) -> str:
    """Something that no backup of ours says, though the hash is right."""

    def table(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
        return lambda manifest: rng.choice(manifest["tables"]).update({name: value})

    changes: dict[str, Callable[[dict[str, Any]], Any]] = {
        "outside": table("file", "../../../etc/passwd"),
        "absolute": table("file", "/etc/passwd"),
        "table": table("table", "../employees"),
        "rows": table("rows", rng.randrange(10**6, 10**7)),
        "negative": table("rows", -1),
        "bytes": table("bytes", rng.randrange(10**8, 10**9)),
        "sha256": table("sha256", rng.randbytes(32).hex()),
        "content": table("content_sha256", rng.randbytes(32).hex()),
        "schema": table("schema_sha256", rng.randbytes(32).hex()),
        "version": table("schema_version", 10**6),
        "format": lambda manifest: manifest.update(format=rng.randint(2, 99)),
        "codec": lambda manifest: manifest.update(codec=rng.choice(["null", "bzip2", ""])),
        "id": lambda manifest: manifest.update(id="20200101T000000.000000Z-abcdef"),
        "more": lambda manifest: manifest.update({"x" * rng.randint(1, 9): 1}),
        "less": lambda manifest: manifest.pop(rng.choice(sorted(manifest))),
        "dropped": lambda manifest: manifest["tables"].pop(),
        "doubled": lambda manifest: manifest["tables"].append(manifest["tables"][0]),
        "none": lambda manifest: manifest.update(tables=[]),
    }
    what = rng.choice(sorted(changes))
    rewrite_manifest(path, changes[what])
    return what
