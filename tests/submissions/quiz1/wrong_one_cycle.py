# expect: learning-rate-schedule@37
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader

EPOCHS, MAX_LR, BATCH = 8, 0.01, 128
stats = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
tfm = transforms.Compose([transforms.ToTensor(), transforms.Normalize(*stats)])
train_dl = DataLoader(torchvision.datasets.CIFAR10('./data', True, tfm, download=True), BATCH, shuffle=True)
test_dl = DataLoader(torchvision.datasets.CIFAR10('./data', False, tfm, download=True), BATCH * 2)


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2))


model = nn.Sequential(block(3, 6), block(6, 16), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84),
                      nn.ReLU(), nn.Linear(84, 10))


def get_lr(optimizer):
    for param_group in optimizer.param_groups:
        return param_group['lr']


def evaluate():
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in test_dl) / len(test_dl.dataset)


def fit_one_cycle(epochs, max_lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    # Set up one-cycle learning rate scheduler
    sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr, epochs=epochs,
                                                steps_per_epoch=len(train_dl))
    for epoch in range(epochs):
        model.train()
        lrs = []
        for x, y in train_dl:
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            lrs.append(get_lr(optimizer))
            sched.step()
        print(f"epoch {epoch}: last_lr {lrs[-1]:.5f}, loss {loss.item():.4f}, acc {evaluate():.4f}")


fit_one_cycle(EPOCHS, MAX_LR)
