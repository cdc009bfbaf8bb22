# expect: full
from torch import nn, optim, no_grad, cuda, manual_seed, relu
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, RandomHorizontalFlip, ToTensor

manual_seed(2023)
DEVICE = 'cuda' if cuda.is_available() else 'cpu'


class Residual(nn.Module):
    """y = act(f(x) + x) around whatever f is"""

    def __init__(self, *inner, activation=nn.ReLU):
        super().__init__()
        self.f = nn.Sequential(*inner)
        self.act = activation() if activation else nn.Identity()

    def forward(self, x):
        return self.act(self.f(x).add(x))


def bottle(c, wide):
    return Residual(nn.Conv2d(c, wide, 3, padding='same'), nn.ReLU(), nn.Conv2d(wide, c, 3, padding='same'))


model = nn.Sequential(
    nn.Sequential(nn.Conv2d(3, 64, 3, padding='same'), nn.ReLU()),
    nn.Sequential(bottle(64, 256), nn.MaxPool2d(2)),
    nn.Sequential(bottle(64, 256), nn.MaxPool2d(2)),
    nn.Sequential(nn.Flatten(), nn.Linear(64 * 8 * 8, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
).to(DEVICE)

norm = Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2023, 0.1994, 0.2010))
train_dl = DataLoader(CIFAR10('data', train=True, download=True, transform=Compose([RandomHorizontalFlip(), ToTensor(), norm])),
                      batch_size=128, shuffle=True)
test_dl = DataLoader(CIFAR10('data', train=False, download=True, transform=Compose([ToTensor(), norm])), batch_size=128)

loss_of = nn.CrossEntropyLoss()
adam = optim.Adam(model.parameters())           # 0.001 is the default


def epoch(train=True):
    model.train(train)
    total = n = hits = 0
    for x, y in (train_dl if train else test_dl):
        x, y = x.to(DEVICE), y.to(DEVICE)
        scores = model(x)
        loss = loss_of(scores, y)
        if train:
            adam.zero_grad()
            loss.backward()
            adam.step()
        total += loss.item() * len(y)
        hits += (scores.argmax(1) == y).sum().item()
        n += len(y)
    return total / n, hits / n


for e in range(1, 11):
    a = epoch()
    with no_grad():
        b = epoch(train=False)
    print(f'{e:3d}  train {a[0]:.3f} {a[1]:.3%}   test {b[0]:.3f} {b[1]:.3%}')
