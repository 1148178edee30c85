// Weights of an ONNX file that are in other files, which were chosen or dropped together with it.

/** A range of a file, as an ONNX file names it: by its path from the folder of the model. */
interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length?: number | undefined;
}

/** A file that was given, with its path. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}

/**
 * Returns a reader of the weights of the model at `path`. A file is found by its path, or by its name if folders were
 * not given. The reader adds the paths of what it reads to `used`, and throws a sentence for a file that was not given.
 */
export function weightReader(path: string, given: readonly GivenFile[], used: Set<string>) {
  return async ({ location, offset, length }: Place): Promise<Uint8Array> => {
    const found = findFile(path, location, given);
    if (!found) {
      const name = nameOf(path);
      throw new Error(
        `${path}: its weights are in another file, ${location}: choose ${name} and ${nameOf(location)} together`,
      );
    }
    used.add(found.path);
    const { size } = found.file;
    const end = length === undefined ? size : offset + length;
    if (end > size || offset > end) {
      throw new Error(
        `${path}: its weights go to byte ${end} of ${found.path}, which has ${size} bytes`,
      );
    }
    return new Uint8Array(await found.file.slice(offset, end).arrayBuffer());
  };
}

function findFile(path: string, location: string, given: readonly GivenFile[]) {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const inside = location.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const others = given.filter((one) => one.path !== path);
  const [exact] = others.filter((one) => one.path === folder + inside);
  const named = others.filter((one) => one.path === nameOf(inside));
  return exact ?? (named.length === 1 ? named[0] : undefined);
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
