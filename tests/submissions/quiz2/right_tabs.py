# expect: full
import torch, torchvision
from torch import nn, optim
import torchvision.transforms as tr

def get_loader(train):
	t = tr.Compose([tr.ToTensor(), tr.Normalize((.4914, .4822, .4465), (.2023, .1994, .2010))])
	d = torchvision.datasets.CIFAR10('data', train, transform=t, download=True)
	return torch.utils.data.DataLoader(d, batch_size=128, shuffle=train)

class lenet(nn.Module):		# the name is left over from quiz 1
	def __init__(self):
		super(lenet, self).__init__()
		self.act = nn.ReLU(inplace=True)
		self.mp = nn.MaxPool2d(2)
		self.cv1 = nn.Conv2d(3, 64, 3, padding=1)
		self.cv2 = nn.Conv2d(64, 128, 3, padding=1)
		self.cv3 = nn.Conv2d(128, 256, 3, padding=1)
		self.cv4 = nn.Conv2d(256, 256, 3, padding=1)
		self.cv5 = nn.Conv2d(256, 512, 3, padding=1)
		self.cv6 = nn.Conv2d(512, 512, 3, padding=1)
		self.cv7 = nn.Conv2d(512, 512, 3, padding=1)
		self.cv8 = nn.Conv2d(512, 512, 3, padding=1)
		self.lin = nn.Linear(512, 10)

	def forward(self, x):
		x = self.mp(self.act(self.cv1(x)))
		x = self.mp(self.act(self.cv2(x)))
		x = self.mp(self.act(self.cv4(self.act(self.cv3(x)))))
		x = self.mp(self.act(self.cv6(self.act(self.cv5(x)))))
		x = self.mp(self.act(self.cv8(self.act(self.cv7(x)))))
		return self.lin(torch.reshape(x, (x.shape[0], 512)))

def main():
	net = lenet()
	crit = nn.CrossEntropyLoss()
	opt = optim.SGD(net.parameters(), lr=.01, momentum=.9)
	tl, vl = get_loader(True), get_loader(False)
	for ep in range(7):
		for x, y in tl:
			opt.zero_grad(); out = net(x)
			l = crit(out, y); l.backward()
			opt.step()
		print('epoch', ep, 'loss', l.item())
	ok = 0
	with torch.no_grad():
		for x, y in vl:
			ok += (net(x).argmax(1) == y).sum().item()
	print('accuracy', ok / len(vl.dataset) * 100, '%')

main()
