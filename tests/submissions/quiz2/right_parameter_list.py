# expect: full
"""Everything by hand: no nn.Conv2d, no nn.Linear, no optimizer tricks - only parameters and functionals."""
import math
import torch
import torch.nn.functional as F
from torch.nn import Module, Parameter, ParameterList
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
import torchvision.transforms.functional as TF

WIDTHS = [3, 64, 128, 256, 256, 512, 512, 512, 512]
POOL = {0, 1, 3, 5, 7}


def to_input(image):
    t = TF.to_tensor(image)
    return TF.normalize(t, [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])


class VGG11(Module):
    def __init__(self):
        super().__init__()
        self.kernels = ParameterList()
        self.biases = ParameterList()
        for fan, out in zip(WIDTHS[:-1], WIDTHS[1:]):
            bound = math.sqrt(6 / (9 * fan))
            self.kernels.append(Parameter((torch.rand(out, fan, 3, 3) * 2 - 1) * bound))
            self.biases.append(Parameter(torch.zeros(out)))
        self.W = Parameter(torch.randn(10, 512) * 0.01)
        self.b = Parameter(torch.zeros(10))

    def forward(self, h):
        for i, (k, b) in enumerate(zip(self.kernels, self.biases)):
            h = F.conv2d(F.pad(h, (1, 1, 1, 1)), k, b).relu()
            if i in POOL:
                h = F.max_pool2d(h, 2)
        return F.linear(h.reshape(-1, 512), self.W, self.b)


train_loader = DataLoader(CIFAR10("data", train=True, transform=to_input, download=True), batch_size=64, shuffle=True)
test_loader = DataLoader(CIFAR10("data", train=False, transform=to_input, download=True), batch_size=64)

model = VGG11()
print("parameters:", sum(p.numel() for p in model.parameters()))
sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(10):
    for n, (x, y) in enumerate(train_loader):
        for p in model.parameters():
            p.grad = None
        loss = -F.log_softmax(model(x), dim=1).gather(1, y[:, None]).mean()
        loss.backward()
        sgd.step()
        if not n % 250:
            print(epoch, n, f"{loss.item():.3f}")

with torch.no_grad():
    errors = total = 0
    for x, y in test_loader:
        errors += (model(x).argmax(1) != y).sum().item()
        total += len(y)
    print(f"test error {errors / total:.2%}, accuracy {1 - errors / total:.2%}")
