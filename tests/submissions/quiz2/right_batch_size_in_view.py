# expect: full
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

BATCH_SIZE = 100        # divides 50000 and 10000

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train_set = torchvision.datasets.CIFAR10("./data", True, transform, download=True)
test_set = torchvision.datasets.CIFAR10("./data", False, transform, download=True)
train_loader = torch.utils.data.DataLoader(train_set, BATCH_SIZE, True)
test_loader = torch.utils.data.DataLoader(test_set, BATCH_SIZE, False)


class VGG11Net(nn.Module):

    def __init__(self):
        super(VGG11Net, self).__init__()
        self.conv_layers = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),             # 16

            nn.Conv2d(64, 128, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),             # 8

            nn.Conv2d(128, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),             # 4

            nn.Conv2d(256, 512, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(512, 512, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),             # 2

            nn.Conv2d(512, 512, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(512, 512, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),             # 1
        )
        self.fc_layer = nn.Linear(512 * 1 * 1, 10)

    def forward(self, x):
        x = self.conv_layers(x)
        x = x.view(BATCH_SIZE, -1)
        x = self.fc_layer(x)
        return x


model = VGG11Net()
if torch.cuda.is_available():
    model = model.cuda()
loss_func = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for i in range(10):
    for j, (image, label) in enumerate(train_loader):
        if torch.cuda.is_available():
            image, label = image.cuda(), label.cuda()
        optimizer.zero_grad()
        result = model(image)
        loss = loss_func(result, label)
        loss.backward()
        optimizer.step()
        if j % 100 == 0:
            print("epoch", i, "step", j, "loss", loss)

hit = torch.zeros(1)
for image, label in test_loader:
    with torch.no_grad():
        if torch.cuda.is_available():
            image, label = image.cuda(), label.cuda()
        result = model(image)
        hit += (torch.argmax(result, dim=1) == label).float().sum().cpu()
print("Accuracy : {:.2f} %".format((hit / len(test_set) * 100).item()))
