"""GitHub's workflows parse, and what they call is there: targets, modules, files, actions by their major version."""

import os
import re
from importlib.util import find_spec

import pytest
import yaml

import tasks
from tools.offline import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(workflow):
    """Every step of a workflow's jobs."""
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def called(workflow):
    """All that a workflow runs, as one text."""
    return "\n".join(step["run"] for step in steps(workflow) if "run" in step)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_step_calls_an_action_of_a_major_version_or_a_command(workflow):
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step), step
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "an/action@v1")), step


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_what_it_calls_is_there(workflow):
    text = called(workflow)
    targets = re.findall(r"^(?:make|python tasks\.py) (\w+)", text, re.MULTILINE)
    assert set(targets) <= set(tasks.COMMANDS)
    modules = re.findall(r"-m ((?:tools|benchmarks)\.\w+)", text) + re.findall(r"from (\w+) import", text)
    assert [module for module in modules if find_spec(module) is None] == []
    files = re.findall(r"(?:-r )(\S+)|\b((?:tools|tests|notebooks)/[\w/.]+)", text)
    assert [name for pair in files for name in pair if name and not (ROOT / name).exists()] == []
    assert targets or modules or any(map(any, files))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_it_may_read_only_where_nothing_more_is_asked_for(workflow):
    told = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert told["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 90 for job in told["jobs"].values())


class TestBinder:
    """Binder's folder, by repo2docker's rules."""

    FOLDER = ROOT / ".binder"

    def test_there_is_one_folder_and_nothing_in_it_that_is_not_read(self):
        assert not (ROOT / "binder").exists()
        assert {path.name for path in self.FOLDER.iterdir()} == {"requirements.txt", "runtime.txt", "postBuild"}

    def test_it_installs_what_a_reader_needs(self):
        lines = (self.FOLDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
        (included,) = (line.removeprefix("-r ") for line in lines if line.startswith("-r "))
        assert (self.FOLDER / included).resolve() == ROOT / "requirements.txt"

    def test_its_python_is_one_the_book_runs_on(self):
        python = re.fullmatch(r"python-3\.(\d+)\n", (self.FOLDER / "runtime.txt").read_text(encoding="utf-8"))
        assert int(python[1]) >= 11

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no bit for what may be executed")
    def test_what_runs_after_the_build_may_be_executed(self):
        assert os.access(self.FOLDER / "postBuild", os.X_OK)
