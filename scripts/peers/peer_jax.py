"""JAX on one core: jit of a scan over steps of a vmap over runs; loss and every layer's gradient norm come out of every
step. Compiling is timed apart."""
import os
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp

import nets

ACTIVATION = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}
VERSION = "jax " + jax.__version__
MFLOP = {"a": 3.568, "b": 255.7, "c": 78.36, "d": 0.01792}


def program(net, runs):
    """(compiled function of (parameters, x, y), its arguments, steps in one call, seconds to compile)"""
    widths, size, activation = nets.NETS[net]
    phi = ACTIVATION[activation]
    steps = max(4, min(1000, int(4000 / (MFLOP[net] * runs))))

    def loss_of(parameters, x, y):
        h = x
        for w, b in parameters[:-1]:
            h = phi(h @ w + b)
        w, b = parameters[-1]
        return jnp.mean((h @ w + b - y) ** 2)

    def one(parameters, x, y):
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y)
        norms = jnp.stack([jnp.sqrt(jnp.sum(g[0] ** 2)) for g in gradients])
        return jax.tree.map(lambda p, g: p - nets.RATE * g, parameters, gradients), (loss, norms)

    def many(parameters, x, y):
        return jax.lax.scan(lambda p, _: jax.vmap(one)(p, x, y), parameters, None, length=steps)

    arguments = (jax.tree.map(jnp.asarray, nets.weights(widths, runs)), *map(jnp.asarray, nets.batch(widths, size, runs)))
    start = time.process_time()
    compiled = jax.jit(many).lower(*arguments).compile()
    return compiled, arguments, steps, time.process_time() - start


def rate(made, runs):
    compiled, arguments, steps, _ = made
    return nets.rate(lambda: jax.block_until_ready(compiled(*arguments)), runs, steps)
