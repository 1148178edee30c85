// What dropped files are, by their names and folders.

/** A file with its path as it was dropped. */
export interface NamedFile {
  readonly path: string;
  readonly file: Blob;
}

export interface SortedFiles {
  readonly images: readonly NamedFile[];
  readonly labels: readonly NamedFile[];
  readonly checkpoints: readonly NamedFile[];
  readonly projects: readonly NamedFile[];
  /** classes.json: what the labels' values or colours mean. */
  readonly classLists: readonly NamedFile[];
  /** Files of no kind that is known here. */
  readonly others: readonly NamedFile[];
}

const LABEL_FOLDER = /^(labels?|masks?|annotations?|ground.?truth|gt)$/i;
const LABEL_NAME = /[-_. ](labels?|masks?|gt|seg|annotation)$/i;
const PICTURE = /\.(png|tiff?|jpe?g|webp|bmp|gif|avif)$/i;
/** Results of `micrograph predict` beside a mask: no images to train on. */
const RESULT = /-(probability(-\d+)?|components|outlines|overlay|colours)\.png$/;

export function sortFiles(files: readonly NamedFile[]): SortedFiles {
  const sorted = {
    images: [] as NamedFile[],
    labels: [] as NamedFile[],
    checkpoints: [] as NamedFile[],
    projects: [] as NamedFile[],
    classLists: [] as NamedFile[],
    others: [] as NamedFile[],
  };
  for (const file of files) {
    if (file.path.split("/").some((part) => part.startsWith("."))) continue;
    sorted[kindOf(file.path)].push(file);
  }
  return sorted;
}

function kindOf(path: string): keyof SortedFiles {
  if (path.endsWith(".safetensors")) return "checkpoints";
  if (path.endsWith(".zip")) return "projects";
  if (/(^|\/)classes\.json$/.test(path)) return "classLists";
  if (!PICTURE.test(path) || RESULT.test(path)) return "others";
  const folders = path.split("/").slice(0, -1);
  const isLabel =
    folders.some((folder) => LABEL_FOLDER.test(folder)) || LABEL_NAME.test(stemOf(path));
  return isLabel ? "labels" : "images";
}

/** The file's name without folders and its last extension. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The stem of the image that a label's stem belongs to: `cell-1_mask` to `cell-1`. */
export function imageStem(labelStem: string): string {
  return labelStem.replace(LABEL_NAME, "");
}

/** What a page's name has behind the file's, as on the command line: "-07". */
export function pageSuffix(page: number, pages: number): string {
  return pages === 1 ? "" : `-${String(page).padStart(String(pages - 1).length, "0")}`;
}
