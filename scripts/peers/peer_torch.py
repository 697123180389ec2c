"""PyTorch, eager, one thread: one network at a time, and `runs` networks in one batched product. Both fetch the loss and
the norm of every layer's weight gradient at every step."""
import torch

import nets

ACTIVATION = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}
torch.set_num_threads(1)
VERSION = "torch " + torch.__version__


def stepper(widths, size, activation, runs=None):
    phi = ACTIVATION[activation]
    layers = [tuple(torch.tensor(v, requires_grad=True) for v in pair) for pair in nets.weights(widths, runs)]
    parameters = [v for pair in layers for v in pair]
    x, y = (torch.tensor(v) for v in nets.batch(widths, size, runs))
    dims = (-2, -1)

    def step():
        h = x
        for w, b in layers[:-1]:
            h = phi(torch.addmm(b, h, w) if runs is None else torch.baddbmm(b, h, w))
        w, b = layers[-1]
        out = torch.addmm(b, h, w) if runs is None else torch.baddbmm(b, h, w)
        loss = ((out - y) ** 2).mean(dims)
        gradients = torch.autograd.grad(loss.sum(), parameters)
        norms = torch.stack([torch.linalg.vector_norm(g, dim=dims) for g in gradients[::2]])
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-nets.RATE)
        return loss.tolist(), norms.tolist()

    return step


def eager(net):
    return nets.rate(stepper(*nets.NETS[net]))


def batched(net, runs):
    return nets.rate(stepper(*nets.NETS[net], runs=runs), runs)
