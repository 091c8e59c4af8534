"""A year of hiring as one page: collected from the API, counted, put into words, drawn."""
