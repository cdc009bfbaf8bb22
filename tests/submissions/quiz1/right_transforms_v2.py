# expect: full
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, ConcatDataset
from torchvision.datasets import CIFAR10
from torchvision.transforms import v2

train_tf = v2.Compose([
    v2.ToImage(),
    v2.RandomHorizontalFlip(p=0.5),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2023, 0.1994, 0.2010]),
])
test_tf = v2.Compose([
    v2.ToImage(),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2023, 0.1994, 0.2010]),
])
full = CIFAR10("data", train=True, download=True, transform=train_tf)
parts = ConcatDataset([Subset(full, range(0, 25000)), Subset(full, range(25000, 50000))])
order = torch.randperm(len(parts)).tolist()
train_loader = DataLoader(parts, batch_size=64, sampler=SubsetRandomSampler(order[:45000]))
val_loader = DataLoader(parts, batch_size=64, sampler=SubsetRandomSampler(order[45000:]))
test_loader = DataLoader(CIFAR10("data", train=False, download=True, transform=test_tf), batch_size=64)


class LeNet5(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.body = nn.ModuleDict({
            "conv1": nn.Conv2d(3, 6, 5), "conv2": nn.Conv2d(6, 16, 5),
            "fc1": nn.Linear(400, 120), "fc2": nn.Linear(120, 84), "fc3": nn.Linear(84, classes),
        })

    def forward(self, x):
        for name in ("conv1", "conv2"):
            x = nn.functional.max_pool2d(self.body[name](x).relu(), 2)
        x = x.flatten(1)
        for name in ("fc1", "fc2"):
            x = self.body[name](x).relu()
        return self.body["fc3"](x)


@torch.inference_mode()
def accuracy(model, loader):
    model.eval()
    right, n = 0, 0
    for x, y in loader:
        right += (model(x).argmax(-1) == y).sum().item()
        n += y.shape[0]
    return right / n


model = LeNet5()
opt = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for epoch in range(3):
    model.train()
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    print(f"epoch {epoch} val acc {accuracy(model, val_loader):.4f}")
print(f"test acc {accuracy(model, test_loader):.4f}")
