# Reads the files of a list by tifffile, or by Pillow where tifffile lacks a codec, and compares their numbers with
# those that Micrograph found (test/against/tifffile.ts).
import json, logging, os, subprocess, sys, tempfile, warnings

del sys.path[0]  # this file has the name of the package
import numpy as np
import tifffile

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
KINDS = {f"{n}Array": d for n, d in [("Uint8", "u1"), ("Uint16", "u2"), ("Uint32", "u4"), ("Int8", "i1"),
                                      ("Int16", "i2"), ("Int32", "i4"), ("Float32", "f4")]}
counts = {"ok": 0, "BAD": 0, "refused": 0, "no reference": 0}


def load(stored, shape):
    return np.fromfile(stored["file"], KINDS[stored["kind"]]).reshape(shape)


def turned(a, orientation):
    """Planes as displayed."""
    if orientation in (2, 3): a = a[..., ::-1]
    if orientation in (3, 4): a = a[..., ::-1, :]
    if orientation >= 5: a = np.swapaxes(a, -1, -2)
    if orientation in (6, 7): a = a[..., ::-1]
    if orientation in (7, 8): a = a[..., ::-1, :]
    return a


def expected(tif):
    """Arrays [channels][height][width], each with the page whose tags hold for it."""
    images = []
    for page in tif.pages:
        for tag in page.tags: tag.value  # read while the file is open
    kinds = {series.kind for series in tif.series}
    if kinds <= {"generic", "uniform", "plain"}:
        # Its series put pages of a size together.
        for page in tif.pages:
            if int(page.subfiletype or 0) & 5: continue
            a = page.asarray()
            if a.ndim == 3 and int(page.planarconfig or 1) == 1: a = np.moveaxis(a, -1, 0)
            images.append((a.reshape((-1,) + a.shape[-2:]), page))
        return images
    for series in tif.series:
        page = next(p for p in series.pages if p is not None)
        if int(page.subfiletype or 0) & 5: continue  # smaller copies and masks
        a = series.asarray()
        axes = series.axes
        # What says that pages are channels: the formats of ImageJ and OME, and axes that a user named.
        named = series.kind in ("imagej", "ome") or (series.kind == "shaped" and "axes" in str(page.description))
        channels = [i for i, x in enumerate(axes) if x == "S" or (x == "C" and named)]
        y, x = axes.index("Y"), axes.index("X")
        rest = [i for i in range(a.ndim) if i not in channels + [y, x]]
        a = a.transpose(rest + channels + [y, x])
        count = int(np.prod([a.shape[i] for i in range(len(rest))], dtype=int))
        a = a.reshape((count, -1) + a.shape[-2:])
        images += [(plane, page) for plane in a]
    return images


def by_pillow(path):
    from PIL import Image, ImageSequence
    image = Image.open(path)
    found = []
    with tifffile.TiffFile(path) as tif:
        for frame, page in zip(ImageSequence.Iterator(image), tif.pages):
            a = np.asarray(frame)
            if a.dtype == bool: a = a.astype("u1")
            found.append((np.moveaxis(np.atleast_3d(a), -1, 0), page))
    return found


def by_tifffile(path):
    with tifffile.TiffFile(path) as tif:
        return expected(tif)


