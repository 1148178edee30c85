// Derives from file and folder names which files are images or labels, and which belong together.
// Paths here are relative, with "/" between their parts, on every system.

/** Names of files to read; their first bytes decide what they are. */
const IMAGE_EXTENSION = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif|zarr)$/i;

/** Words that mark a label at the end of a file name (cell1_mask, cell1-GT) or of a folder name. */
const LABEL_WORDS =
  "(?:cp[-_ ]?)?masks?|(?:instance|semantic|binary)[-_ ]?masks?|labels?|lbls?|labell?ed|" +
  "label[-_ ]?(?:map|image|img)s?|segs?|(?:simple[-_ ])?segmentations?|segmented|" +
  "object[-_ ]identities|gts?|ground[-_ ]?truths?|annotations?|annot|anno";
/**
 * The same at the beginning: fewer words, since image names begin with more words than they end
 * with.
 */
const LABEL_PREFIXES =
  "masks?|labels?|lbls?|segs?|segmentations?|gt|ground[-_ ]?truth|annotations?";
const IMAGE_WORDS = "images?|imgs?|raw|originals?|orig|inputs?";
const IMAGE_PREFIXES = "images?|imgs?|im|raw|inputs?";

const ends = (words: string) => new RegExp(`(?:^|[-_. ]+)(?:${words})$`, "i");
/** "label-free" is a kind of microscopy, not a label. */
const begins = (words: string) =>
  new RegExp(`^(?:${words})(?![-_ ]?free)(?:[-_. ]+|(?=\\d)|$)`, "i");
const LABEL_END = ends(LABEL_WORDS);
const LABEL_START = begins(LABEL_PREFIXES);
const IMAGE_END = ends(IMAGE_WORDS);
const IMAGE_START = begins(IMAGE_PREFIXES);

/** Returns the last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Returns the folders of a path. */
export function foldersOf(path: string): string[] {
  return path.split("/").slice(0, -1);
}

/** Whether this is the name of an image file of a supported format. */
export function isImageName(path: string): boolean {
  return IMAGE_EXTENSION.test(path);
}

/** Whether the name is one of a file of outlines: a ROI set of Fiji, or GeoJSON. */
export function isOutlineName(path: string): boolean {
  return /\.(zip|roi|geojson)$/i.test(path);
}

/** Returns the stem of a label file; of outlines without the words that mark them (cell1_RoiSet.zip). */
export function labelStemOf(path: string): string {
  const stem = stemOf(path);
  return isOutlineName(path)
    ? stem.replace(/(?<=.)[-_. ]+(roi[-_ ]?sets?|rois?|outlines?)$/i, "")
    : stem;
}

/** Hidden files, and files that Windows and macOS leave in folders. */
export function isHiddenName(path: string): boolean {
  const name = baseName(path);
  return name.startsWith(".") || /^(thumbs\.db|desktop\.ini|icon\r|__macosx)$/i.test(name);
}

/**
 * Returns the file's name without its folders and its last extension; `.ome.tif` is one extension.
 */
export function stemOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return name;
  return name.slice(0, dot).replace(IMAGE_EXTENSION.test(name) ? /(?<=.)\.ome$/i : /$^/, "");
}

/** Composes letters: macOS may write "ä" as two characters. */
const composed = (text: string) => text.normalize("NFC");

/**
 * Returns the same string for names that a case-insensitive file system, or one that normalises
 * Unicode, treats as equal.
 */
export function foldName(text: string): string {
  return composed(composed(text).toLowerCase());
}

/** Removes words from both ends, and the extension of an image before a word (a.tif_mask). */
function without(stem: string, patterns: readonly RegExp[]): string {
  let rest = stem.replace(IMAGE_EXTENSION, "").replace(/(?<=.)\.ome$/i, "");
  for (let before = ""; before !== rest; ) {
    before = rest;
    for (const pattern of patterns) rest = rest.replace(pattern, "");
    rest = rest.replace(IMAGE_EXTENSION, "");
  }
  return rest;
}

/** Whether a stem has a word that marks a label. */
export function hasLabelWord(stem: string): boolean {
  return LABEL_END.test(stem) || LABEL_START.test(stem);
}

