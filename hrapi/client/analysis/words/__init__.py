"""The sentences of the page, escaped HTML. Each follows from the figures by a rule that stands in the code."""
