"""The test surfaces on which optimizers race: functions of two numbers, minimum 0."""

SURFACES = {
    "bowl": lambda x, y: x**2 + y**2,
    "ravine": lambda x, y: 0.1 * x**2 + 2 * y**2,
    # Two valleys at (0, ±√2) with a saddle between them at the origin.
    "saddle": lambda x, y: x**2 + (0.5 * y**2 - 1) ** 2,
    # Rosenbrock, The Computer Journal 3 (1960), doi:10.1093/comjnl/3.3.175.
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    # Beale, Princeton technical report 25 (1958).
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2
        + (2.25 - x + x * y**2) ** 2
        + (2.625 - x + x * y**3) ** 2
    ),
    # Himmelblau, Applied Nonlinear Programming (1972): four minima.
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
}

# Where each is drawn: the limits of x and of y.
LIMITS = {
    "bowl": ((-5, 5), (-4, 4)),
    "ravine": ((-5, 5), (-4, 4)),
    "saddle": ((-3, 3), (-2.4, 2.4)),
    "rosenbrock": ((-2, 2), (-1, 3)),
    "beale": ((-4.5, 4.5), (-4, 4)),
    "himmelblau": ((-5, 5), (-5, 5)),
}
