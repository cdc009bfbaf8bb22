# expect: full
import random
import torch
import torchvision
from torch import nn
from torchvision import transforms

to_input = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.5, .5, .5))])
trainset = torchvision.datasets.CIFAR10(root='data', train=True, download=True, transform=to_input)
testset = torchvision.datasets.CIFAR10(root='data', train=False, download=True, transform=to_input)

model = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(),
    nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
)


def random_batch(dataset, size=8):
    chosen = random.sample(range(len(dataset)), size)
    images, labels = zip(*[dataset[i] for i in chosen])
    return torch.stack(images), torch.tensor(labels)


loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

step = 0
while step < 20000:
    x, y = random_batch(trainset)
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    step += 1
    if step % 1000 == 0:
        print('step', step, 'loss', loss.item())

correct = 0
model.eval()
for i in range(len(testset)):
    image, label = testset[i]
    with torch.no_grad():
        scores = model(image.unsqueeze(0))
    if scores.argmax().item() == label:
        correct += 1
print('Test accuracy: %.1f%%' % (100 * correct / len(testset)))
