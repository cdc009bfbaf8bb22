# expect: status=construct-error
# Only the network, I train it in another file.
import torch.nn as nn
import torch.nn.functional as F


class VGG(nn.Module):
    """Any VGG: the tables come from the training program."""

    def __init__(self, table, registry):
        super().__init__()
        self.plan = registry.lookup(table["architecture"])
        convs, channels = [], registry.input_channels
        for stage in self.plan.stages:
            for width in stage.widths:
                convs.append(nn.Conv2d(channels, width, 3, padding=1))
                channels = width
        self.convs = nn.ModuleList(convs)
        self.fc = nn.Linear(channels, table["classes"])

    def forward(self, x):
        convs = iter(self.convs)
        for stage in self.plan.stages:
            for _ in stage.widths:
                x = F.relu(next(convs)(x))
            x = F.max_pool2d(x, 2)
        return self.fc(x.flatten(1))
