"""Domains: images, points, series, tables. How samples of each kind are stored, encoded, rendered and written."""

from ganwright.core.domain import Domain
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.domains.table import Table

KINDS: dict[str, type[Domain]] = {"images": Images, "points": Points, "series": Series, "table": Table}
