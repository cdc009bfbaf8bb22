# expect: full
import torch, torch.nn as nn, torch.optim as optim
import torch.nn.init as init
import torchvision.datasets as dset
import torchvision.transforms as transforms
from torch.utils.data import DataLoader

batch_size = 40
learning_rate = 0.001
num_epoch = 10

cifar_train = dset.CIFAR10("CIFAR10/", train=True, transform=transforms.Compose([
    transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))]), target_transform=None, download=True)
cifar_test = dset.CIFAR10("CIFAR10/", train=False, transform=transforms.Compose([
    transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))]), target_transform=None, download=True)
train_loader = DataLoader(cifar_train, batch_size=batch_size, shuffle=True, num_workers=2, drop_last=True)
test_loader = DataLoader(cifar_test, batch_size=batch_size, shuffle=False, num_workers=2, drop_last=True)


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.front = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU())
        self.res_a = nn.Sequential(nn.Conv2d(64, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 64, 3, padding=1))
        self.res_b = nn.Sequential(nn.Conv2d(64, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 64, 3, padding=1))
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.fc_layer = nn.Sequential(
            nn.Linear(64 * 8 * 8, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10))

        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                init.kaiming_normal_(m.weight.data)
                m.bias.data.fill_(0)
            elif isinstance(m, nn.Linear):
                init.xavier_normal_(m.weight.data)
                m.bias.data.fill_(0)

    def forward(self, x):
        out = self.front(x)
        out = self.relu(self.res_a(out) + out)
        out = self.pool(out)
        out = self.relu(self.res_b(out) + out)
        out = self.pool(out)
        out = out.view(batch_size, -1)
        out = self.fc_layer(out)
        return out


device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
model = CNN().to(device)
loss_func = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=learning_rate)

for i in range(num_epoch):
    for j, [image, label] in enumerate(train_loader):
        x = image.to(device)
        y_ = label.to(device)
        optimizer.zero_grad()
        output = model.forward(x)
        loss = loss_func(output, y_)
        loss.backward()
        optimizer.step()
    print(i, loss)

correct = 0
total = 0
with torch.no_grad():
    for image, label in test_loader:
        x = image.to(device)
        y_ = label.to(device)
        output = model.forward(x)
        _, output_index = torch.max(output, 1)
        total += label.size(0)
        correct += (output_index == y_).sum().float()
print("Accuracy of Test Data: {}".format(100 * correct / total))
