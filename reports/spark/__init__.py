"""The reports on hires by Apache Spark, over exported Parquet files. Needs nothing of the service, nor Django."""
