"""The observatory: from survey answers and purchases to the yearly barometer."""

__version__ = "0.1.0"
