# `make` lists what there is. Everything runs in a virtual environment of its own, .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What production sets, for the check of its settings; no database is asked.
PRODUCTION = DATABASE_URL=postgresql://hrapi@db.example.com/hrapi HTTPS=1 NUM_PROXIES=1 DEBUG= ALLOWED_HOSTS=hr.example.com \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')

.DEFAULT_GOAL := help
.PHONY: help run test check lint audit bench scale faults soak clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## Start the service: packages, database, sample data, first user, server
	@$(BIN)/python manage.py quickstart

test: $(VENV)/.dev ## Run all tests, as many at once as there are processors
	@$(BIN)/python -m pytest -n auto --dist loadscope

check: lint audit test ## What CI runs: lint, types, migrations, deployment settings, known vulnerabilities, tests

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive .
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

audit: $(VENV)/.dev ## Look whether a package that is installed has a known vulnerability
	@$(BIN)/python -m tests.audit

bench: $(VENV)/.dev ## Print the speed of the service as ratios, measured on this machine
	@$(BIN)/python -m tests.benchmarks

scale: $(VENV)/.dev ## Print how far one PostgreSQL goes: the same work at 1, 5 and 20 million employees
	@$(BIN)/python -m tests.benchmarks scale

faults: $(VENV)/.dev ## Make what can go wrong go wrong, many times, and print what was lost (ten minutes at most)
	@$(BIN)/python -m tests.faults

soak: $(VENV)/.dev ## Let the service work for ten minutes and print whether anything it holds grows
	@$(BIN)/python -m tests.faults soak

clean: ## Remove the virtual environment (the data in .data stays)
	rm -rf $(VENV)

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt requirements-client.txt $(VENV)/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt requirements-client.txt $(VENV)/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run
