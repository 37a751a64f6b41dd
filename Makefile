# All commands are in tasks.py, which runs without make too: `python tasks.py lab`. CH=04, NOTEBOOK=path,
# PYODIDE=folder and PYTHON=path given to make reach it in the environment.

PYTHONS := $(foreach python,python3 python3.14 python3.13 python3.12 python3.11 $(PYTHON) python,$(shell command -v $(python) 2>/dev/null))
NONE = $(error Python 3.11 or newer is needed and was not found: install it, or name it with make PYTHON=/path/to/python3)

.PHONY: help lab present notes slides html check units test frameworks sweep notebooks figures tables runs bench lint dist lite colab clean
help lab present notes slides html check units test frameworks sweep notebooks figures tables runs bench lint dist lite colab clean:
	@$(or $(firstword $(PYTHONS)),$(NONE)) tasks.py $@
