"""Who plays against whom, and by which rules. Imports core only."""
