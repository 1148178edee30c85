// What file and folder names say: which are images or labels, and which two belong together. Paths
// here are relative, with "/" between their parts, on every system.

/** Files that are read; what a file really is, its first bytes say. */
const IMAGE_EXTENSION = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif)$/i;

/** Words that mark a label at the end of a name (cell1_mask, cell1-GT) or of a folder's. */
const LABEL_WORDS =
  "(?:cp[-_ ]?)?masks?|(?:instance|semantic|binary)[-_ ]?masks?|labels?|lbls?|labell?ed|" +
  "label[-_ ]?(?:map|image|img)s?|segs?|(?:simple[-_ ])?segmentations?|segmented|" +
  "object[-_ ]identities|gts?|ground[-_ ]?truths?|annotations?|annot|anno";
/** The same at the beginning: fewer, since names of images begin with more words than they end in. */
const LABEL_PREFIXES =
  "masks?|labels?|lbls?|segs?|segmentations?|gt|ground[-_ ]?truth|annotations?";
const IMAGE_WORDS = "images?|imgs?|raw|originals?|orig|inputs?";
const IMAGE_PREFIXES = "images?|imgs?|im|raw|inputs?";

const ends = (words: string) => new RegExp(`(?:^|[-_. ]+)(?:${words})$`, "i");
/** "label-free" is a way to look at cells, not a label. */
const begins = (words: string) =>
  new RegExp(`^(?:${words})(?![-_ ]?free)(?:[-_. ]+|(?=\\d)|$)`, "i");
const LABEL_END = ends(LABEL_WORDS);
const LABEL_START = begins(LABEL_PREFIXES);
const IMAGE_END = ends(IMAGE_WORDS);
const IMAGE_START = begins(IMAGE_PREFIXES);

/** The path's last part. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folders of a path. */
export function foldersOf(path: string): string[] {
  return path.split("/").slice(0, -1);
}

/** Whether the name is one of an image file that is read here. */
export function isImageName(path: string): boolean {
  return IMAGE_EXTENSION.test(path);
}

/** Hidden files, and those that Windows and macOS leave in folders: nobody means them. */
export function isHiddenName(path: string): boolean {
  const name = baseName(path);
  return name.startsWith(".") || /^(thumbs\.db|desktop\.ini|icon\r|__macosx)$/i.test(name);
}

/** The file's name without its folders and its last extension; `.ome.tif` is one extension. */
export function stemOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return name;
  return name.slice(0, dot).replace(IMAGE_EXTENSION.test(name) ? /(?<=.)\.ome$/i : /$^/, "");
}

/** Composed letters: macOS may write "ä" as two characters. */
const composed = (text: string) => text.normalize("NFC");

/** Equal for names that a disk blind to case, or to how letters are composed, takes for one. */
export function foldName(text: string): string {
  return composed(composed(text).toLowerCase());
}

/** Takes words off both ends, and an image's extension off what they stood after (a.tif_mask). */
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
  /** Whether two files that fit one is an error; else they stay apart. */
  readonly strict: boolean;
  /** What a remark says of pairs that this rule made; undefined where the names are as good as equal. */
  readonly remark?: string | undefined;
}

const same = (key: (stem: string) => string) => ({ image: key, label: key });

/** From the strictest on: what an earlier rule pairs, no later one looks at. */
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
    remark: "by their numbers, which have other zeros in front",
  },
];

export type FileRole = "image" | "label";

/** Words in a folder's name that tell no two sets apart: raw_data next to labels. */
const NEUTRAL = /^(data|files?|folder|dir|png|tiff?|jpe?g|\d+[-_ ]?bit)$/i;
const folderPattern = (words: string) =>
  new RegExp(`^(?:(.+)[-_. ])?(?:${words})(?:[-_. ](.+)|(tr|ts|val))?$`, "i");
const IMAGE_FOLDER = folderPattern(`${IMAGE_WORDS}|pictures?`);
const LABEL_FOLDER = folderPattern(`${LABEL_WORDS}|targets?`);

/**
 * What a folder's name says of the files in it, and what else it says: "train" of train_masks, "Tr"
 * of imagesTr. Undefined for a name that says nothing.
 */
export function folderRole(name: string): { role: FileRole; rest: string } | undefined {
  const label = LABEL_FOLDER.exec(name);
  const found = label ?? IMAGE_FOLDER.exec(name);
  if (!found) return undefined;
  const parts = found.slice(1).filter((part) => part !== undefined && !NEUTRAL.test(part));
  return { role: label ? "label" : "image", rest: parts.join("-") };
}

/** What the folders of a path say: the role of the nearest that has one, and the set it belongs to. */
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

/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)/i;

/** Why Windows would not take a name as a file's or folder's; undefined where it does. */
export function windowsProblem(name: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows takes no control characters.
  const odd = /[<>:"/\\|?*\u0000-\u001f]/.exec(name);
  if (odd) return `it has ${JSON.stringify(odd[0])} in it`;
  if (DEVICE.test(name)) return "Windows keeps this name for a device";
  if (/[. ]$/.test(name) && name !== "." && name !== "..") return "it ends in a dot or a space";
  return undefined;
}

/** A text as a file name that every system takes. */
export function safeFileName(text: string): string {
  const name = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no system shows them in names.
    .replace(/[<>:"/\\|?*\u0000-\u001f]+/g, "-")
    .replace(/[. ]+$/, "");
  return DEVICE.test(name) ? `_${name}` : name;
}
