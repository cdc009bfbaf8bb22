# expect: full
# Network description as data, built with getattr(nn, name)
import torch
import torchvision
from torch import nn

SPEC = [
    ("Conv2d", dict(in_channels=3, out_channels=64, kernel_size=3, padding=1)), ("ReLU", {}),
    ("Block", dict(channels=64, hidden=256)), ("MaxPool2d", dict(kernel_size=2)),
    ("Block", dict(channels=64, hidden=256)), ("MaxPool2d", dict(kernel_size=2)),
    ("Flatten", {}),
    ("Linear", dict(in_features=4096, out_features=120)), ("ReLU", {}),
    ("Linear", dict(in_features=120, out_features=84)), ("ReLU", {}),
    ("Linear", dict(in_features=84, out_features=10)),
]


class Block(nn.Module):
    SPEC = [("Conv2d", lambda c, h: (c, h, 3, 1, 1)), ("ReLU", lambda c, h: ()), ("Conv2d", lambda c, h: (h, c, 3, 1, 1))]

    def __init__(self, channels, hidden):
        super().__init__()
        for i, (name, arguments) in enumerate(self.SPEC):
            setattr(self, f"op{i}", getattr(nn, name)(*arguments(channels, hidden)))

    def forward(self, x):
        y = x
        for i in range(len(self.SPEC)):
            y = getattr(self, f"op{i}")(y)
        return nn.functional.relu(y + x)


def build(spec):
    return nn.Sequential(*[globals()[n](**k) if n in globals() else getattr(nn, n)(**k) for n, k in spec])


CRITERIA = {"ce": nn.CrossEntropyLoss, "mse": nn.MSELoss}
OPTIMIZERS = {"adam": lambda ps: torch.optim.Adam(ps, lr=1e-3), "sgd": lambda ps: torch.optim.SGD(ps, lr=1e-2)}


def get_data(train, bs=64):
    t = torchvision.transforms
    return torch.utils.data.DataLoader(torchvision.datasets.CIFAR10(
        "data", train=train, download=True,
        transform=t.Compose([t.ToTensor(), t.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])),
        bs, shuffle=train)


def run(criterion="ce", optimizer="adam", epochs=10):
    net = build(SPEC)
    loss_fn, opt = CRITERIA[criterion](), OPTIMIZERS[optimizer](net.parameters())
    data = get_data(True)
    for epoch in range(epochs):
        net.train()
        for x, y in data:
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
        print("epoch", epoch, "loss", float(loss))
    return net


@torch.no_grad()
def check(net):
    net.eval()
    marks = []
    for x, y in get_data(False):
        marks.extend((net(x).argmax(1) == y).tolist())
    print(f"{sum(marks)} of {len(marks)} right: {sum(marks) / len(marks):.1%}")


check(run())
