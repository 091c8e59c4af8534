"""The schemas that tables had: what a file may be that says it is of an earlier version."""

from __future__ import annotations

# SHA-256 of the schema of each table and version. None is ever changed: files of it are kept somewhere.
PAST_SCHEMAS = {
    ("batches", 1): "1a9e2fc92ebdd54bef1674466f7619778d1130b562642e6b653051d62eb508cb",
    ("departments", 1): "57143cb29fce9b8b9b41c204d457d1b374fd8369eff275940480f3e05820f35a",
    ("employees", 1): "d8dde1bbf5a0feb573109a27a291b2ab6601ebded563bd12624b55dced920b42",
    ("jobs", 1): "9977846aa54d50e2c1f1e070fa43c5d5521b54306dc757df9b087714b168820a",
    ("rejected_rows", 1): "38df3937055bd0140d92fab487ee0a3b60a2fbcc9be17b6b3eb9f54e0191b4dd",
    ("rejected_rows", 2): "e6f79810a5f7d92195f7a09b69f6ebafac9e37ee51b95087b6bba4bf47c32eab",
}
