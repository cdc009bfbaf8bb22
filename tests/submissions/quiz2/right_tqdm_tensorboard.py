# expect: full
import os

import torch
import torch.nn as nn
from torch.utils.tensorboard import SummaryWriter
from torchvision import datasets, transforms
from tqdm import tqdm

BATCH_SIZE, EPOCHS = 64, 12
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
os.makedirs("checkpoints", exist_ok=True)
writer = SummaryWriter("runs/vgg11")

transform = transforms.Compose([
    transforms.RandomHorizontalFlip(p=0.5),
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
])
transform_test = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
])
train_ds = datasets.CIFAR10(root="./data", train=True, download=True, transform=transform)
test_ds = datasets.CIFAR10(root="./data", train=False, download=True, transform=transform_test)
train_dl = torch.utils.data.DataLoader(train_ds, batch_size=BATCH_SIZE, shuffle=True)
test_dl = torch.utils.data.DataLoader(test_ds, batch_size=BATCH_SIZE, shuffle=False)


class VGG11(nn.Module):
    CFG = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]

    def __init__(self, in_ch=3, num_classes=10):
        super().__init__()
        self.in_ch = in_ch
        self.features = self.make()
        self.fc = nn.Linear(512 * 1 * 1, num_classes)

    def make(self):
        seq = nn.Sequential()
        ch, k = self.in_ch, 0
        for item in self.CFG:
            if item == "M":
                seq.add_module("pool%d" % k, nn.MaxPool2d(2, 2))
            else:
                k += 1
                seq.add_module("conv%d" % k, nn.Conv2d(ch, item, 3, stride=1, padding=1, bias=True))
                seq.add_module("relu%d" % k, nn.ReLU())
                ch = item
        return seq

    def forward(self, x):
        x = self.features(x)
        x = x.view(-1, 512 * 1 * 1)
        return self.fc(x)


model = VGG11().to(DEVICE)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

step = 0
for epoch in range(EPOCHS):
    model.train()
    bar = tqdm(train_dl, desc=f"epoch {epoch}")
    for x, y in bar:
        x, y = x.to(DEVICE), y.to(DEVICE)
        optimizer.zero_grad()
        logits = model(x)
        loss = criterion(logits, y)
        loss.backward()
        optimizer.step()
        writer.add_scalar("train/loss", loss.item(), step)
        bar.set_postfix(loss=loss.item())
        step += 1

    model.eval()
    n_ok = 0
    with torch.no_grad():
        for x, y in tqdm(test_dl):
            x, y = x.to(DEVICE), y.to(DEVICE)
            n_ok += (model(x).argmax(1) == y).sum().item()
    accuracy = n_ok / len(test_ds)
    writer.add_scalar("test/accuracy", accuracy, epoch)
    print(f"epoch {epoch}: test accuracy {accuracy * 100:.2f}%")
    torch.save(model.state_dict(), "checkpoints/last.pth")

writer.close()
