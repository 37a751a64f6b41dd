# Everything runs in .venv, which the first target that needs it makes. A second run finds the stamps
# newer than the requirement files and calls neither pip nor the network.

VENV := .venv
BIN := $(VENV)/bin
CH ?= 00
NOTEBOOK ?= $(firstword $(sort $(wildcard notebooks/*.ipynb)))
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# What runs PyTorch and Keras themselves where they are installed; `make test` and `make sweep` read what is stored.
LIVE := tests/test_torch.py tests/test_keras.py tests/test_exercises_ch10.py tests/test_framework_speed.py tests/test_form.py
FRAMED := notebooks/10_pytorch_and_keras.ipynb

# One thread: results are equal from run to run, and at the small sizes of this book a second one gains little.
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab present notes slides html test frameworks sweep notebooks figures tables runs bench dist lint clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

lab: $(VENV)/lab.stamp ## open the book in JupyterLab (NOTEBOOK=path opens another chapter)
	$(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$(CURDIR)" \
	    --LabApp.default_url="/lab/tree/$(NOTEBOOK)" $$([ "$$(id -u)" != 0 ] || echo --allow-root)

present: $(VENV)/lab.stamp ## present a chapter as slides with live sliders and code that runs (CH=04)
	$(BIN)/python -m tools.present $(CH)

notes: $(VENV)/site.stamp ## write a chapter's speaker notes beside its slides, with times (CH=04)
	$(BIN)/python -m tools.speaker_notes $(CH)

slides: $(VENV)/site.stamp ## write static slides of all chapters, which need no kernel
	$(BIN)/python -m tools.slides

html: $(VENV)/site.stamp ## write the book as plain pages, which need no kernel
	$(BIN)/python -m tools.pages

test: $(VENV)/dev.stamp ## run the tests: unit tests, examples, notebooks, every explorer in a browser
	$(BIN)/python -m pytest -n auto --ignore=tests/browser --ignore=tests/fixtures --doctest-modules -m "not sweep" tests rnnbook
	RNNBOOK_FRAMEWORKS=stored $(BIN)/python -m pytest -n auto --dist loadscope --nbval --nbval-current-env notebooks
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not sweep" tests/browser

frameworks: $(VENV)/frameworks.stamp ## compare with PyTorch and Keras themselves, and run chapter 10 with them
	KERAS_BACKEND=torch $(BIN)/python -m pytest -n 2 --dist loadfile $(LIVE) --nbval --nbval-current-env $(FRAMED)

sweep: $(VENV)/dev.stamp $(VENV)/site.stamp ## in a browser: every notebook and control, two talks, the pages (some minutes)
	RNNBOOK_FRAMEWORKS=stored $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m sweep tests/browser tests/test_ways.py tests/test_sentiment_chapter.py tests/test_dist.py

notebooks: $(VENV)/dev.stamp ## execute the notebooks and store their outputs, the same bytes every time
	$(BIN)/python tools/notebooks.py notebooks

figures: $(VENV)/dev.stamp ## draw the static pictures, the same bytes every time
	$(BIN)/python figures/build.py

tables: $(VENV)/dev.stamp ## train the long comparisons and the stored networks again (some minutes)
	$(BIN)/python -m tools.tables
	$(BIN)/python -m tools.readers
	$(BIN)/python -m tools.rehearsals

runs: $(VENV)/frameworks.stamp ## run the chapters' functions of PyTorch and Keras again, and store what they return
	$(BIN)/python -m tools.framework_runs

bench: $(VENV)/dev.stamp ## measure the engine, PyTorch and Keras, what stands around it, and the time from slider to picture
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.frameworks --write
	$(BIN)/python -m benchmarks.costs
	$(BIN)/python -m benchmarks.latency --write

dist: $(VENV)/dev.stamp ## build the package's sdist and wheel in dist/, and check them
	$(BIN)/python -m tools.dist

lint: $(VENV)/dev.stamp ## check format and style, notebooks too
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/oldest.py > /dev/null

clean: ## remove .venv, builds and caches
	rm -rf $(VENV) build dist *.egg-info .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The first Python that is new enough and can make an environment; Debian packs that ability apart.
$(BIN)/python:
	@old=; bare=; \
	for python in $(PYTHONS); do \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	    if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then old=$$version; \
	    elif ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then bare=$$version; \
	    else echo "Making $(VENV) with Python $$version"; exec "$$python" -m venv --clear $(VENV); fi; \
	done; \
	if [ "$$bare" ]; then \
	    echo "Python $$bare cannot make a virtual environment: install python$$bare-venv (Debian, Ubuntu: apt install python3-venv)." >&2; \
	else \
	    echo "Python 3.11 or newer is needed and was not found$${old:+ (found $$old)}: install it, or name it with make PYTHON=/path/to/python3." >&2; \
	fi; exit 1

# JupyterLab's announcements, off here, would ask the network for news and updates at every start.
$(VENV)/lab.stamp: requirements.txt pyproject.toml $(BIN)/python
	@echo "Installing what requirements.txt names into $(VENV); this takes minutes, once"
	@$(PIP) -r requirements.txt
	@mkdir -p $(VENV)/etc/jupyter/labconfig
	@echo '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}' \
	    > $(VENV)/etc/jupyter/labconfig/page_config.json
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/lab.stamp
	@echo "Installing what requirements-dev.txt adds"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/site.stamp: requirements-site.txt $(VENV)/lab.stamp
	@echo "Installing what requirements-site.txt adds"
	@$(PIP) -r requirements-site.txt
	@touch $@

$(VENV)/frameworks.stamp: requirements-frameworks.txt $(VENV)/dev.stamp
	@echo "Installing PyTorch and Keras"
	@$(PIP) -r requirements-frameworks.txt
	@touch $@
