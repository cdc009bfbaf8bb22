# expect: softmax-before-cross-entropy@24
from torch import nn
import torch
import torchvision
from torchvision.transforms import ToTensor, Normalize, Compose

transform = Compose([ToTensor(), Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train_ds = torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=transform)
test_ds = torchvision.datasets.CIFAR10("./data", train=False, download=True, transform=transform)
train_dl = torch.utils.data.DataLoader(train_ds, batch_size=128, shuffle=True)
test_dl = torch.utils.data.DataLoader(test_ds, batch_size=128)

# build the network in a loop, no class needed
layers = []
c = 3
for n_convs, width in [(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)]:
    for _ in range(n_convs):
        layers.append(nn.Conv2d(c, width, 3, padding='same'))
        layers.append(nn.ReLU(True))
        c = width
    layers.append(nn.MaxPool2d(2))
layers.append(nn.Flatten())
layers.append(nn.Linear(c, 10))
layers.append(nn.Softmax(dim=1))
model = nn.Sequential(*layers)

device = "cuda" if torch.cuda.is_available() else "cpu"
model = model.to(device)
print(model)

loss_fn = nn.functional.cross_entropy
opt = torch.optim.SGD(model.parameters(), momentum=0.9, lr=0.01)

epochs = 15
for t in range(epochs):
    print(f"Epoch {t+1}\n-------------------------------")
    size = len(train_dl.dataset)
    model.train()
    for batch, (X, y) in enumerate(train_dl):
        X, y = X.to(device), y.to(device)
        pred = model(X)
        loss = loss_fn(pred, y)

        opt.zero_grad()
        loss.backward()
        opt.step()

        if batch % 100 == 0:
            loss, current = loss.item(), batch * len(X)
            print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]")

size = len(test_dl.dataset)
num_batches = len(test_dl)
model.eval()
test_loss, correct = 0, 0
with torch.no_grad():
    for X, y in test_dl:
        X, y = X.to(device), y.to(device)
        pred = model(X)
        test_loss += loss_fn(pred, y).item()
        correct += (pred.argmax(1) == y).type(torch.float).sum().item()
test_loss /= num_batches
correct /= size
print(f"Test Error: \n Accuracy: {(100*correct):>0.1f}%, Avg loss: {test_loss:>8f} \n")
