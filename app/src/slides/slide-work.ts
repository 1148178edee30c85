// Opens a slide and reads, draws and segments its squares, in a Worker of its own.

import {
  createPredictor,
  type Device,
  indexedDbStorage,
  loadAvoided,
  type Predictor,
  predictChunks,
  type RawImage,
  requestDevice,
} from "../../../src/index.js";
import {
  type ChunkedSource,
  cachedSource,
  chunkGrid,
  chunkStatistics,
  type Normalisation,
  openSlide,
  type Slide,
} from "../../../src/slides.js";
import { contrastRanges, imageLayer, type Range } from "../canvas/layers.js";
import { decodeNetwork } from "../networks/decode-network.js";
import { fileStore } from "./file-store.js";
import {
  type PlaneChoice,
  type PredictedSquare,
  type SeenSquare,
  SIDE,
  type SlideFacts,
  type SlidePlace,
  type SquarePlace,
} from "./messages.js";

/** Bytes of decoded chunks that are kept of a level, and the number of levels of which some are kept. */
const CACHE = { bytes: 2 ** 26, levels: 2 };

/** Pixels of the smallest level up to which all of it is read for contrast and normalisation, else its middle. */
const OVERVIEW = 2 ** 22;

interface Work {
  readonly signal?: AbortSignal | undefined;
}

/** The GPU, without the kernels that were found to be wrong on it. */
async function openGpu(): Promise<Device> {
  const device = await requestDevice();
  await loadAvoided(device, indexedDbStorage("micrograph", undefined, "doctor"));
  return device;
}

export function createSlideWork(open: () => Promise<Device> = openGpu) {
  let opened: Slide | undefined;
  /** By level and plane, the least recently used first. */
  const sources = new Map<string, Promise<ChunkedSource>>();
  let overview: { readonly of: string; readonly image: Promise<Overview> } | undefined;
  let device: Promise<Device> | undefined;
  let network: { readonly key: string; readonly predictor: Promise<Predictor> } | undefined;

  const slide = (): Slide => {
    if (!opened) throw new Error("no slide is open");
    return opened;
  };
  const sourceOf = (level: number, plane: PlaneChoice): Promise<ChunkedSource> => {
    const key = JSON.stringify([level, plane]);
    const source =
      sources.get(key) ??
      slide()
        .chunks({ ...plane, level })
        .then((chunks) => cachedSource(chunks, { bytes: CACHE.bytes }));
    sources.delete(key);
    sources.set(key, source);
    source.catch(() => sources.delete(key));
    for (const oldest of sources.keys()) {
      if (sources.size > CACHE.levels) sources.delete(oldest);
    }
    return source;
  };
  const overviewOf = (plane: PlaneChoice): Promise<Overview> => {
    const of = JSON.stringify(plane);
    if (overview?.of !== of) {
      const image = sourceOf(slide().levels.length - 1, plane).then(readOverview);
      overview = { of, image };
      image.catch(() => {
        if (overview?.image === image) overview = undefined;
      });
    }
    return overview.image;
  };
  const gpu = async () => {
    device ??= open();
    device.catch(() => {
      device = undefined;
    });
    const ready = await device;
    await ready.renew();
    return ready;
  };

  return {
    /** Opens a slide; another one that was open is closed. */
    async open(place: SlidePlace): Promise<SlideFacts> {
      sources.clear();
      overview = undefined;
      opened = undefined;
      const found = await openPlace(place);
      opened = found;
      const { name, levels, channelNames, sizeZ, sizeT, pixelSize, remarks } = found;
      return { name, levels, channelNames, sizeZ, sizeT, pixelSize, remarks };
    },
    /** A square in the colours of the screen. `contrast`: shares of the slide's range, black and white. */
    async draw({ plane, level, index }: SquarePlace, contrast: Range): Promise<SeenSquare> {
      const source = await sourceOf(level, plane);
      const { width, height, ...area } = chunkGrid(source, SIDE).area(index);
      const { raw } = await overviewOf(plane);
      const data = await source.read({ ...area, width, height });
      const image = { width, height, channels: source.channels, maximum: source.maximum, data };
      const layer = imageLayer(image as RawImage, contrastRanges(raw, contrast));
      return { width, height, pixels: layer({ x: 0, y: 0, width, height }) };
    },
    /** Prepares a network, the bytes of its checkpoint, for `predict`. */
    async prepare(key: string, checkpoint: Uint8Array): Promise<{ readonly channels: number }> {
      if (network?.key !== key) {
        await network?.predictor.then(
          (before) => before.close(),
          () => {},
        );
        const predictor = gpu().then(async (device) =>
          createPredictor(device, await decodeNetwork(checkpoint, "checkpoint")),
        );
        network = { key, predictor };
        predictor.catch(() => {
          if (network?.predictor === predictor) network = undefined;
        });
      }
      return { channels: (await network.predictor).channels };
    },
    /** The probabilities of a square, by the network that was prepared: those of the whole slide. */
    async predict(
      { plane, level, index }: SquarePlace,
      { signal }: Work,
    ): Promise<PredictedSquare> {
      if (!network) throw new Error("no network was prepared");
      const predictor = await network.predictor;
      const { name, channelNames } = slide();
      if (predictor.channels !== plane.channels.length) {
        throw new Error(
          `${name} has ${channelNames.length} channels, the network reads ${predictor.channels}: choose as many`,
        );
      }
      const source = await sourceOf(level, plane);
      const { normalisation: own } = predictor;
      const normalisation = own.kind === "image" ? (await overviewOf(plane)).normalisation : own;
      const grid = chunkGrid(source, SIDE);
      const { width, height } = grid.area(index);
      let probabilities = new Float32Array();
      await predictChunks(
        predictor,
        { name, source, grid, todo: [index], normalisation, signal },
        {
          encode: (planes) => planes.slice(),
          async write(_index, _area, planes) {
            probabilities = planes;
          },
        },
      );
      return { width, height, classes: predictor.classes, probabilities };
    },
  };
}

export type SlideWork = ReturnType<typeof createSlideWork>;

async function openPlace(place: SlidePlace): Promise<Slide> {
  if ("url" in place) return openAddress(place.url);
  if ("file" in place) return openSlide(place.file, place.name);
  return openSlide(fileStore(place.files), place.name);
}

/** Browsers do not tell a page why it may not read from another host. */
async function openAddress(url: string): Promise<Slide> {
  try {
    return await openSlide(url);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!text.includes("cannot be reached")) throw error;
    throw new Error(
      `${text}. If the address is right, its server must allow other pages to read from it (CORS), ` +
        "and a page with https reads only from https.",
    );
  }
}

/** The smallest level, or the middle of it: for contrast and, if each image has its own, normalisation. */
interface Overview {
  readonly raw: RawImage;
  readonly normalisation: Normalisation;
}

async function readOverview({ chunks, read }: ChunkedSource): Promise<Overview> {
  const { width, height, channels, maximum } = chunks;
  const share = Math.min(1, Math.sqrt(OVERVIEW / (width * height)));
  const size = { width: Math.ceil(share * width), height: Math.ceil(share * height) };
  const x = Math.floor((width - size.width) / 2);
  const y = Math.floor((height - size.height) / 2);
  const data = await read({ x, y, ...size });
  const normalisation = await chunkStatistics({
    ...chunks,
    ...size,
    chunk: size,
    readChunk: async () => data,
  });
  return { raw: { ...size, channels, maximum, data } as RawImage, normalisation };
}
