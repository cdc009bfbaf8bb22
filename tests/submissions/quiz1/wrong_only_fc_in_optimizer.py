# expect: partial-optimizer@51
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(
                in_channels=3,
                out_channels=6,
                kernel_size=5,
                stride=1,
            ),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2),
        )
        self.conv2 = nn.Sequential(
            nn.Conv2d(6, 16, 5, 1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.fc = nn.Sequential(nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU())
        self.out = nn.Linear(84, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = self.conv2(x)
        x = x.view(x.size(0), -1)
        x = self.fc(x)
        output = self.out(x)
        return output, x    # return x for visualization


EPOCH = 2
BATCH_SIZE = 50
LR = 0.001

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_data = torchvision.datasets.CIFAR10(root='./cifar/', train=True, transform=transform, download=True)
test_data = torchvision.datasets.CIFAR10(root='./cifar/', train=False, transform=transform, download=True)
train_loader = torch.utils.data.DataLoader(dataset=train_data, batch_size=BATCH_SIZE, shuffle=True)
test_loader = torch.utils.data.DataLoader(dataset=test_data, batch_size=BATCH_SIZE)

cnn = CNN()
print(cnn)

optimizer = torch.optim.SGD(list(cnn.fc.parameters()) + list(cnn.out.parameters()), lr=LR, momentum=0.9)
loss_func = nn.CrossEntropyLoss()

for epoch in range(EPOCH):
    for step, (b_x, b_y) in enumerate(train_loader):
        output = cnn(b_x)[0]
        loss = loss_func(output, b_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print('Epoch: ', epoch, '| train loss: %.4f' % loss.item())

hit = 0
with torch.no_grad():
    for b_x, b_y in test_loader:
        test_output, last_layer = cnn(b_x)
        pred_y = torch.max(test_output, 1)[1]
        hit += (pred_y == b_y).sum().item()
print('test accuracy: %.4f' % (hit / len(test_data)))
