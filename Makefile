# make lab, make test, ... : see `make help`. Works with GNU make 3.81 (macOS) and any POSIX sh.
# PYTHON chooses the interpreter, VENV the folder of the environment: make test PYTHON=python3.13 VENV=.venv313

PYTHON = python3
VENV   = .venv
ifeq ($(OS),Windows_NT)
  BIN = $(VENV)/Scripts
else
  BIN = $(VENV)/bin
endif
PY  = $(BIN)/python
# JupyterLab's own settings here: no question about news, which would cover the time line of a picture
SETTINGS = $(VENV)/share/jupyter/lab/settings
PIP = $(PY) -m pip install --disable-pip-version-check

# more options for JupyterLab, for pytest: make lab LAB=--no-browser, make test TESTS="-k link"
LAB   =
TESTS =
# where the newer course is, if not where this one came from: make update FROM=address
FROM  =
# `auto`: as many processes as tests/conftest.py says; it also tells what stays together and comes first. -n 0 for a debugger.
SPREAD = -n auto --dist loadgroup --no-loadscope-reorder
# a class on one hub: make hub LEARNERS=5
LEARNERS = 20
LESSONS  = 00 06 09

# Only the environment's own kernel and packages: nothing from the user's other Jupyter or Python.
export JUPYTER_PREFER_ENV_PATH = 1
export PYTHONNOUSERSITE = 1
unexport PYTHONPATH
unexport PYTHONHOME
# hundreds of kernels, roles and workers import the same: it is compiled once
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab test thorough test-all check watch update notebooks lesson site site-check pictures film brokers bench hub lint clean

help:
	@echo "make lab        create the environment ($(VENV)), open JupyterLab on the course"
	@echo "make check      how far are you? runs your notebooks: solved, to do, wrong"
	@echo "make watch      the same for each notebook that you save, until Ctrl-C"
	@echo "make update     bring the newer course here, with all that you wrote (FROM=address: from elsewhere)"
	@echo "make test       create the environment, pass the project's tests (some minutes)"
	@echo "make thorough   what no change to the course needs each time (half an hour or more)"
	@echo "make test-all   both"
	@echo "make notebooks  bring the lessons into their canonical form (for authors)"
	@echo "make lesson     begin a new one: make lesson NAME=17-pirates TITLE=\"What if the server dies?\" (for authors)"
	@echo "make site       the lessons as a static site in build/site (SITE=options; see python -m zmqcourse site -h)"
	@echo "                what has been run is kept in build/runs: only what has changed is run again"
	@echo "make site-check open every page of build/site in Chromium: errors, requests, replays, widths"
	@echo "make pictures   each lesson's first view as a still picture, in assets/"
	@echo "make film       the README's moving picture, from a recorded run"
	@echo "make brokers    install what lesson 03 can compare ZeroMQ with (some 300 MB)"
	@echo "make bench      what recording and looking cost, measured here"
	@echo "make hub        a class of 20 on a JupyterHub, here: what it costs, and that nobody hears another (LEARNERS=5: fewer)"
	@echo "make lint       style of the Python files"
	@echo "make clean      remove the environment and what was built"

lab: $(VENV)/.lab
	@first=`ls notebooks/00*.ipynb 2>/dev/null | head -n 1`; \
	root=; test "`id -u 2>/dev/null`" != 0 || root=--allow-root; \
	echo "Opening JupyterLab on $${first:-the notebooks folder}. Stop it with Ctrl-C, twice."; \
	mkdir -p $(SETTINGS) && cp deploy/jupyterlab.json $(SETTINGS)/overrides.json; \
	$(PY) -m jupyter trust notebooks/*.ipynb >/dev/null 2>&1; \
	exec $(PY) -m jupyterlab --ServerApp.root_dir=. $$root $(LAB) "$${first:-notebooks}"

test: $(VENV)/.test
	@echo "Running the tests (some minutes; the machine may be used meanwhile)."
	@$(PY) -m pytest $(SPREAD) --durations=10 $(TESTS)

thorough: $(VENV)/.test
	@echo "Running what no change needs each time: all answers, nbval, the class, the brokers, pyzmq's own tests."
	@$(PY) -m pytest $(SPREAD) --durations=10 --thorough $(TESTS)

test-all: test thorough

update: $(VENV)/.lab
	@$(PY) -m zmqcourse update $(if $(FROM),--from $(FROM))

check: $(VENV)/.lab
	@$(PY) -m zmqcourse check

watch: $(VENV)/.lab
	@$(PY) -m zmqcourse watch

notebooks: $(VENV)/.test
	@$(PY) -m zmqcourse notebooks

lesson: $(VENV)/.test
	@$(PY) -m zmqcourse lesson "$(NAME)" $(if $(TITLE),"$(TITLE)")

# An address, for search engines and the page of what is not there: make site SITE="--url https://… --source https://…"
SITE =
site: $(VENV)/.test
	@echo "Running every lesson and its scenes at other settings, two lessons at a time (some twenty minutes the first time)."
	@$(PY) -m zmqcourse site $(SITE)

site-check: $(VENV)/.test
	@ZMQ_SITE=build/site $(PY) -m pytest -q -n 0 tests/zmqcourse/site

pictures: $(VENV)/.test
	@$(PY) -m zmqcourse site --out build/site --pictures assets

film: $(VENV)/.test
	@$(PY) tests/film.py

brokers: $(VENV)/.brokers
	@$(PY) -c 'from zmqcourse.brokers import found; print(*(f"{key:11} {lack or chr(10004)}" for key, lack in found().items()), sep="\n")'

bench: $(VENV)/.test
	@$(PY) bench.py

hub: $(VENV)/.test
	@PYTHONPATH=tests $(PY) tests/zmqcourse/teaching/hub.py --learners $(LEARNERS) --lessons $(LESSONS)

lint: $(VENV)/.test
	@$(PY) -m ruff check .

clean:
	rm -rf $(VENV) build helpers/zmqlive/recording/_fast.*.so

# The extension is built with the package, where there is a compiler.
EXTENSION = $(wildcard helpers/zmqlive/recording/_fast.c)

# A stamp file says which set is installed; it is older than pyproject.toml when that has changed since.
$(VENV)/.lab: pyproject.toml $(EXTENSION) $(PY)
	@echo "Installing the course and JupyterLab into $(VENV) (a minute or two the first time)."
	@$(PIP) -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(EXTENSION) $(PY)
	@echo "Installing the course, JupyterLab and the test tools into $(VENV) (a minute or two the first time)."
	@$(PIP) -e ".[test]"
	@touch $(VENV)/.lab $@

$(VENV)/.brokers: pyproject.toml $(VENV)/.lab
	@echo "Installing clients and servers of other queues into $(VENV) (a minute or two the first time)."
	@$(PIP) -e ".[brokers,brokers-aws]"
	@touch $@

# The interpreter is the target: a dangling link after an upgrade of Python makes the environment anew.
$(PY):
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "There is no $(PYTHON) here: install Python 3.10 or newer, or name yours: make lab PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 10) or sys.exit("The course needs Python 3.10 or newer; $(PYTHON) is %d.%d. Name a newer one: make lab PYTHON=python3.13" % v[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@echo "Creating the environment $(VENV) with `$(PYTHON) --version 2>&1`."
	@$(PYTHON) -m venv --clear $(VENV)
