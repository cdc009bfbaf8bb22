import torch


class Engine:
    def __init__(self, model, loss, optimizer, device):
        self.model, self.loss, self.optimizer, self.device = model.to(device), loss, optimizer, device

    def train_one_epoch(self, loader):
        self.model.train()
        for x, y in self._on_device(loader):
            self.optimizer.zero_grad()
            self.loss(self.model(x), y).backward()
            self.optimizer.step()

    @torch.no_grad()
    def accuracy(self, loader):
        self.model.eval()
        right = [(self.model(x).argmax(1) == y).float() for x, y in self._on_device(loader)]
        return torch.cat(right).mean().item()

    def _on_device(self, loader):
        for x, y in loader:
            yield x.to(self.device), y.to(self.device)
