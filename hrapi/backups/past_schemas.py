"""The schemas that tables had: what a file may be that says it is of an earlier version."""

from __future__ import annotations

# SHA-256 of the schema of each table and version. None is ever changed: files of it are kept somewhere.
PAST_SCHEMAS = {
    ("batches", 1): "1a9e2fc92ebdd54bef1674466f7619778d1130b562642e6b653051d62eb508cb",
    ("batches", 2): "dc7e69bd9a2c710e9759dd949aa07f438ca7d876832819c415925318a1961b99",
    ("dashboards", 1): "66dc0c13bd64f7b48335fd480eb2258fba08cae3e6bfb369152eecb3402843ce",
    ("departments", 1): "57143cb29fce9b8b9b41c204d457d1b374fd8369eff275940480f3e05820f35a",
    ("departments", 2): "2cc879103b7100ef727f3a4dbe7c8f7cad273d25ed4df9ba0c370bc7168ba1f1",
    ("employees", 1): "d8dde1bbf5a0feb573109a27a291b2ab6601ebded563bd12624b55dced920b42",
    ("employees", 2): "47e7d2acfdeb56f2c618a8d69787b08b860cf7699aad355fcf9fbe4b573a64da",
    ("jobs", 1): "9977846aa54d50e2c1f1e070fa43c5d5521b54306dc757df9b087714b168820a",
    ("jobs", 2): "0cbd0ebbd333fdcc24a9b639e15f5b58f0e1243cee32451c49389b2377c3a922",
    ("loads", 1): "67e9b011438667fdf9a4c0c027e42f10c4636ed59cbf876d436cea5062f255db",
    ("loads", 2): "4386ef5a251959f4eb3f64e80f4c9c41f82d135b2f99927a53fa266ed234b2ac",
    ("rejected_rows", 1): "38df3937055bd0140d92fab487ee0a3b60a2fbcc9be17b6b3eb9f54e0191b4dd",
    ("rejected_rows", 2): "e6f79810a5f7d92195f7a09b69f6ebafac9e37ee51b95087b6bba4bf47c32eab",
    ("row_changes", 1): "d0515abd3d76b15126efe64b01a3ae3ea90500121edac52efbfcf4a2272c078d",
    ("visualizations", 1): "0dc62985919d7c664df1a9a01412afec4e5c4c0491bb7a487f1ad890f33a7e13",
}
