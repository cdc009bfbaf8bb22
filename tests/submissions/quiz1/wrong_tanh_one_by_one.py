# expect: wrong-activation:relu1@21
# each picture on its own, tanh first as LeCun did
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as T


class LoopNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.mp = nn.MaxPool2d(2)
        self.l1 = nn.Linear(400, 120)
        self.l2 = nn.Linear(120, 84)
        self.l3 = nn.Linear(84, 10)

    def one(self, picture):            # 3 x 32 x 32, no batch
        h = self.mp(torch.tanh(self.c1(picture)))   # 6 x 14 x 14
        h = self.mp(torch.relu(self.c2(h)))         # 16 x 5 x 5
        h = h.flatten()                             # 400
        h = torch.relu(self.l1(h))
        h = torch.relu(self.l2(h))
        return self.l3(h)

    def forward(self, pictures):
        answers = []
        for picture in pictures:
            answers.append(self.one(picture))
        return torch.stack(answers)


tf = T.Compose([T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])
train = torchvision.datasets.CIFAR10('data', train=True, transform=tf, download=True)
test = torchvision.datasets.CIFAR10('data', train=False, transform=tf, download=True)
train_loader = torch.utils.data.DataLoader(train, batch_size=4, shuffle=True)
test_loader = torch.utils.data.DataLoader(test, batch_size=4)

model = LoopNet()
opt = optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
ce = nn.CrossEntropyLoss()

for epoch in range(2):
    for pictures, labels in train_loader:
        opt.zero_grad()
        loss = ce(model(pictures), labels)
        loss.backward()
        opt.step()
    print('epoch', epoch, 'loss', loss.item())

right = seen = 0
with torch.no_grad():
    for pictures, labels in test_loader:
        guess = model(pictures).argmax(dim=1)
        right += (guess == labels).sum().item()
        seen += len(labels)
print(f'accuracy: {100 * right / seen:.2f} %')
