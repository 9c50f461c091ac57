"""Targets by their type, and what to install for those that need more."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from generator.base.deploy_complaints import ground_complaint
from generator.base.deploy_settings import EXTRAS, FolderTarget, GitTarget, RsyncTarget, S3Target, SftpTarget
from generator.base.deploy_settings import Target as TargetSettings
from generator.deploy.store import Store, StoreTarget
from generator.deploy.target import DeployRefused, Target


def open_target(settings: TargetSettings, root: Path, cache: Path, taken: Iterable[Path] = ()) -> Target:
    """Return the target that the settings describe; nothing is asked of it yet.

    Args:
        taken: the folders of the site that no target may lie in or around, whatever links lead there.

    Raises:
        DeployRefused: where an extra is missing, or the target lies in the site.
    """
    if isinstance(settings, FolderTarget) or (isinstance(settings, RsyncTarget) and not settings.host):
        complaint = ground_complaint(settings.path, root, [str(folder) for folder in taken], _where_it_lies)
        if complaint:
            raise DeployRefused([f"the target {complaint[0]}; {complaint[1]}"])
    if isinstance(settings, FolderTarget):
        from generator.deploy.folder import WebRoot

        return WebRoot(settings, root)
    if isinstance(settings, GitTarget):
        from generator.deploy.git import Branch

        return Branch(settings, root, cache)
    if isinstance(settings, RsyncTarget):
        from generator.deploy.rsync import RsyncStore

        return StoreTarget(RsyncStore(settings, root))
    kind = str(settings.__struct_config__.tag)
    try:
        return StoreTarget(_open_store(settings))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("generator"):
            raise
        extra = EXTRAS[kind]
        raise DeployRefused(
            [f"a target of type \"{kind}\" needs an extra: pip install 'broadsheet[{extra}]' ({error.name} is missing)"]
        ) from None


def _where_it_lies(path: Path) -> str:
    return os.path.realpath(os.path.normpath(path))


def _open_store(settings: S3Target | SftpTarget) -> Store:
    if isinstance(settings, S3Target):
        from generator.deploy.s3 import S3Store

        return S3Store(settings)
    from generator.deploy.sftp import SftpStore

    return SftpStore(settings)
