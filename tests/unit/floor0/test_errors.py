import inspect

import segue.errors as tree
from segue.errors import SegueError


def classes() -> list[type[SegueError]]:
    return [c for _, c in inspect.getmembers(tree, inspect.isclass) if issubclass(c, SegueError)]


def test_every_error_has_a_code_of_its_own():
    codes = [c.code for c in classes()]
    assert len(codes) == len(set(codes))


def test_the_tree_in_the_docstring_names_every_error_and_code():
    for c in classes():
        assert c.__name__ in (tree.__doc__ or "")
        assert c.code in (tree.__doc__ or "")
