"""Where a lesson can be opened and run without installing anything, for a course whose source is on a public host."""

from __future__ import annotations

import re
from urllib.parse import quote

#: Host of the source → what Binder calls it.
_BINDER = {"github.com": "gh", "gitlab.com": "gl"}


def launch(source: str, notebook: str) -> list[tuple[str, str]]:
    """(name, address) of each place where `notebook`, a path in the course, can be opened; none for another host."""
    found = re.fullmatch(r"https://(github\.com|gitlab\.com)/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", source)
    if not found:
        return []
    host, owner, name = found.groups()
    project = f"{owner}/{name}" if host == "github.com" else quote(f"{owner}/{name}", safe="")
    path = quote(f"lab/tree/{notebook}", safe="")
    places = [("Binder", f"https://mybinder.org/v2/{_BINDER[host]}/{project}/HEAD?urlpath={path}")]
    if host == "github.com":
        places.append(("Codespaces", f"https://codespaces.new/{project}"))
    return places
