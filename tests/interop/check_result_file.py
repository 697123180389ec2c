"""Reads the file of store_sample with h5py, xarray (both engines), netCDF4 (also appending), ncdump and h5dump and
compares every value. Usage: check_result_file.py STORE_SAMPLE. Parts whose library is absent are skipped with a line.
"""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

ACTIVATIONS = ["sigmoid", "tanh", "relu"]
DEPTHS, RATES, SEEDS, STEPS = [1, 2], [0.001, 0.01, 0.1, 1.0], [0, 1, 2, 3, 4], [0, 1, 10, 100]
RUNS = len(ACTIVATIONS) * len(DEPTHS) * len(RATES) * len(SEEDS)
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print(f"WRONG: {what}")


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError as reason:
        print(f"skipped: the Python module {name} is not here ({reason})")
        return None


def expected(np):
    """The columns as the writer defines them."""
    row = np.arange(RUNS)
    norm = np.full((RUNS, 4, 3), np.nan)
    depth = 1 + row // 20 % 2
    for r in range(RUNS - 1):
        for layer in range(depth[r] + 1):
            norm[r, :, layer] = r * 100 + 10 * np.arange(4) + layer
    bins, sigma = np.full((RUNS, 4, 3, 64), np.nan), np.full((RUNS, 4, 3, 3), np.nan)
    for r in range(RUNS - 1):
        layers = depth[r] + 1
        bins[r, :, :layers] = r + np.arange(4 * layers * 64).reshape(4, layers, 64)
        sigma[r, :, :layers, :2] = r - np.arange(4 * layers * 2).reshape(4, layers, 2)
    loss = row[:, None] + 0.001 * np.array(STEPS)[None, :]
    loss[-1] = np.nan
    final = 0.25 * row
    final[7], final[-1] = np.inf, np.nan
    return {"activation": [ACTIVATIONS[r // 40] for r in row], "depth": depth, "seed": row % 5, "loss": loss,
            "learning_rate": np.array(RATES)[row // 5 % 4], "final_loss": final, "weight_gradient_norm": norm,
            "g_histogram": bins, "weight_values": sigma,
            "status": np.where(row < RUNS - 1, 1, 0)}


def same(np, a, b):
    return np.array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float), equal_nan=True)


def check_h5py(path, np, want):
    h5py = load("h5py")
    if not h5py:
        return
    with h5py.File(path, "r") as f:
        for name in ("loss", "weight_gradient_norm", "final_loss", "depth", "learning_rate", "seed", "status", "g_histogram",
                     "weight_values"):
            expect(same(np, f[name][...], want[name]), f"h5py: {name}")
        expect(f["loss"].dtype == "<f8" and f["seed"].dtype == "<u8" and f["status"].dtype == "i1", "h5py: types")
        expect(list(f["weight_gradient_norm"].dims[2].keys()) == ["layer"], "h5py: scale of layer")
        expect(f["loss"].maxshape[0] is None, "h5py: run is unlimited")
        expect(f["loss"].fletcher32 and f["loss"].shuffle and f["loss"].compression == "gzip", "h5py: filters")
        width = f["activation"].shape[1]
        names = [b.decode() for b in f["activation"][...].view(f"S{width}")[:, 0]]
        expect(names == want["activation"], "h5py: activation")
        expect(f.attrs["Conventions"] in (b"CF-1.10", "CF-1.10"), "h5py: Conventions")
        expect("provenance" in f and "host" in f["provenance"].attrs, "h5py: provenance")
        seconds = f["provenance/seconds"][...]
        expect((seconds[:-1] == 0.25 * np.arange(len(seconds) - 1)).all() and np.isnan(seconds[-1]), "h5py: seconds")


def check_grid(ds):
    axes = ["activation", "depth", "learning_rate", "seed"]
    grid = ds.set_index(run=axes).unstack("run")
    expect(dict(grid["loss"].sizes) == {"checkpoint": 4, "activation": 3, "depth": 2, "learning_rate": 4, "seed": 5},
           f"xarray: grid {dict(grid['loss'].sizes)}")
    value = grid["loss"].sel(activation="tanh", depth=2, learning_rate=0.1, seed=3, checkpoint=10)
    row = ((1 * 2 + 1) * 4 + 2) * 5 + 3
    expect(float(value) == row + 0.01, f"xarray: the cell of the grid is {float(value)}")


def check_xarray(path, np, want):
    xr = load("xarray")
    if not xr:
        return
    for engine, module in (("netcdf4", "netCDF4"), ("h5netcdf", "h5netcdf")):
        if not load(module):
            continue
        with xr.open_dataset(path, engine=engine) as ds:
            for name in ("loss", "weight_gradient_norm", "final_loss", "depth", "learning_rate", "seed", "status",
                         "g_histogram", "weight_values"):
                expect(same(np, ds[name].values, want[name]), f"xarray {engine}: {name}")
            edges = np.array([0.0] + [4.0 ** (k - 56) for k in range(1, 64)] + [np.inf])
            expect(ds["g_histogram"].dims == ("run", "checkpoint", "layer", "bin"), f"xarray {engine}: dims of a histogram")
            expect({"magnitude_bin_lower", "magnitude_bin_upper"} <= set(ds["g_histogram"].coords), f"xarray {engine}: bins")
            expect(same(np, ds["magnitude_bin_lower"].values, edges[:-1]) and
                   same(np, ds["magnitude_bin_upper"].values, edges[1:]), f"xarray {engine}: edges of magnitudes")
            edges = np.array([-np.inf] + [-8 + k / 4 for k in range(1, 64)] + [np.inf])
            expect(same(np, ds["value_bin_lower"].values, edges[:-1]) and
                   same(np, ds["value_bin_upper"].values, edges[1:]), f"xarray {engine}: edges of values")
            expect(list(ds["bin"].values) == list(range(64)) and list(ds["singular_value"].values) == [1, 2, 3],
                   f"xarray {engine}: inner coordinates")
            expect([str(a) for a in ds["activation"].values] == want["activation"], f"xarray {engine}: activation")
            expect([str(m) for m in ds["message"].values[:4]] == ["", "", "d\u00e9j\u00e0", ""], f"xarray {engine}: UTF-8")
            expect(list(ds["checkpoint"].values) == STEPS and list(ds["layer"].values) == [1, 2, 3],
                   f"xarray {engine}: coordinates")
            expect(list(ds["run"].values) == list(range(RUNS)), f"xarray {engine}: run")
            expect({"activation", "depth", "learning_rate", "seed"} <= set(ds.coords), f"xarray {engine}: coords")
            expect(ds["loss"].attrs["units"] == "1" and "comment" in ds["loss"].attrs, f"xarray {engine}: attributes")
            expect(ds.attrs["config"] == "depth: [1, 2]\n# \u00e9\n" and ds.attrs["question"] == "",
                   f"xarray {engine}: root attributes {ds.attrs}")
            expect(ds["status"].attrs["flag_meanings"].split()[:2] == ["pending", "done"], f"xarray {engine}: meanings")
            masks = ds["conditions"].attrs
            expect(list(masks["flag_masks"]) == [2, 4] and masks["flag_meanings"] == "diverged dead",
                   f"xarray {engine}: flag_masks")
            expect(ds.attrs["notes"] == "in the variable notes_text" and str(ds["notes_text"].values) == "n" * 70000,
                   f"xarray {engine}: a long attribute")
            expect(ds["status"].dtype == np.int8, f"xarray {engine}: status stays a byte")
            check_grid(ds.load())


def check_netcdf4(path, np, want):
    netcdf4 = load("netCDF4")
    if not netcdf4:
        return
    with netcdf4.Dataset(path) as f:
        f.set_auto_mask(False)
        expect(f.dimensions["run"].isunlimited() and len(f.dimensions["layer"]) == 3, "netCDF4: dimensions")
        expect(list(f.dimensions)[:4] == ["run", "checkpoint", "layer", "string"], "netCDF4: order of dimensions")
        for name in ("loss", "weight_gradient_norm", "depth"):
            expect(same(np, f[name][:], want[name]), f"netCDF4: {name}")
        expect(list(f["activation"][:]) == want["activation"], "netCDF4: activation")
        f["message"].set_auto_chartostring(False)  # netCDF4-python 1.6 cannot split texts that are not ASCII
        expect(f["message"][2].tobytes().rstrip(b"\0").decode() == "d\u00e9j\u00e0", "netCDF4: UTF-8")
        expect(f["weight_gradient_norm"].dimensions == ("run", "checkpoint", "layer"), "netCDF4: dimensions of a variable")
    copy = path + ".append.h5"
    shutil.copy(path, copy)
    with netcdf4.Dataset(copy, "a") as f:
        f.comment = "appended"
        f["depth"][RUNS] = 99
        extra = f.createVariable("extra", "f8", ("run",))
        extra[3] = 2.5
    with netcdf4.Dataset(copy) as f:
        expect(f.comment == "appended" and f["depth"][RUNS] == 99 and f["extra"][3] == 2.5, "netCDF4: appending")
        expect(same(np, f["loss"][:RUNS], want["loss"]), "netCDF4: values after appending")
    os.unlink(copy)


def check_tools(path):
    for tool, flag, words in (("ncdump", "-h", ["run = UNLIMITED ; // (120 currently)", "loss(run, checkpoint)",
                                                "char activation(run, string)", "group: provenance"]),
                              ("ncdump", "-k", ["netCDF-4"]),
                              ("h5dump", "-H", ['DATASET "weight_gradient_norm"', "H5T_IEEE_F64LE"])):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not here")
            continue
        done = subprocess.run([tool, flag, path], capture_output=True, text=True)
        expect(done.returncode == 0 and not done.stderr, f"{tool} {flag}: {done.returncode} {done.stderr}")
        for word in words:
            expect(word in done.stdout, f"{tool} {flag} does not show {word}")
    if shutil.which("ncdump"):  # all values, through netCDF-C's text conversion
        done = subprocess.run(["ncdump", "-v", "activation,status,loss", path], capture_output=True, text=True)
        expect(done.returncode == 0 and "sigmoid" in done.stdout, "ncdump -v")


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="gradpath-interop-") as folder:
        path = os.path.join(folder, "sample.h5")
        subprocess.run([sys.argv[1], path], check=True)
        os.unlink(path + ".journal")
        check_tools(path)
        np = load("numpy")
        if np:
            want = expected(np)
            check_h5py(path, np, want)
            check_xarray(path, np, want)
            check_netcdf4(path, np, want)
    print("the result file reads well" if not failures else f"{len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
