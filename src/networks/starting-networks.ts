// The small networks that come with the package, to start from: trained by this engine on drawn images only.

/** What is known of a network that comes with the package. */
export interface StartingNetwork {
  /** What it finds, in a few words. */
  readonly words: string;
  /** The names of its classes, in the order of their indices. */
  readonly classNames: readonly string[];
  /** Size of its file in bytes. */
  readonly bytes: number;
  /** SHA-256 of its file, hexadecimal. */
  readonly sha256: string;
}

/** The name of a network that comes with the package. */
export type StartingName = "membranes" | "nuclei" | "mitochondria";

/** The networks that come with the package, by name. `npm run starts` makes them. */
export const STARTING_NETWORKS: Readonly<Record<StartingName, StartingNetwork>> = {
  membranes: {
    words: "dark membranes between cells, as in electron micrographs",
    classNames: ["membrane", "cell"],
    bytes: 251_388,
    sha256: "9ca694e56b6bf3e8c6479614897bec1ba2abf1f2ac2c9a68dd9dcde727f90a13",
  },
  nuclei: {
    words: "nuclei that touch, as in fluorescence microscopy",
    classNames: ["background", "nucleus"],
    bytes: 251_572,
    sha256: "daf00aadf716d390539593d2dd7ece31d296780e97bd22f3b6d51497778211e2",
  },
  mitochondria: {
    words: "membranes, cells and their mitochondria, as in electron micrographs",
    classNames: ["membrane", "cell", "mitochondrion"],
    bytes: 251_430,
    sha256: "521bc2c21b486ccaaf940c2b6b1a99608b22dbacdf06cd427ddb9d5414d077c3",
  },
};
