// Finds cells with the Worker: one request at a time, the newest first. The Worker keeps images that are
// needed.

import type { ObjectKind, Prediction, RawImage } from "../../../src/index.js";
import type { OutputFile } from "../outputs/pictures.js";
import type { CellFilter } from "../state/cell-settings.js";
import type { CellFileKey } from "./cell-files.js";
import type { CellSummary, FoundCells } from "./found-cells.js";
import { type CellPlanes, cellPlanes } from "./planes.js";
import type { EditGesture, ProposedEdit } from "./proposed-edit.js";
import type { CellFilesOf, CellOptions, CellWork } from "./work.js";

/** The cells of one image. */
export interface CellRequest {
  readonly name: string;
  readonly raw: RawImage;
  readonly prediction: Prediction;
  readonly cellClass?: number | undefined;
  readonly kind?: ObjectKind | undefined;
  readonly options: CellOptions;
}

export interface CellFinder {
  /** Undefined if a newer request came before it was begun: a slider asks more often than there are answers. */
  find(request: CellRequest): Promise<FoundCells | undefined>;
  /** The edit of the cells that a gesture asks for. */
  propose(request: CellRequest, gesture: EditGesture): Promise<ProposedEdit>;
  /** The figures of images, one after the other; replaces an earlier request. */
  summarise(
    requests: readonly CellRequest[],
    filter: CellFilter,
    onSummary: (name: string, summary: CellSummary) => void,
  ): Promise<void>;
  /** Files of the cells of one image. */
  files(
    request: CellRequest,
    of: CellFilesOf,
    keys: readonly CellFileKey[],
  ): Promise<readonly OutputFile[]>;
  /** One table of the cells of several images; `onImage` is called before each, and may throw to cancel it. */
  table(
    requests: readonly (readonly [CellRequest, CellFilesOf])[],
    onImage: (index: number) => void,
  ): Promise<Uint8Array>;
}

/** Pixels of the images that the Worker keeps, at about 12 bytes each. */
const MOST_PIXELS = 2 ** 25;

/** The parts of a request that decide whether a kept image can be used. */
type Source = Pick<CellRequest, "raw" | "prediction" | "cellClass" | "kind">;

interface Wanted {
  readonly request: CellRequest;
  resolve(found: FoundCells | undefined): void;
  reject(error: unknown): void;
}

export function createCellFinder(work: CellWork, mostPixels = MOST_PIXELS): CellFinder {
  /** By name; the last used one is at the end. */
  const kept = new Map<string, Source>();
  let wanted: Wanted | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let summaries = 0;

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const done = turn.then(task);
    turn = done.catch(() => {});
    return done;
  };
  const keep = async ({ name, raw, prediction, cellClass, kind }: CellRequest) => {
    const source = { raw, prediction, cellClass, kind };
    const before = kept.get(name);
    kept.delete(name);
    if (!before || !isSame(before, source)) {
      for (const other of kept.keys()) {
        if (pixelsOf([...kept.values(), source]) <= mostPixels) break;
        kept.delete(other);
        await work.forget(other);
      }
      const planes = cellPlanes(prediction, cellClass, kind);
      await work.keep(name, { raw, planes: cutOut(planes) });
    }
    kept.set(name, source);
  };

  return {
    find(request) {
      return new Promise((resolve, reject) => {
        wanted?.resolve(undefined);
        const own: Wanted = { request, resolve, reject };
        wanted = own;
        void inTurn(async () => {
          if (wanted !== own) return;
          wanted = undefined;
          try {
            await keep(request);
            resolve(await work.find(request.name, request.options));
          } catch (error) {
            reject(error);
          }
        });
      });
    },
    propose: (request, gesture) =>
      inTurn(async () => {
        await keep(request);
        return work.propose(request.name, request.options, gesture);
      }),
    async summarise(requests, filter, onSummary) {
      const own = ++summaries;
      for (const request of requests) {
        const summary = await inTurn(async () => {
          if (own !== summaries) return undefined;
          await keep(request);
          return work.summarise(request.name, request.options, filter);
        });
        if (own !== summaries) return;
        if (summary) onSummary(request.name, summary);
      }
    },
    files: (request, of, keys) =>
      inTurn(async () => {
        await keep(request);
        return work.files(request.name, request.options, of, keys);
      }),
    async table(requests, onImage) {
      for (const [index, [request, of]] of requests.entries()) {
        onImage(index);
        await inTurn(async () => {
          await keep(request);
          await work.tabulate(request.name, request.options, of, index === 0);
        });
      }
      return inTurn(work.takeTable);
    },
  };
}

const isSame = (one: Source, other: Source) =>
  one.raw === other.raw &&
  one.prediction === other.prediction &&
  one.cellClass === other.cellClass &&
  one.kind === other.kind;

const pixelsOf = (sources: readonly Source[]) =>
  sources.reduce((sum, { raw }) => sum + raw.width * raw.height, 0);

/** Arrays up to this many bytes are copied, since a message takes all the memory of which an array is a part. */
const SMALL = 2 ** 22;

/** Copies small planes: a message would take the whole prediction with each of them. */
function cutOut({ plane, inside, ...rest }: CellPlanes): CellPlanes {
  const own = (values: Float32Array) => (values.byteLength <= SMALL ? values.slice() : values);
  return { ...rest, plane: own(plane), ...(inside ? { inside: own(inside) } : {}) };
}
