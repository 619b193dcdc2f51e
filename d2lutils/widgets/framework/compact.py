"""What a run returned, as compact JSON: numbers, series, or a small picture."""

import base64
import io
import math

_DIGITS = 6


def compact(result, setting):
    """A run's result as ``{"numbers": ..., "series": ...}`` or ``{"frame": data URI}``.

    Numbers keep six significant digits. JSON has no NaN and no infinity: they are written
    "nan", "inf" and "-inf", and :func:`revive` reads them back.
    """
    if result is None:
        raise TypeError(f"f returned nothing for {setting}; return a dict or a figure")
    if hasattr(result, "savefig"):
        return {"frame": frame(result)}
    if not isinstance(result, dict):
        result = {"value": result}
    if not result:
        raise ValueError(f"f returned an empty dict for {setting}")
    numbers, series = {}, {}
    for name, value in result.items():
        if hasattr(value, "detach"):
            value = value.detach().cpu()
        pair = isinstance(value, tuple) and len(value) == 2
        if pair and all(hasattr(part, "__len__") for part in value):
            x, y = (_row(part, name) for part in value)
            if len(x) != len(y):
                raise ValueError(f"{name}: {len(x)} x values and {len(y)} y values")
            series[str(name)] = {"x": x, "y": y}
            continue
        plain = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(plain, (int, float)):
            numbers[str(name)] = _short(plain)
        else:
            series[str(name)] = {"y": _row(value, name)}
    parts = {"numbers": numbers, "series": series}
    return {key: part for key, part in parts.items() if part}


def revive(result):
    """The compact result with real floats, and x = 0, 1, 2, ... where none was given."""
    numbers = {k: float(v) for k, v in result.get("numbers", {}).items()}
    series = {}
    for name, stored in result.get("series", {}).items():
        y = [float(v) for v in stored["y"]]
        x = [float(v) for v in stored["x"]] if "x" in stored else list(range(len(y)))
        series[name] = {"x": x, "y": y}
    parts = {"numbers": numbers, "series": series}
    return {key: part for key, part in parts.items() if part}


def frame(figure, width=520):
    """A matplotlib figure as a WebP data URI about ``width`` pixels wide; closes it."""
    import matplotlib.pyplot as plt
    from PIL import Image

    raw = io.BytesIO()
    dpi = max(50, min(150, width / figure.get_size_inches()[0]))
    figure.savefig(raw, format="png", dpi=dpi, facecolor="white")
    plt.close(figure)
    image = Image.open(raw).convert("RGB")
    sizes = []
    for options in ({"lossless": True}, {"quality": 82, "method": 6}):
        packed = io.BytesIO()
        image.save(packed, "WEBP", **options)
        sizes.append(packed.getvalue())
    return "data:image/webp;base64," + base64.b64encode(min(sizes, key=len)).decode()


def _row(value, name):
    """A one-dimensional list, array or tensor as a list of short numbers."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    plain = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(plain, (list, tuple, range)) or not len(plain):
        raise TypeError(f"{name} must be a number or a non-empty series, not {value!r}")
    plain = [v.item() if hasattr(v, "item") else v for v in plain]
    if not all(isinstance(v, (int, float)) for v in plain):
        raise TypeError(f"{name} must be one-dimensional and hold numbers only")
    return [_short(v) for v in plain]


def _short(value):
    if isinstance(value, int):
        return int(value)
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else str(value)
