"""The gate before every contact, its verdicts, and what clients asked of us."""
