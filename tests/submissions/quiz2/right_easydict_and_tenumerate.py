# expect: full
import torch
import torchvision
import torchvision.transforms as transforms
from easydict import EasyDict as edict
from torch import nn
from tqdm.contrib import tenumerate

cfg = edict()
cfg.DATA = edict(ROOT='./data', MEAN=[0.4914, 0.4822, 0.4465], STD=[0.2470, 0.2435, 0.2616], BATCH=64)
cfg.MODEL = edict({'WIDTHS': [[64], [128], [256, 256], [512, 512], [512, 512]], 'CLASSES': 10})
cfg.SOLVER = edict(LR=0.01, MOMENTUM=0.9, EPOCHS=12)


class VGG(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        layers, c = [], 3
        for stage in cfg.MODEL.WIDTHS:
            for w in stage:
                layers.append(nn.Conv2d(c, w, 3, padding=1))
                layers.append(nn.ReLU())
                c = w
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(c, cfg.MODEL.CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def build_loader(cfg, train):
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(cfg.DATA.MEAN, cfg.DATA.STD)])
    ds = torchvision.datasets.CIFAR10(cfg.DATA.ROOT, train=train, transform=tf, download=True)
    return torch.utils.data.DataLoader(ds, cfg.DATA.BATCH, shuffle=train)


def main(cfg):
    model = VGG(cfg)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.SOLVER.LR, momentum=cfg.SOLVER.MOMENTUM)
    train, test = build_loader(cfg, True), build_loader(cfg, False)
    for epoch in range(cfg.SOLVER.EPOCHS):
        model.train()
        for i, (x, y) in tenumerate(train):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            if i % 100 == 0:
                print(epoch, i, loss.item())
    model.eval()
    correct = 0
    with torch.no_grad():
        for i, (x, y) in tenumerate(test):
            correct += (model(x).argmax(1) == y).sum().item()
    print('test accuracy', correct / len(test.dataset))


if __name__ == '__main__':
    main(cfg)
