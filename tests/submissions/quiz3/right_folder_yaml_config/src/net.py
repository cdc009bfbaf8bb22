from torch import nn


class ResBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, hidden, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(hidden, channels, 3, padding=1))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(x + self.body(x))


def build(cfg):
    c = cfg["channels"]
    one, two = cfg["fc"]
    return nn.Sequential(
        nn.Conv2d(3, c, 3, padding=1), nn.ReLU(inplace=True),
        ResBlock(c, cfg["hidden"]), nn.MaxPool2d(2),
        ResBlock(c, cfg["hidden"]), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(c * 64, one), nn.ReLU(inplace=True),
        nn.Linear(one, two), nn.ReLU(inplace=True), nn.Linear(two, 10))
