"""Django database backend that brings its own private PostgreSQL server."""
