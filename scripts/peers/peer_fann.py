"""FANN through ctypes: float, batch training, one epoch over one mini-batch per step. No norms: it does less. Its ReLU
is not in every version; net b then has its linear function, which costs less."""
import ctypes

import nets

VERSION = "FANN, libfloatfann.so.2"
library = ctypes.CDLL("libfloatfann.so.2")
for name in ("fann_create_standard_array", "fann_create_train"):
    getattr(library, name).restype = ctypes.c_void_p
LINEAR, SIGMOID, TANH, BATCH = 0, 3, 5, 1


class Data(ctypes.Structure):
    _fields_ = [("errno_f", ctypes.c_int), ("error_log", ctypes.c_void_p), ("errstr", ctypes.c_void_p),
                ("num_data", ctypes.c_uint), ("num_input", ctypes.c_uint), ("num_output", ctypes.c_uint),
                ("input", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
                ("output", ctypes.POINTER(ctypes.POINTER(ctypes.c_float)))]


def rate(net):
    widths, size, activation = nets.NETS[net]
    x, y = nets.batch(widths, size)
    ann = ctypes.c_void_p(library.fann_create_standard_array(len(widths), (ctypes.c_uint * len(widths))(*widths)))
    library.fann_set_activation_function_hidden(ann, {"sigmoid": SIGMOID, "tanh": TANH, "relu": LINEAR}[activation])
    library.fann_set_activation_function_output(ann, LINEAR)
    library.fann_set_training_algorithm(ann, BATCH)
    library.fann_set_learning_rate(ann, ctypes.c_float(nets.RATE))
    pointer = library.fann_create_train(size, widths[0], widths[-1])
    data = ctypes.cast(pointer, ctypes.POINTER(Data)).contents
    for target, source in ((data.input, x), (data.output, y)):
        for row, values in enumerate(source):
            for column, value in enumerate(values):
                target[row][column] = float(value)
    library.fann_train_epoch.restype = ctypes.c_float
    return nets.rate(lambda: library.fann_train_epoch(ann, ctypes.c_void_p(pointer)))