const LABEL = [LABEL_END, LABEL_START];
const IMAGE = [IMAGE_END, IMAGE_START];
const unpadded = (text: string) =>
  text.replace(/0+(?=\d)/g, (zeros, at: number) => (/\d/.test(text[at - 1] ?? "") ? zeros : ""));

/** One way to compare names: an image and a label with equal keys belong together. */
export interface NameRule {
  image(stem: string): string;
  label(stem: string): string;
  /** Whether it is an error if two files match the same one; otherwise they stay unpaired. */
  readonly strict: boolean;
  /** Describes pairs found by this rule; undefined if the names are practically equal. */
  readonly remark?: string | undefined;
}

const same = (key: (stem: string) => string) => ({ image: key, label: key });

/** From the strictest on: files paired by a rule are not considered by later ones. */
export const NAME_RULES: readonly NameRule[] = [
  { ...same((stem) => stem), strict: true },
  { ...same(composed), strict: true },
  { ...same(foldName), strict: true },
  ...[[LABEL_END], [LABEL_START], LABEL].map((patterns) => ({
    image: (stem: string) => foldName(without(stem, [])),
    label: (stem: string) => foldName(without(stem, patterns)),
    strict: true,
    remark: "without the word that marks a label",
  })),
  {
    image: (stem) => foldName(without(stem, IMAGE)),
    label: (stem) => foldName(without(stem, [...LABEL, ...IMAGE])),
    strict: true,
    remark: "without the words that mark images and labels",
  },
  {
    image: (stem) => unpadded(foldName(without(stem, IMAGE))),
    label: (stem) => unpadded(foldName(without(stem, [...LABEL, ...IMAGE]))),
    strict: false,
    remark: "by their numbers, which have different leading zeros",
  },
];

/** What a file is in a data set. */
export type FileRole = "image" | "label";

/** Words in a folder's name that do not distinguish sets: raw_data next to labels. */
const NEUTRAL = /^(data|files?|folder|dir|png|tiff?|jpe?g|\d+[-_ ]?bit)$/i;
const folderPattern = (words: string) =>
  new RegExp(`^(?:(.+)[-_. ])?(?:${words})(?:[-_. ](.+)|(tr|ts|val))?$`, "i");
const IMAGE_FOLDER = folderPattern(`${IMAGE_WORDS}|pictures?`);
const LABEL_FOLDER = folderPattern(`${LABEL_WORDS}|targets?`);

/**
 * Returns the role of the files in a folder according to its name, and the rest of the name:
 * "train" for train_masks, "Tr" for imagesTr. Undefined for a name without a role.
 */
export function folderRole(name: string): { role: FileRole; rest: string } | undefined {
  const label = LABEL_FOLDER.exec(name);
  const found = label ?? IMAGE_FOLDER.exec(name);
  if (!found) return undefined;
  const parts = found.slice(1).filter((part) => part !== undefined && !NEUTRAL.test(part));
  return { role: label ? "label" : "image", rest: parts.join("-") };
}

/**
 * Returns what the folders of a path say: the role of the nearest folder that has one, and the set.
 */
export function placeOf(path: string): { role: FileRole | undefined; group: string } {
  const folders = foldersOf(path);
  for (let i = folders.length - 1; i >= 0; i--) {
    const found = folderRole(folders[i]);
    if (!found) continue;
    const rest = found.rest === "" ? [] : [found.rest];
    const group = [...folders.slice(0, i), ...rest, ...folders.slice(i + 1)].join("/");
    return { role: found.role, group };
  }
  return { role: undefined, group: folders.join("/") };
}

/** Names that Windows reserves for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)/i;

/** Returns why Windows would not accept a name for a file or folder; undefined if it would. */
export function windowsProblem(name: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows takes no control characters.
  const odd = /[<>:"/\\|?*\u0000-\u001f]/.exec(name);
  if (odd) return `it contains ${JSON.stringify(odd[0])}`;
  if (DEVICE.test(name)) return "Windows reserves this name for a device";
  if (/[. ]$/.test(name) && name !== "." && name !== "..") return "it ends in a dot or a space";
  return undefined;
}

/** Converts a text to a file name that every system accepts. */
export function safeFileName(text: string): string {
  const name = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no system shows them in names.
    .replace(/[<>:"/\\|?*\u0000-\u001f]+/g, "-")
    .replace(/[. ]+$/, "");
  return DEVICE.test(name) ? `_${name}` : name;
}