def by_libtiff(path):
    """What libtiff's tool decompresses, then by tifffile."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "x.tif")
        subprocess.run(["tiffcp", "-c", "none", path, copy], check=True, capture_output=True)
        return by_tifffile(copy)


def differ(image, planes, page, by):
    """What is different, or None."""
    photometric = getattr(page.photometric, "name", "MINISBLACK")
    bits = page.bitspersample
    bits = bits if isinstance(bits, int) else bits[0]
    orientation = int(page.tags[274].value) if 274 in page.tags else 1
    extra = tuple(int(e) for e in page.extrasamples)
    if planes.dtype == bool: planes = planes.astype("u1")
    if by != "Pillow": planes = turned(planes, orientation)
    elif len(planes) >= 3 and bits > 8: raise ValueError("Pillow reads 8 bits of colour")
    height, width = planes.shape[-2:]
    if (image["height"], image["width"]) != (height, width):
        return f"{image['width']}x{image['height']}, expected {width}x{height}"
    ours = load(image["data"], (-1, height, width))
    if image["channels"] != len(ours): return f"{len(ours)} planes of {image['channels']} channels"
    if len(planes) > 1 and photometric != "PALETTE" or extra:
        first = len(planes) - len(extra)
        isalpha = [i >= first and extra[i - first] in (1, 2) for i in range(len(planes))]
        alpha = [p for p, a in zip(planes, isalpha) if a]
        planes = np.stack([p for p, a in zip(planes, isalpha) if not a])
        if alpha and not (load(image["alpha"], (height, width)) == alpha[0]).all(): return "alpha"
    if photometric == "PALETTE" and "indices" in image and by != "Pillow":
        if not (load(image["indices"], (height, width)) == planes[0]).all(): return "indices"
        colours = page.colormap if (page.colormap < 256).all() else page.colormap >> 8
        planes = colours[:, planes[0]][: len(ours)]
    elif photometric == "PALETTE" and "indices" in image:
        if not (load(image["indices"], (height, width)) == planes[0]).all(): return "indices"
        return None
    if photometric == "MINISWHITE" and planes.dtype.kind == "u" and by != "Pillow":
        planes = (2 ** bits - 1) - planes
    if ours.shape != planes.shape: return f"shape {ours.shape}, expected {planes.shape}"
    if ours.dtype.kind == "f": planes = planes.astype("f4")
    elif ours.dtype.kind != planes.dtype.kind and by != "Pillow": return f"{ours.dtype}, expected {planes.dtype}"
    if ours.dtype.kind != "f": ours, planes = ours.astype("i8"), planes.astype("i8")
    if by == "Pillow" and bits < 8 and planes.max(initial=0) > ours.max(initial=0):
        planes = planes * ours.max() // max(1, planes.max())
    tolerance = 2 if page.compression == 7 else 0
    same = (abs(ours.astype("f8") - planes) <= tolerance) | ((ours != ours) & (planes != planes))
    if not same.all():
        at = tuple(np.argwhere(~same)[0])
        return f"{(~same).sum()} of {same.size} numbers, first at {at}: {ours[at]}, expected {planes[at]}"
    return None


def judge(row):
    path = row["file"]
    try:
        with tifffile.TiffFile(path) as tif:
            p = tif.pages[0]
            named = [getattr(tag, "name", tag) for tag in (p.photometric, p.compression)]
            info = (f"{p.shape} {p.dtype} {named[0]} {named[1]} "
                    f"bits {p.bitspersample} planar {int(p.planarconfig or 1)} predictor {int(p.predictor or 1)} {tif.byteorder} {len(tif.pages)} pages")
    except Exception as e:
        info = f"tifffile: {e!r}"[:100]
    if "error" in row:
        return "refused", info, row["error"][len(path) + 2:]
    reasons = []
    for by, read in (("tifffile", by_tifffile), ("libtiff", by_libtiff), ("Pillow", by_pillow)):
        try:
            images = read(path)
        except Exception as e:
            reasons.append(f"{by}: {e!r}"[:120])
            continue
        if len(images) != row["count"]:
            # Levels of pyramids and thumbnails are series of their own for tifffile.
            if len(images) < row["count"] or not row["remarks"]:
                return "BAD", info, f"{row['count']} pages, {by} has {len(images)}"
        for i, image in enumerate(row["pages"]):
            planes, page = images[i]
            what = differ(image, planes, page, by)
            if what and by == "Pillow" and reasons: what += f" ({'; '.join(reasons)})"
            if what: return "BAD", info, f"page {i}, by {by}: {what}"
        return "ok", f"{info} by {by}", "; ".join(row["remarks"])
    return "no reference", info, "; ".join(reasons)


for row in json.load(open(sys.argv[1])):
    try: verdict, info, what = judge(row)
    except Exception as e: verdict, info, what = "no reference", "", f"{e!r}"
    counts[verdict] += 1
    slow = f" | {row['seconds']:.1f} s" if row["seconds"] > 2 else ""
    print(f"{verdict:8} {row['file']} | {info} | {what}{slow}")
print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
sys.exit(1 if counts["BAD"] else 0)
