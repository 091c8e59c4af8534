"""How requests come in and answers go out, so that slow clients keep nobody waiting."""
