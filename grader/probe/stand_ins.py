"""What a student's program finds here in place of the outside world: inert plotting and logging packages, no CUDA,
no waiting, no questions, and files that can be saved wherever the program likes."""

from __future__ import annotations

import builtins
import hashlib
import importlib.abc
import importlib.machinery
import os
import sys
import time
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import torch

from . import absent, devices, older, small_packages

# Replaced even where installed: they draw, log or talk to a server, and never compute a result.
ALWAYS = frozenset(
    "matplotlib pylab seaborn tqdm wandb tensorboard tensorboardX visdom IPython plotly bokeh livelossplot torchviz "
    "hiddenlayer torch.utils.tensorboard ipywidgets mlflow comet_ml neptune google turtle tkinter".split()
)
# Replaced only where they are not installed. What programs compute with some of them is in small_packages.py.
IF_MISSING = frozenset(
    "torchsummary torchinfo torchsummaryX thop ptflops pandas sklearn scipy cv2 skimage imageio yaml requests psutil "
    "wget tabulate termcolor colorama prettytable progressbar rich loguru tensorflow keras easydict gdown kaggle ray "
    "torchmetrics fvcore netron torchview prefetch_generator albumentations einops h5py nvidia apex "
    "fastprogress alive_progress attrdict munch addict progressbar2 kagglehub torchstat pytorch_model_summary "
    "modelsummary calflops swanlab aim clearml sacred nni optuna dotenv pynvml nvidia_smi GPUtil gpustat "
    "memory_profiler line_profiler icecream colorlog coloredlogs absl streamlit gradio playsound winsound "
    "pandas_profiling mpl_toolkits cpuinfo torchcam captum grad_cam pytorch_grad_cam jupyterthemes itkwidgets "
    "altair missingno yellowbrick scikitplot mlxtend imblearn".split()
)


class Inert:
    """Takes any call, attribute or item and answers with itself; iterates over nothing; stands for zero."""

    def __init__(self, name: str = "inert") -> None:
        object.__setattr__(self, "_name", name)

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        if len(positional) == 1 and not keywords and isinstance(positional[0], type(lambda: 0)):
            return positional[0]  # used as a decorator
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return SPECIAL.get((self._name.partition(".")[0], name), self)  # ``from sklearn import metrics`` comes here

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)

    def __repr__(self) -> str:
        return ""

    def __format__(self, spec: str) -> str:
        return ""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __contains__(self, key: Any) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 0

    def _same(self, *_others: Any) -> Any:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __iadd__ = __or__ = __and__ = __matmul__ = __pow__ = __neg__ = __floordiv__ = __mod__ = _same


class Progress:
    """tqdm: iterates over what it is given; texts set on the bar count as printed."""

    def __init__(self, iterable: Any = None, *_positional: Any, total: int | None = None, **_keywords: Any) -> None:
        self.iterable = iterable
        self.total = total
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable if self.iterable is not None else ())

    def __len__(self) -> int:
        return len(self.iterable) if self.iterable is not None else (self.total or 0)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def set_description(self, *texts: Any, **_keywords: Any) -> None:
        print(*texts)

    set_description_str = set_postfix_str = set_description

    def set_postfix(self, *texts: Any, **values: Any) -> None:
        print(*texts, *(f"{key}={value}" for key, value in values.items() if key != "refresh"))

    @staticmethod
    def write(*texts: Any, **_keywords: Any) -> None:
        print(*texts)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(name)


def _subplots(*_positional: Any, **_keywords: Any) -> tuple[Inert, Inert]:
    return Inert("figure"), Inert("axes")


def _progress_range(*positional: Any, **keywords: Any) -> Progress:
    return Progress(range(*(number for number in positional if isinstance(number, int))), **keywords)


def _progress_bar(*_positional: Any, **_keywords: Any) -> type[Progress]:
    """``bar = ProgressBar(); for batch in bar(loader)``"""
    return Progress


