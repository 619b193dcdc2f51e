"""The shared helpers of the course book *Deep Learning, Built Twice*.

Every chapter says ``import d2lutils as d2l`` and uses the flat names listed in
``_HOME``. A name is looked up in its module on first use, so that importing the
package costs almost nothing: torchvision, scikit-learn, matplotlib and the widgets'
front ends are loaded by the cell that needs them.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "settings": ("device", "generator", "run_size", "seed", "size"),
    "data": ("DataSplit", "Table", "diabetes", "mnist", "sklearn_table"),
    "data_files": ("DataUnavailable", "data_path"),
    "batches": ("Batches", "train_test_split"),
    "texts": ("family_names", "sentence_pairs", "time_machine"),
    "synthetic": ("linear_data", "moons"),
    "training": ("evaluate", "fit", "predict"),
    "history": ("History",),
    "layer_table": ("layer_table",),
    "metrics": ("accuracy", "binary_accuracy"),
    "plots": ("COLORS", "plot", "style"),
    "precision": ("mixed_precision",),
    "planes": ("plot_contours", "plot_decision_regions"),
    "images": ("show_images", "show_predictions"),
    "diagrams": ("plot_confusion", "plot_network"),
    "proofs": ("assert_close", "raises", "warns"),
    "records": ("record",),
    "exercises": ("check",),
    "widgets": ("explore",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
_MODULES = set(_HOME)

__all__ = sorted({*_MODULE_OF, "widgets"})


def __getattr__(name):
    if name in _MODULE_OF:
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(
            f"d2lutils has no {name!r}. It offers: {', '.join(__all__)}"
        )
    globals()[name] = value
    return value


def __dir__():
    return __all__
