# `make demo` shows the whole course at work; `make test` checks it. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
HW ?= hw0
PORT ?= 8414
SOURCES = $(shell git ls-files 'src/*.cpp' 'src/*.cc' 'src/*.cu' 'src/*.cuh' 'src/*.h' 'src/*.inl')
# Tests run in two processes: more, or more threads in each, would only wait for each other on a small machine.
JOBS ?= 2
# Of each question's planted mistakes and other styles, at most so many; all of them by default.
MOST ?=

# The workspaces that the tests and the demo build have most of their sources in common: each is compiled once.
export CMAKE_CXX_COMPILER_LAUNCHER := $(CURDIR)/$(BIN)/ccache
export CCACHE_DIR := $(CURDIR)/build/ccache
export CCACHE_BASEDIR := $(CURDIR)/src
# Images of containers set it, and each of the many Pythons started here would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup build demo train test mutants sanitize serve learn release publish bench lint format size clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make the environment (.venv)

$(READY): pyproject.toml grader/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "$(PYTHON) is too old. Expected Python 3.10 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable 'grader[instructor,server]' --group dev
	@touch $@

build: $(READY)  ## compile the reference's C++ and, where a GPU answers, CUDA into build/lib
	@mkdir -p build
	@echo "Compiling what changed in src/ (its log: build/build.log) ..."
	@{ $(BIN)/cmake -S . -B build -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python && \
	  $(BIN)/cmake --build build --parallel $(JOBS); } >build/build.log 2>&1 || { cat build/build.log; exit 1; }

demo: $(READY)  ## the whole course, from release to score, with three students
	$(BIN)/python tests/demo/demo.py

train: build  ## train the reference's models of HW=hw0: make train HW=hw2 [EPOCHS=1]
	$(strip $(BIN)/python -m grader.workspace.training $(HW) $(if $(EPOCHS),--epochs $(EPOCHS)))

test: build  ## every test of this repository
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

mutants: $(READY)  ## plant every classic mistake and see it caught, locally and on submission
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal tests/mutants tests/styles --all-mutants \
	  $(if $(MOST),--most-mutants $(MOST))

sanitize: $(READY)  ## the CPU kernels' tests, and random calls of them, under AddressSanitizer and UBSan
	@mkdir -p build/sanitized
	@$(BIN)/cmake -S . -B build/sanitized -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python -DNEEDLE_CUDA=OFF \
	  -DNEEDLE_SANITIZE=address,undefined >build/sanitized/configure.log || { cat build/sanitized/configure.log; exit 1; }
	@$(BIN)/cmake --build build/sanitized --target ndarray_backend_cpu --parallel $(JOBS)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal tests/kernels/test_sanitizers.py

serve: $(READY)  ## a scoring server with this course published
	$(BIN)/grader serve --publish --port $(PORT)

learn: $(READY)  ## a workspace, a local server and a key, for learning on your own
	$(BIN)/grader learn --into $(or $(INTO),../needle-course) --port $(PORT) $(if $(LEARNER),--name "$$LEARNER")

release: $(READY)  ## make starter/ and the archives anew from the reference
	$(BIN)/grader release

publish: $(READY)  ## send HW=hw0 with its expected values to the server you are logged in to
	$(BIN)/grader publish $(HW)

bench: build  ## measure needle beside NumPy and PyTorch, the scoring server on a small night of a deadline, stand-in data
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/gemm.py
	$(BIN)/python benchmarks/elementwise.py
	$(BIN)/python benchmarks/cuda.py
	$(BIN)/python benchmarks/models.py
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/gradebook_page.py
	$(BIN)/python benchmarks/deadline_night.py --students 400 --seconds 20
	$(BIN)/python benchmarks/stand_ins.py

lint: $(READY)  ## ruff, mypy, import-linter, clang-format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks/*.py
	PYTHONPATH=reference $(BIN)/lint-imports
	$(BIN)/clang-format --dry-run --Werror $(SOURCES)

format: $(READY)  ## put the code into the form that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(SOURCES)

size: $(READY)  ## lines per module and the longest functions
	$(BIN)/python tests/size.py

clean:  ## remove what was built; the environment and the data stay
	rm -rf build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
