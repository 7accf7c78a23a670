"""Charts: Vega-Lite specifications as plain values, with their data inside and a text for who cannot see them."""

from stillframe.report.charts.bump_chart import Frame, bump_chart
from stillframe.report.charts.canvas import Chart
from stillframe.report.charts.dumbbells import Dumbbell, dumbbells
from stillframe.report.charts.slope_graph import slope_graph
from stillframe.report.charts.trend_chart import Line, trend_chart
from stillframe.report.charts.words import ENGLISH, ChartWords

__all__ = [
    "ENGLISH",
    "Chart",
    "ChartWords",
    "Dumbbell",
    "Frame",
    "Line",
    "bump_chart",
    "dumbbells",
    "slope_graph",
    "trend_chart",
]
