# Deep Learning, Built Twice. `make help` lists what can be done here.
#
# Needs Python 3.11 or newer, git and make; everything else is installed into .venv.

PYTHON ?= python3
BIN    := .venv/bin
PORT   ?= 8000
# Worker processes that re-execute notebooks; each runs torch on one thread.
JOBS   ?= 2
SHELL  := /bin/bash
.SHELLFLAGS := -euo pipefail -c

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1
# The repository's own environment, whatever else is active.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

# Re-execute every chapter at quick size and compare what must not change.
NBVAL := $(BIN)/pytest --nbval-lax --nbval-current-env -n $(JOBS) --dist loadfile -q

# A machine that has never seen the data and has no network: an empty home and cache, and
# proxies that refuse every connection at once (loopback is left alone: kernels use it).
OFFLINE := $(CURDIR)/_build/offline
NO_NETWORK := env -u D2L_DATA HOME=$(OFFLINE) XDG_CACHE_HOME=$(OFFLINE)/cache \
	XDG_DATA_HOME=$(OFFLINE)/share MPLCONFIGDIR=$(CURDIR)/_build/matplotlib \
	http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 \
	HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9 \
	no_proxy=127.0.0.1,localhost,::1 NO_PROXY=127.0.0.1,localhost,::1

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help address install pages browser book test lint format unit notebooks offline site serve \
	execute lab data bench bands minutes chapter refresh links clean distclean

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# Both return at once where the installation is complete and requirements.txt is as it was.
pages:  ## install what building the pages needs, without PyTorch (`make book` does it)
	@$(PYTHON) -m tools.install book

install:  ## install everything; TORCH=cpu takes PyTorch's small build, for no GPU
	@$(PYTHON) -m tools.install all

# Before a quarter of an hour of tests, not after it.
browser:  ## find the browser that the tests need, or get one
	@$(PYTHON) -m tools.browser

# Always from scratch: an incremental build would hide the warnings of unchanged pages.
book: pages  ## build the book into _build/html, warnings are errors
	rm -rf _build/html _build/.doctrees
	$(BIN)/jupyter-book build . --all -W -n --keep-going --quiet
	@echo
	@echo "The book is built. Open  file://$(CURDIR)/_build/html/index.html  (or: make serve)"

test: browser install lint unit notebooks offline book site  ## every test
	@echo
	@echo "All tests passed."

lint: install  ## ruff over code and notebooks, oxfmt and oxlint over scripts and styles
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/oxfmt --check .
	$(BIN)/python -m tools.lint_scripts

format: install  ## let ruff and oxfmt mend code, notebooks, scripts and styles
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/oxfmt .

unit: install  ## tests of the helpers, and of what the notebooks promise
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/unit tests/notebooks -n $(JOBS) -q

notebooks: install  ## re-execute every chapter at quick size
	D2L_QUICK=1 OMP_NUM_THREADS=1 D2L_STRICT=1 $(NBVAL) chapters book/when_training_goes_wrong.ipynb

offline: install  ## the chapters' cores alone, with no data and no network
	rm -rf $(OFFLINE) && mkdir -p $(OFFLINE)/cache $(OFFLINE)/share
	$(BIN)/python -m tools.core
	D2L_QUICK=1 OMP_NUM_THREADS=1 D2L_STRICT=1 $(NO_NETWORK) $(NBVAL) _build/core/chapters

site: browser install  ## test the built book in a real browser
	@test -f _build/html/index.html || { echo "There is no built book yet: make book"; exit 1; }
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/site -n $(JOBS) --dist loadfile -q

serve: pages  ## show the built book on http://127.0.0.1:8000
	@test -f _build/html/index.html || $(MAKE) book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

execute: install  ## run changed notebooks at full size and store their outputs (CH=05 or all that changed)
	$(BIN)/python -m tools.execute $(CH) $(ARGS)

lab: install  ## open the chapters in JupyterLab
	$(BIN)/jupyter lab --notebook-dir . chapters

data: install  ## fetch and verify every data set, to work offline
	$(BIN)/python -m d2lutils.data_files $(ARGS)

bench: install  ## speed figures, as ratios (not part of the tests)
	$(BIN)/python -m benchmarks $(ARGS)

links: install  ## ask for every link to another site, where there is a network (ARGS="WORD" or "--list")
	$(BIN)/python -m tools.outside $(ARGS)

bands: install  ## measure the bands of a chapter's results over five seeds (CH=05)
	$(BIN)/python -m tools.bands $(CH) $(ARGS)

minutes: install  ## how long a chapter takes to read, and what that rests on (CH=05)
	$(BIN)/python -m tools.minutes $(CH)

chapter: install  ## write the skeletons of a new chapter (CH=18 NAME=convolutions WIDGET=Convolution)
	$(BIN)/python -m tools.new_chapter $(CH) $(NAME) $(if $(WIDGET),--widget $(WIDGET))

refresh: install  ## bring up to date what is stored but not computed; runs nothing, takes seconds
	$(BIN)/python -m tools.refresh $(ARGS)

address: install  ## set the address under which the book is published: URL=https://github.com/OWNER/NAME
	$(BIN)/python -m tools.address "$(URL)"

clean:  ## delete what was built
	rm -rf _build .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean  ## delete what was built and the environment
	rm -rf .venv *.egg-info