SPECIAL: dict[tuple[str, str], Any] = {
    ("tqdm", "tqdm"): Progress,
    ("tqdm", "tqdm_notebook"): Progress,
    ("tqdm", "trange"): _progress_range,
    ("tqdm", "tnrange"): _progress_range,
    ("tqdm", "tenumerate"): lambda items, start=0, **_keywords: enumerate(items, start),
    ("rich", "track"): Progress,
    ("fastprogress", "progress_bar"): Progress,
    ("fastprogress", "master_bar"): Progress,
    ("alive_progress", "alive_it"): Progress,
    ("progressbar", "progressbar"): Progress,
    ("progressbar", "ProgressBar"): _progress_bar,
    ("prefetch_generator", "BackgroundGenerator"): lambda items, *_positional, **_keywords: iter(items),
    ("matplotlib", "subplots"): _subplots,
    **small_packages.ANSWERS,
}


class InertModule(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__all__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return SPECIAL.get((self.__name__.partition(".")[0], name), Inert(f"{self.__name__}.{name}"))

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        # ``import tqdm; tqdm(...)`` and ``from tqdm import auto as tqdm`` are both seen in the wild.
        if self.__name__.startswith("tqdm"):
            return Progress(*positional, **keywords)
        return Inert(self.__name__)


class InertFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports inert modules for the packages in ``names`` and tells which were asked for."""

    def __init__(self, names: frozenset[str], asked: dict[str, None]) -> None:
        self.names = names
        self.asked = asked

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top = name.partition(".")[0]
        if top in self.names or name in self.names:
            self.asked[name if name in self.names else top] = None
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def install(folder: str, own_modules: frozenset[str]) -> dict[str, None]:
    """Put the stand-ins in place; the program may write below ``folder``. Packages that the student brings along
    (``own_modules``) stay theirs. Returns the (growing) record of what was replaced and is worth a word."""
    asked = absent.ASKED
    sys.meta_path.insert(0, InertFinder(ALWAYS - own_modules, asked))
    sys.meta_path.append(InertFinder(IF_MISSING - own_modules, asked))
    builtins.input = lambda *_prompt: ""
    time.sleep = lambda *_seconds: None
    builtins.display = lambda *_things, **_keywords: None  # type: ignore[attr-defined]
    builtins.get_ipython = lambda: Inert("ipython")  # type: ignore[attr-defined]
    saved = _install_files(folder)
    absent.install_checkpoints(saved)
    absent.install_command_line()
    devices.install()
    older.install()
    _install_compilers()
    return asked


def _install_files(folder: str) -> dict[str, str]:
    """torch.save and torch.load within ``folder``. Returns the (growing) record of the files that were written."""
    save, load = torch.save, torch.load
    saved: dict[str, str] = {}

    def inside(path: str) -> str:
        full = os.path.abspath(path)
        if full.startswith(folder + os.sep):
            return full
        return os.path.join(folder, ".elsewhere", hashlib.sha256(full.encode()).hexdigest()[:16])

    def save_anywhere(thing: Any, f: Any, *positional: Any, **keywords: Any) -> None:
        if isinstance(f, (str, os.PathLike)):
            f = inside(os.fspath(f))
            os.makedirs(os.path.dirname(f), exist_ok=True)
            saved[f] = f
        save(thing, f, *positional, **keywords)

    def load_anywhere(f: Any, *_positional: Any, **keywords: Any) -> Any:
        keywords.update(map_location="cpu")
        if isinstance(f, (str, os.PathLike)):
            f = inside(os.fspath(f))
            if f in saved:  # its own file, whole modules too, as older versions of torch read it
                keywords["weights_only"] = False
        return load(f, **keywords)

    torch.save, torch.load = save_anywhere, load_anywhere
    return saved


def _install_compilers() -> None:
    """torch.compile and torch.jit wrap the network in something that cannot be read; what they compute is the same."""

    def same(thing: Any = None, *_positional: Any, **_keywords: Any) -> Any:
        return thing if thing is not None else (lambda wrapped: wrapped)

    def compiled(thing: Any = None, *positional: Any, **keywords: Any) -> Any:
        if isinstance(thing, torch.nn.Module) and not hasattr(thing, "save"):
            type(thing).save = _save_module  # type: ignore[assignment]
        return same(thing, *positional, **keywords)

    torch.compile = same
    torch.jit.script = torch.jit.trace = torch.jit.freeze = compiled
    # A class of its own: torch asks whether a network is one of these.
    torch.jit.ScriptModule, torch.jit.script_method = type("ScriptModule", (torch.nn.Module,), {}), same
    torch.jit.save, torch.jit.load = torch.save, torch.load


def _save_module(module: torch.nn.Module, path: Any) -> None:
    """The ``save`` of scripted networks."""
    torch.save(module, path)
