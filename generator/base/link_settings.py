"""The settings of links to other sites, the table `[links]`."""

from __future__ import annotations

from typing import Annotated

import msgspec


class LinkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[links]`: whether links to other sites are asked for, how long that may take, and what is shown of dead ones.

    Which hosts may lie in a private network is said once, in `[images]`: that is about this machine, not about its use.
    """

    fetch: bool = True
    fetch_budget: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 300.0  # s for all of a run's
    timeout: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 10.0  # s for one
    archive: bool = False
