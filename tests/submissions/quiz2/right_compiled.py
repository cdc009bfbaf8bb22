# expect: full
from __future__ import annotations

import sys
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class ConvStage(nn.Module):
    def __init__(self, *channels: int) -> None:
        super().__init__()
        self.n = len(channels) - 1
        for i, (c_in, c_out) in enumerate(zip(channels, channels[1:])):
            self.add_module(f"conv{i}", nn.Conv2d(c_in, c_out, 3, stride=1, padding=1))

    def forward(self, x: Tensor, pool: bool = True) -> Tensor:
        for i in range(self.n):
            x = self.get_submodule(f"conv{i}")(x).relu()
        return F.max_pool2d(x, 2) if pool else x


class VGG(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList([
            ConvStage(3, 64), ConvStage(64, 128), ConvStage(128, 256, 256),
            ConvStage(256, 512, 512), ConvStage(512, 512, 512),
        ])
        self.classifier = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            x = stage(x)
        return self.classifier(x[:, :, 0, 0])


def main() -> int:
    if torch.cuda.is_available():
        device = torch.device("cuda")
    elif getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        device = torch.device("mps")
    else:
        device = torch.device("cpu")
    torch.set_float32_matmul_precision("high")

    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])])
    train = DataLoader(datasets.CIFAR10("~/data", True, tf, download=True), 128, shuffle=True)
    test = DataLoader(datasets.CIFAR10("~/data", False, tf, download=True), 512)

    model = VGG().to(device, memory_format=torch.channels_last)
    model = torch.compile(model, mode="reduce-overhead")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, foreach=True)

    for epoch in range(25):
        model.train()
        for images, labels in train:
            images = images.to(device, memory_format=torch.channels_last)
            labels = labels.to(device)
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} loss {loss:.4f}", file=sys.stderr)

    model.eval()
    n_correct = n_total = 0
    with torch.inference_mode():
        for images, labels in test:
            predictions = model(images.to(device)).argmax(dim=1)
            n_correct += (predictions == labels.to(device)).sum().item()
            n_total += labels.numel()
    print(f"test accuracy: {n_correct / n_total:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
