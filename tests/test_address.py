"""Where the book is published: what stands in one place, what a workflow knows, and nothing where nobody knows."""

import tomllib

import pytest

import rnnbook
from tools import address


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Write a project with an address, outside GitHub's workflows."""
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)

    def write(repository):
        file = tmp_path / "pyproject.toml"
        file.write_text(f'[tool.rnnbook]\nrepository = "{repository}"\n', encoding="utf-8")
        return file

    return write


def test_the_book_has_its_one_place():
    written = tomllib.loads((address.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["rnnbook"]
    assert written.keys() == {"repository"}


@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_site_and_slug_follow_from_the_repository(project, ending):
    file = project(f"https://github.com/Some-One/book{ending}")
    assert address.repository(file) == "https://github.com/Some-One/book"
    assert address.slug(file) == "Some-One/book"
    assert address.site(file) == "https://some-one.github.io/book/"


def test_the_repository_named_as_the_host_is_served_at_its_root(project):
    assert address.site(project("https://github.com/someone/someone.github.io")) == "https://someone.github.io/"


def test_unpublished_there_is_no_address(project):
    file = project("")
    assert [address.repository(file), address.slug(file), address.site(file)] == ["", "", ""]


def test_a_project_without_the_table_is_unpublished(project):
    file = project("")
    file.write_text("[project]\nname = 'other'\n", encoding="utf-8")
    assert address.repository(file) == ""


def test_in_a_workflow_it_is_the_workflows_repository(project, monkeypatch):
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert address.repository(project("")) == ""  # one of the two says nothing
    monkeypatch.setenv("GITHUB_REPOSITORY", "fork/book")
    assert address.repository(project("")) == "https://github.com/fork/book"
    assert address.repository(project("https://github.com/someone/book")) == "https://github.com/someone/book"


def test_elsewhere_than_on_github_there_are_no_github_pages(project):
    file = project("https://codeberg.org/someone/book")
    assert address.repository(file) == "https://codeberg.org/someone/book"
    assert [address.slug(file), address.site(file)] == ["", ""]


@pytest.mark.parametrize(
    "wrong",
    ["github.com/someone/book", "https://github.com/someone", "http://github.com/a/b", "https://github.com/a/b/c"],
)
def test_what_is_no_address_is_refused_by_name(project, wrong):
    with pytest.raises(SystemExit, match="OWNER/NAME is expected"):
        address.repository(project(wrong))


def test_the_release_is_the_packages():
    assert address.release() == f"v{rnnbook.__version__}"
