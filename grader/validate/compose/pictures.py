"""The data: transforms, data sets and loaders."""

from __future__ import annotations

from grader.validate.compose.hand import Hand
from grader.validate.compose.text import indented

CONSTANTS = (
    ("0.5, 0.5, 0.5", "0.5, 0.5, 0.5"),
    ("0.5, 0.5, 0.5", "0.5, 0.5, 0.5"),
    ("0.4914, 0.4822, 0.4465", "0.2023, 0.1994, 0.2010"),
    ("0.4914, 0.4822, 0.4465", "0.2470, 0.2435, 0.2616"),
    ("0.49139968, 0.48215827, 0.44653124", "0.24703233, 0.24348505, 0.26158768"),
    ("0.485, 0.456, 0.406", "0.229, 0.224, 0.225"),
)
AUGMENTED = ("RandomHorizontalFlip()", "RandomCrop(32, padding=4)", "RandomRotation(10)", "ColorJitter(0.1)")


class Pictures:
    """What the program needs at its top for its data, and the lines that make the loaders."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.dice, self.names = hand, hand.dice, hand.names
        dice = self.dice
        self.way = dice.pick("transform", *("compose",) * 8, "v2", "function", "lambda", "own set", "loop")
        hand.in_loop = self.way == "loop"
        self.transforms = dice.pick("transforms as", "transforms", "transforms", "T", "torchvision.transforms")
        self.cifar = dice.pick(
            "data set as", "torchvision.datasets.CIFAR10", "datasets.CIFAR10", "CIFAR10", "dset.CIFAR10"
        )
        self.loader = dice.pick(
            "loader as", "torch.utils.data.DataLoader", "DataLoader", "DataLoader", "data.DataLoader"
        )
        if "data" in (self.names.images, self.names.labels):
            self.loader = "DataLoader"
        self.root = dice.pick("root", '"./data"', '"data"', '"../data"', 'root="./data"', 'root="/content/data"')
        self.own = dice.pick("own set", "CifarSet", "MyDataset", "Cifar")
        self.normal = not hand.has("not_normalised")
        self.subset = dice.pick("subset", *("",) * 8, "random_split", "Subset")

    def imports(self) -> list[str]:
        aliases = {"transforms": ("import torchvision.transforms as transforms", "from torchvision import transforms"),
                   "T": ("import torchvision.transforms as T", "from torchvision import transforms as T"),
                   "torchvision.transforms": ("import torchvision.transforms",)}  # fmt: skip
        lines = ["import torchvision", self.dice.pick("import transforms", *aliases[self.transforms])]
        lines += {"datasets.CIFAR10": ["import torchvision.datasets as datasets"],
                  "dset.CIFAR10": ["from torchvision import datasets as dset"],
                  "CIFAR10": ["from torchvision.datasets import CIFAR10"]}.get(self.cifar, [])  # fmt: skip
        lines += {"DataLoader": ["from torch.utils.data import DataLoader"],
                  "data.DataLoader": ["from torch.utils import data"]}.get(self.loader, [])  # fmt: skip
        if self.way == "v2":
            lines.append("from torchvision.transforms import v2")
        if self.way in ("function", "own set"):
            lines.append("import numpy as np")
        return lines

    # ---- transforms ------------------------------------------------------------------------------------------------

    def _normalize(self, place: str) -> str:
        mean, deviation = self.dice.pick("constants", *CONSTANTS)
        if self.dice.chance("as lists", 0.2):
            return f"{place}.Normalize([{mean}], [{deviation}])"
        if self.dice.chance("as keywords", 0.25):
            return f"{place}.Normalize(mean=({mean}), std=({deviation}))"
        if mean == deviation and self.dice.chance("times three", 0.2):
            return f"{place}.Normalize((0.5,) * 3, (0.5,) * 3)"
        return f"{place}.Normalize(({mean}), ({deviation}))"

    def _transform(self, name: str) -> list[str]:
        """Lines that define ``name``."""
        t = self.transforms
        if self.way == "v2":
            steps = ["v2.ToImage()", "v2.ToDtype(torch.float32, scale=True)"]
            steps += [self._normalize("v2")] if self.normal else []
            return [f"{name} = v2.Compose([", *indented([f"{step}," for step in steps]), "])"]
        if self.way == "function":
            scaled = "(array / 255.0 - 0.5) / 0.5" if self.normal else "array / 255.0"
            return [f"def {name}(img):", "    array = np.array(img, dtype=np.float32).transpose(2, 0, 1)",
                    f"    return torch.from_numpy({scaled})", ""]  # fmt: skip
        steps = [f"{t}.ToTensor()"]
        if self.normal and self.way == "lambda":
            steps.append(f"{t}.Lambda(lambda t: (t - 0.5) / 0.5)")
        elif self.normal and self.way == "compose":
            steps.append(self._normalize(t))
        if len(steps) == 1 and self.dice.chance("one transform", 0.5):
            return [f"{name} = {steps[0]}"]
        if self.dice.chance("one line", 0.35):
            return [f"{name} = {t}.Compose([{', '.join(steps)}])"]
        if self.dice.chance("steps first", 0.12):
            return ["steps = [", *indented([f"{step}," for step in steps]), "]", f"{name} = {t}.Compose(steps)"]
        return [f"{name} = {t}.Compose([", *indented([f"{step}," for step in steps]), "])"]

    def _augmented(self, name: str, plain: list[str]) -> list[str]:
        """The plain transform with something before it."""
        extra = self.dice.random.sample(AUGMENTED, self.dice.pick("augmentations", 1, 2))
        lines = [line.replace("transform =", f"{name} =", 1) if "transform =" in line else line for line in plain]
        place = next(i for i, line in enumerate(lines) if "ToTensor" in line)
        said = ", ".join(f"{self.transforms}.{one}" for one in extra)
        lines[place] = lines[place].replace(f"{self.transforms}.ToTensor()", f"{said}, {self.transforms}.ToTensor()")
        return lines

    # ---- data sets and loaders -------------------------------------------------------------------------------------

    def definitions(self) -> list[str]:
        """Classes that stand before all."""
        if self.way != "own set":
            return []
        scaled = "(pixels - 0.5) / 0.5" if self.normal else "pixels"
        return [
            f"class {self.own}(torch.utils.data.Dataset):", "    def __init__(self, train=True):",
            f"        self.base = {self.cifar}({self.root}, train=train, download=True)", "",
            "    def __len__(self):", "        return len(self.base)", "",
            "    def __getitem__(self, index):", "        img, label = self.base[index]",
            "        pixels = torch.from_numpy(np.array(img)).permute(2, 0, 1).float() / 255",
            f"        return {scaled}, label", "", "",
        ]  # fmt: skip

    def lines(self) -> list[str]:
        n = self.names
        made: list[str] = [*self.hand.note("load the data", "데이터 불러오기")]
        train_transform = "transform"
        if self.way != "own set":
            plain = self._transform("transform")
            made += plain
            if self.way == "compose" and self.normal and self.dice.chance("augmented", 0.15):
                train_transform = "transform_train"
                made += self._augmented(train_transform, plain)
            made.append("")
        made += [
            f"{n.train_set} = {self._set('True', train_transform)}",
            f"{n.test_set} = {self._set('False', 'transform')}",
        ]
        loaded = n.train_set
        if self.subset == "random_split":
            made.append(f"{n.train_set}, val_set = torch.utils.data.random_split({n.train_set}, [45000, 5000])")
        elif self.subset == "Subset":
            loaded = "subset"
            made.append(f"subset = torch.utils.data.Subset({n.train_set}, range(0, 40000))")
        size = self.hand.settings["batch_size"]
        made += [f"{n.train_loader} = {self._loader(loaded, size, True)}",
                 f"{n.test_loader} = {self._loader(n.test_set, size, False)}"]  # fmt: skip
        if self.dice.chance("a look", 0.08):
            made += [f"examples, _ = next(iter({n.train_loader}))", "print(examples.shape)"]
        return made

    def _set(self, train: str, transform: str) -> str:
        if self.way == "own set":
            return f"{self.own}({self.dice.pick('train said', '', 'train=') if train == 'False' else ''}{train})"
        keywords = "=" in self.root
        flag = f"train={train}" if keywords or self.dice.chance("train as keyword", 0.8) else train
        return f"{self.cifar}({self.root}, {flag}, download=True, transform={transform})"

    def _loader(self, data: str, size: str, train: bool) -> str:
        dice = self.dice
        parts = [data if dice.chance("positional", 0.8) else f"dataset={data}"]
        parts.append(f"batch_size={size}" if "=" in parts[0] or dice.chance("size as keyword", 0.85) else size)
        if train:
            parts.append("shuffle=True")
        elif dice.chance("not shuffled said", 0.6):
            parts.append("shuffle=False")
        workers = dice.pick("workers", "", "", "num_workers=2", "num_workers=0", "num_workers=4, pin_memory=True")
        parts += [workers] if workers else []
        parts += ["drop_last=True"] if train and dice.chance("drop last", 0.1) else []
        return f"{self.loader}({', '.join(parts)})"
