# expect: full
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

# --- data ---------------------------------------------------------------
mean = [0.4914, 0.4822, 0.4465]
std = [0.2470, 0.2435, 0.2616]
preprocess = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
train_ds = torchvision.datasets.CIFAR10('.', train=True, transform=preprocess, download=True)
test_ds = torchvision.datasets.CIFAR10('.', train=False, transform=preprocess, download=True)
train_iter = torch.utils.data.DataLoader(train_ds, batch_size=50, shuffle=True, drop_last=True)
test_iter = torch.utils.data.DataLoader(test_ds, batch_size=50)


# --- model --------------------------------------------------------------
class Classifier(nn.Module):
    def __init__(self):
        super(Classifier, self).__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.layer2 = nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.layer3 = nn.Sequential(nn.Linear(400, 120), nn.ReLU())
        self.layer4 = nn.Sequential(nn.Linear(120, 84), nn.ReLU())
        self.layer5 = nn.Linear(84, 10)
        self.log_prob = nn.LogSoftmax(dim=1)

    def forward(self, x):
        x = self.layer2(self.layer1(x))
        x = x.view(len(x), -1)
        x = self.layer4(self.layer3(x))
        return self.log_prob(self.layer5(x))


# --- training -----------------------------------------------------------
model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(params=model.parameters(), lr=.001, momentum=.9)

losses = []
for epoch in range(10):
    model.train()
    for X, y in train_iter:
        y_hat = model(X)
        loss = criterion(y_hat, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d, loss %.4f" % (epoch + 1, sum(losses[-1000:]) / len(losses[-1000:])))

# --- test ---------------------------------------------------------------
model.eval()
acc_sum, n = 0.0, 0
with torch.no_grad():
    for X, y in test_iter:
        acc_sum += (model(X).argmax(dim=1) == y).float().sum().item()
        n += y.shape[0]
print("test acc %.3f" % (acc_sum / n))
