"""Small static SVG pictures of a widget, for where no script runs."""

from html import escape

import numpy as np

from d2lutils.plots import COLORS

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420, 250, 46, 12, 22, 36


class SvgPlot:
    """A plot of ``x`` against ``y`` that is drawn into and then turned into SVG.

    >>> SvgPlot((0, 1), (0, 1), "x", "y").curve([0, 1], [0, 1]).svg()[:4]
    '<svg'
    """

    def __init__(self, x, y, xlabel="", ylabel="", title=""):
        self.x, self.y = x, y
        right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
        self.parts = [
            f"<path d='M{_LEFT},{_TOP}V{bottom}H{right}' fill='none' stroke='#566170'/>"
        ]
        self._text(_LEFT, _HEIGHT - 20, f"{x[0]:.3g}", "middle")
        self._text(right, _HEIGHT - 20, f"{x[1]:.3g}", "end")
        self._text(_LEFT - 5, bottom, f"{y[0]:.2g}", "end")
        self._text(_LEFT - 5, _TOP + 9, f"{y[1]:.3g}", "end")
        self._text((_LEFT + right) / 2, _HEIGHT - 8, xlabel, "middle")
        self._text(4, 13, title or ylabel, "start")

    def _text(self, x, y, text, anchor="start", color="#1c2530"):
        if text:
            self.parts.append(
                f"<text x='{x:.0f}' y='{y:.0f}' text-anchor='{anchor}' "
                f"fill='{color}'>{escape(text)}</text>"
            )

    def _place(self, x, y):
        across = (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0])
        up = (np.asarray(y, float) - self.y[0]) / (self.y[1] - self.y[0])
        px = _LEFT + across * (_WIDTH - _LEFT - _RIGHT)
        py = _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)
        return px, py

    def curve(self, x, y, color=0, width=2, dash=None):
        """A line through the points that lie within the axes."""
        px, py = self._place(x, y)
        inside = np.isfinite(py) & (py > _TOP - 1) & (py < _HEIGHT - _BOTTOM + 1)
        path, pen = "", "M"
        for a, b, ok in zip(px, py, inside, strict=True):
            path += f"{pen}{a:.0f},{b:.0f}" if ok else ""
            pen = "L" if ok else "M"
        dashed = f" stroke-dasharray='{dash}'" if dash else ""
        self.parts.append(
            f"<path d='{path}' fill='none' stroke='{_color(color)}' "
            f"stroke-width='{width}'{dashed}/>"
        )
        return self

    def dots(self, x, y, color=1, r=4):
        """Round marks."""
        px, py = self._place(x, y)
        for a, b in zip(np.ravel(px), np.ravel(py), strict=True):
            self.parts.append(
                f"<circle cx='{a:.0f}' cy='{b:.0f}' r='{r}' fill='{_color(color)}'/>"
            )
        return self

    def bars(self, values, color=0):
        """Upright bars at 0, 1, 2, ... from 0 to each value."""
        for i, value in enumerate(values):
            (a, b), (c, d) = (self._place(i - 0.4, value), self._place(i + 0.4, 0))
            self.parts.append(
                f"<rect x='{a:.0f}' y='{min(b, d):.0f}' width='{c - a:.0f}' "
                f"height='{abs(d - b):.0f}' fill='{_color(color)}'/>"
            )
        return self

    def text(self, x, y, text, anchor="start", color="#1c2530"):
        """Words at a data point."""
        px, py = self._place(x, y)
        self._text(float(px), float(py), text, anchor, _color(color))
        return self

    def legend(self, names):
        """Names one below the other in the upper left corner, in the colours 0, 1, 2, ..."""
        for i, name in enumerate(names):
            self._text(_LEFT + 8, _TOP + 14 + 15 * i, name, color=_color(i))
        return self

    def svg(self):
        """The picture as SVG text."""
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{_HEIGHT}' "
            f"viewBox='0 0 {_WIDTH} {_HEIGHT}' font-family='sans-serif' font-size='12'>"
            f"<rect width='100%' height='100%' fill='#fff'/>{''.join(self.parts)}</svg>"
        )


def _color(color):
    return COLORS[color % len(COLORS)] if isinstance(color, int) else color
