# expect: wrong-accuracy@72
import torch
import torchvision
import torchvision.transforms as transforms
import torch.nn as nn
import torch.optim as optim

class Res(nn.Module):
	def __init__(self, ch):
		super(Res, self).__init__()
		self.conv1 = nn.Conv2d(ch, 256, 3, padding = 1)
		self.conv2 = nn.Conv2d(256, ch, 3, padding = 1)
		self.relu1 = nn.ReLU()
		self.relu2 = nn.ReLU()

	def forward(self, x):
		h = self.relu1(self.conv1(x))
		h = self.conv2(h)
		return self.relu2(h + x)

class net3(nn.Module):
	def __init__(self):
		super(net3, self).__init__()
		self.conv = nn.Conv2d(3, 64, 3, padding = 1)
		self.res1 = Res(64)
		self.res2 = Res(64)
		self.pool = nn.MaxPool2d(2, 2)
		self.fc1 = nn.Linear(64*8*8, 120)
		self.fc2 = nn.Linear(120, 84)
		self.fc3 = nn.Linear(84, 10)
		self.relu = nn.ReLU()

	def forward(self, x):
		x = self.relu(self.conv(x))
		x = self.res1(x)
		x = self.pool(x)
		x = self.res2(x)
		x = self.pool(x)
		x = x.view(x.size()[0], -1)
		x = self.relu(self.fc1(x))
		x = self.relu(self.fc2(x))
		x = self.fc3(x)
		return x

def main():
	transform = transforms.Compose([transforms.ToTensor(),
		transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
	train = torchvision.datasets.CIFAR10(root = './data', train = True, download = True, transform = transform)
	test = torchvision.datasets.CIFAR10(root = './data', train = False, download = True, transform = transform)
	trainloader = torch.utils.data.DataLoader(train, batch_size = 10, shuffle = True)
	testloader = torch.utils.data.DataLoader(test, batch_size = 10, shuffle = False)

	model = net3()
	loss_fn = nn.CrossEntropyLoss()
	optimizer = optim.Adam(model.parameters(), lr = 0.001)
	for epoch in range(2):
		for i, data in enumerate(trainloader, 0):
			x, y = data
			optimizer.zero_grad()
			loss = loss_fn(model(x), y)
			loss.backward()
			optimizer.step()
			if i % 500 == 0:
				print(epoch, i, loss.item())

	correct = 0
	with torch.no_grad():
		for data in testloader:
			x, y = data
			pred = model(x).argmax()
			correct += (pred == y).sum().item()
	print('accuracy: %.2f %%' % (100 * correct / len(test)))

if __name__ == '__main__':
	main()
