"""The triggers that give a table a new mark whenever its rows change. For migrations."""

from __future__ import annotations

from django.db import migrations

# For each statement, whoever sends it. It never waits: a mark that another transaction has in hand is passed over,
# and where there is no other, one is added. The first free one is taken, so that a transaction of many statements
# keeps to few. Above READ COMMITTED one is always added: whoever replaces what was replaced since its snapshot is
# turned away there. It runs as the owner of the tables: who changes rows needs no right to marks, and no temporary
# table can stand in their place.
FUNCTION = """
DO $do$ BEGIN EXECUTE format($create$
CREATE FUNCTION renew_data_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM FROM changed LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    IF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
        UPDATE data_versions SET mark = gen_random_uuid() WHERE id = (
            SELECT id FROM data_versions WHERE "table" = TG_TABLE_NAME
            ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        );
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO data_versions ("table", mark) VALUES (TG_TABLE_NAME, gen_random_uuid());
    RETURN NULL;
END $$
$create$, current_schema()); END $do$;
"""
DROP_FUNCTION = "DROP FUNCTION renew_data_version()"

# Updates that meet no row are told from others: each batch closes entries of the reject log, mostly none. Telling
# takes a copy of the rows, which the other statements do without. ALWAYS: also for what is loaded as by a replica.
_CREATE = """
CREATE TRIGGER renew_data_version AFTER INSERT OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION renew_data_version();
CREATE TRIGGER renew_data_version_by_update AFTER UPDATE ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION renew_data_version();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER renew_data_version;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER renew_data_version_by_update;
INSERT INTO data_versions ("table", mark) VALUES ('{table}', gen_random_uuid());
"""
_DROP = """
DROP TRIGGER renew_data_version ON {table};
DROP TRIGGER renew_data_version_by_update ON {table};
DELETE FROM data_versions WHERE "table" = '{table}';
"""


def versioned(table: str) -> migrations.RunSQL:
    """An operation that gives a table of the database a version. Its migration depends on `versions.0001`."""
    return migrations.RunSQL(_CREATE.format(table=table), _DROP.format(table=table))
