"""What programs lean on, and how it fails: links with weather (a relay that delays, narrows, cuts or swallows what
passes between two endpoints), disks with a power switch."""

from __future__ import annotations

from .disk import Disk
from .link import Link

__all__ = ["Disk", "Link"]
