# expect: full
import torch
import torchmetrics
import torchvision
from torch import nn
from torchvision import transforms
from torchmetrics import MeanMetric

device = "cuda" if torch.cuda.is_available() else "cpu"
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train_dl = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", True, tf, download=True), 128, shuffle=True)
test_dl = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", False, tf, download=True), 128)


class VGG11(nn.Module):
    def __init__(self):
        super().__init__()
        blocks, c = [], 3
        for n, w in ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)):
            for _ in range(n):
                blocks += [nn.Conv2d(c, w, 3, padding=1), nn.ReLU()]
                c = w
            blocks.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*blocks, nn.Flatten())
        self.classifier = nn.Linear(512, 10)

    def forward(self, x):
        return self.classifier(self.features(x))


model = VGG11().to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
mean_loss = MeanMetric().to(device)
accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=10).to(device)

for epoch in range(10):
    model.train()
    mean_loss.reset()
    for x, y in train_dl:
        x, y = x.to(device), y.to(device)
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean_loss.update(loss.detach())
    print(f"epoch {epoch} loss {mean_loss.compute():.4f}")

model.eval()
accuracy.reset()
with torch.inference_mode():
    for x, y in test_dl:
        accuracy.update(model(x.to(device)), y.to(device))
print(f"test accuracy {accuracy.compute():.4f}")
