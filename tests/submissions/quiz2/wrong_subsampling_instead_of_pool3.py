# expect: missing-layer:pool3 extra-layer@17
from functools import partial
import torch
from torch import nn
from torch.nn import functional as F
import torchvision
from torchvision import transforms as T

device = "cuda" if torch.cuda.is_available() else "cpu"
conv3 = partial(nn.Conv2d, kernel_size=3, padding=1)


class VGG11(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2, self.c3, self.c4 = conv3(3, 64), conv3(64, 128), conv3(128, 256), conv3(256, 256)
        self.c5, self.c6, self.c7, self.c8 = conv3(256, 512), conv3(512, 512), conv3(512, 512), conv3(512, 512)
        self.out = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.relu(self.c4(F.relu(self.c3(x))))
        x = x[:, :, ::2, ::2]                    # halve the picture
        x = F.max_pool2d(F.relu(self.c6(F.relu(self.c5(x)))), 2)
        x = F.max_pool2d(F.relu(self.c8(F.relu(self.c7(x)))), 2)
        return self.out(x.flatten(1))


def loader(train):
    t = T.Compose([T.ToTensor(), T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    return torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", train, t, download=True), 64, shuffle=train)


def main():
    net = VGG11().to(device)
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(15):
        net.train()
        for x, y in loader(True):
            loss = F.cross_entropy(net(x.to(device)), y.to(device))
            sgd.zero_grad()
            loss.backward()
            sgd.step()
        net.eval()
        with torch.no_grad():
            marks = torch.cat([(net(x.to(device)).argmax(1).cpu() == y).float() for x, y in loader(False)])
        print(f"{epoch} loss {loss:.3f} test accuracy {marks.mean():.4f}")


if __name__ == "__main__":
    main()
