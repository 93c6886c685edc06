"""Planning: what a run costs, how long its horizon may be, and how a time budget is kept."""
