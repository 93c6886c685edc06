"""Domains: how images, points, series and tables are stored, encoded, rendered and saved."""

from ganwright.core.domain import Domain
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.domains.table import Table

KINDS: dict[str, type[Domain]] = {"images": Images, "points": Points, "series": Series, "table": Table}
