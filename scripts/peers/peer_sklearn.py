"""scikit-learn's MLPRegressor, one mini-batch per step. It has no gradient norms to log: it does less."""
import sklearn
from sklearn.neural_network import MLPRegressor

import nets

VERSION = "scikit-learn " + sklearn.__version__


def rate(net):
    widths, size, activation = nets.NETS[net]
    x, y = nets.batch(widths, size)
    model = MLPRegressor(
        hidden_layer_sizes=widths[1:-1], activation={"sigmoid": "logistic"}.get(activation, activation), solver="sgd", alpha=0,
        momentum=0, learning_rate_init=nets.RATE, batch_size=size)
    y = y.ravel() if widths[-1] == 1 else y
    return nets.rate(lambda: model.partial_fit(x, y))
