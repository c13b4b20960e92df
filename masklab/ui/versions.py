"""Named versions of recipe and split: kept, restored, renamed, deleted and brought back."""

from __future__ import annotations

from masklab.errors import MaskError
from masklab.split import Split
from masklab.ui.project import Project, Version

VERSIONS_MOST = 50
REMOVED_KEPT = 10
NAME_MOST = 80


def kept(project: Project, name: str, now: float) -> Project:
    """Keep the recipe and split in use under a name; raise `MaskError` if that can't be."""
    name = _fit(project, name)
    if len(project.versions) >= VERSIONS_MOST:
        raise MaskError(
            f"A project keeps {VERSIONS_MOST} versions, and has as many. Delete one first."
        )
    version = Version(name=name, recipe=project.recipe, split=project.split, saved=now)
    return project.model_copy(update={"versions": (*project.versions, version)})


def restored(project: Project, name: str) -> Project:
    """Put a version in use as a step that can be undone."""
    version = found(project, name)
    return project.with_step(version.recipe, version.split)


def renamed(project: Project, name: str, new: str) -> Project:
    """Give a version another name."""
    version = found(project, name)
    if new.strip() == name:
        return project
    changed = version.model_copy(update={"name": _fit(project, new)})
    versions = tuple(changed if one is version else one for one in project.versions)
    return project.model_copy(update={"versions": versions})


def removed(project: Project, name: str) -> Project:
    """Delete a version; `brought_back` takes it back."""
    version = found(project, name)
    return project.model_copy(
        update={
            "versions": tuple(one for one in project.versions if one is not version),
            "removed": (*project.removed, version)[-REMOVED_KEPT:],
        }
    )


def brought_back(project: Project) -> Project:
    """Take the last deletion of a version back; under another name if there is one like it now."""
    if not project.removed:
        return project
    version = project.removed[-1]
    taken, name, number = {one.name for one in project.versions}, version.name, 2
    while name in taken:
        name, number = f"{version.name[: NAME_MOST - 4]} {number}", number + 1
    back = version.model_copy(update={"name": name})
    versions = sorted((*project.versions, back), key=lambda one: one.saved)
    return project.model_copy(update={"versions": tuple(versions), "removed": project.removed[:-1]})


def found(project: Project, name: str) -> Version:
    """Return a version by its name; raise `MaskError` if it is gone."""
    for version in project.versions:
        if version.name == name:
            return version
    raise MaskError(f"There is no version {name!r} any more. Another tab may have renamed it.")


def next_name(project: Project) -> str:
    """Return a name that no version has: "Version 3"."""
    taken, number = {one.name for one in project.versions}, len(project.versions) + 1
    while f"Version {number}" in taken:
        number += 1
    return f"Version {number}"


def split_changes(before: Split, after: Split) -> tuple[str, ...]:
    """Return a sentence if the split changed."""
    if before == after:
        return ()
    return (f"Changed the split: from {_split_words(before)} to {_split_words(after)}.",)


def _split_words(split: Split) -> str:
    if split.by == "series":
        test = f", {', '.join(split.test_series)} to test" if split.test_series else ""
        return f"series {', '.join(split.validation_series)} to validate{test}"
    rest = max(0.0, 1 - split.training - split.validation)
    shares = (split.training, split.validation, rest)
    return " / ".join(f"{100 * share:.3g} %" for share in shares)


def _fit(project: Project, name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise MaskError("A version needs a name, so that it can be found again. Type one.")
    if len(name) > NAME_MOST:
        raise MaskError(
            f"The name has {len(name)} characters; a version's has at most {NAME_MOST}. Shorten it."
        )
    if any(one.name == name for one in project.versions):
        raise MaskError(
            f"There is a version {name!r} already. Choose another name, or rename that one."
        )
    return name
