"""What is made of measurements: percentiles of one turn, ratios of pairs, and how sure their median is."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import median

RESAMPLES = 4000
CONFIDENCE = 0.90


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank). Raises ValueError for no values."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


def ratios(ours: Sequence[float], floor: Sequence[float]) -> list[float]:
    """Ours over floor, pair by pair. Raises ValueError where a floor measured nothing."""
    if any(value <= 0 for value in floor):
        raise ValueError("a floor of nothing has no ratio")
    return [mine / least for mine, least in zip(ours, floor, strict=True)]


def interval_of_median(values: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """The bootstrap percentile interval of the median at `CONFIDENCE`: the same for the same values."""
    if not values:
        raise ValueError("there is nothing to resample")
    draw = random.Random(seed)
    medians = [median(draw.choices(values, k=len(values))) for _ in range(RESAMPLES)]
    outside = (1 - CONFIDENCE) / 2 * 100
    return percentile(medians, outside), percentile(medians, 100 - outside)
