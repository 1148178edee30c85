// Parses OME-XML in a file's description: which page is which channel, z and t (the OME-TIFF
// specification).

/** A range of pages, in the order of the image's planes from a first one on. */
export interface OmePages {
  /** The first of its directories. */
  readonly first: number;
  /** The number of pages; undefined for all. */
  readonly count: number | undefined;
  readonly c: number;
  readonly z: number;
  readonly t: number;
  /** The name or number of another file that contains the pages. */
  readonly elsewhere: string | undefined;
}

export interface OmeImage {
  readonly width: number;
  readonly height: number;
  readonly sizes: Readonly<Record<"C" | "Z" | "T", number>>;
  /** "C", "Z" and "T", starting with the one that changes fastest. */
  readonly order: readonly ("C" | "Z" | "T")[];
  /** Channels per page; undefined if unknown. */
  readonly samples: number | undefined;
  readonly pages: readonly OmePages[];
}

export interface Ome {
  /** Whether the description is in another file. */
  readonly isElsewhere: boolean;
  readonly images: readonly OmeImage[];
}

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text up to the next tag. */
  readonly text: string;
  readonly isEnd: boolean;
}

type Found = Omit<OmeImage, "pages"> & { pages: OmePages[] };

/** Parses OME-XML; undefined if a description is not OME-XML or does not describe pixels. */
export function parseOme(description: string, fileName: string): Ome | undefined {
  if (!/^\s*(<\?xml|<!--|<(\w+:)?OME\b)/.test(description) || !description.includes("OME")) {
    return undefined;
  }
  const own = fileName.replace(/^.*[\\/]/, "");
  let uuid = "";
  let isElsewhere = false;
  const images: Found[] = [];
  let waiting: { pages: OmePages; file: string | undefined; uuid: string } | undefined;
  const settle = () => {
    if (waiting === undefined) return;
    const { pages, file, uuid: other } = waiting;
    const isOwn = other === "" || other === uuid || file === own;
    images.at(-1)?.pages.push({ ...pages, elsewhere: isOwn ? undefined : (file ?? other) });
    waiting = undefined;
  };
  for (const { name, attributes, text, isEnd } of tagsOf(description)) {
    if (isEnd) {
      if (name === "TiffData") settle();
    } else if (name === "OME") uuid = attributes.UUID ?? "";
    else if (name === "BinaryOnly") isElsewhere = true;
    else if (name === "Pixels") images.push(imageOf(attributes));
    else if (name === "Channel" && attributes.SamplesPerPixel && images.length > 0) {
      const image = images[images.length - 1];
      images[images.length - 1] = { ...image, samples: count(attributes.SamplesPerPixel) };
    } else if (name === "TiffData") {
      settle();
      waiting = { pages: pagesOf(attributes), file: undefined, uuid: "" };
    } else if (name === "UUID" && waiting) {
      waiting = { ...waiting, file: attributes.FileName, uuid: text.trim() };
    }
  }
  settle();
  // If all planes are in one file, whose number is not known to be another's, it is this file.
  const others = new Set(images.flatMap(({ pages }) => pages.map(({ elsewhere }) => elsewhere)));
  if (uuid === "" && others.size === 1) {
    for (const image of images) {
      image.pages = image.pages.map((pages) => ({ ...pages, elsewhere: undefined }));
    }
  }
  return images.length > 0 || isElsewhere ? { isElsewhere, images } : undefined;
}

const count = (value: string | undefined, absent = 1) => {
  const number = Number(value);
  return Number.isSafeInteger(number) && number >= 0 && value ? number : absent;
};

function imageOf(attributes: Tag["attributes"]): Found {
  const given = (attributes.DimensionOrder ?? "").replace(/[^CZT]/g, "").split("");
  const order = [...new Set([...given, "C", "Z", "T"])] as ("C" | "Z" | "T")[];
  return {
    width: count(attributes.SizeX),
    height: count(attributes.SizeY),
    sizes: {
      C: Math.max(1, count(attributes.SizeC)),
      Z: Math.max(1, count(attributes.SizeZ)),
      T: Math.max(1, count(attributes.SizeT)),
    },
    order,
    samples: undefined,
    pages: [],
  };
}

function pagesOf({ IFD, PlaneCount, FirstC, FirstZ, FirstT }: Tag["attributes"]): OmePages {
  return {
    first: count(IFD, 0),
    count: PlaneCount ? count(PlaneCount) : IFD ? 1 : undefined,
    c: count(FirstC, 0),
    z: count(FirstZ, 0),
    t: count(FirstT, 0),
    elsewhere: undefined,
  };
}

const WANTED = ["OME", "BinaryOnly", "Pixels", "Channel", "TiffData", "UUID"];
/** Longer tags do not describe pages. */
const MOST_TAG = 4096;

/** Returns the tags of a text, without comments and declarations; names without their prefix. */
function* tagsOf(text: string): Generator<Tag> {
  for (let at = text.indexOf("<"); at >= 0; ) {
    if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at);
      if (end < 0) return;
      at = text.indexOf("<", end);
      continue;
    }
    const end = endOfTag(text, at);
    if (end < 0) return;
    const next = text.indexOf("<", end);
    const inner = text.slice(at + 1, Math.min(end, at + MOST_TAG));
    const name = /^\/?(?:[\w.-]+:)?([\w.-]+)/.exec(inner)?.[1];
    if (name !== undefined) {
      const attributes: Record<string, string> = {};
      const wanted = WANTED.includes(name) ? inner : "";
      for (const [, key, a, b] of wanted.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
        attributes[key] = a ?? b;
      }
      const isEnd = inner.startsWith("/");
      yield { name, attributes, text: text.slice(end + 1, next < 0 ? undefined : next), isEnd };
      if (text[end - 1] === "/") yield { name, attributes: {}, text: "", isEnd: true };
    }
    at = next;
  }
}

/** Returns the position of a tag's ">", skipping those within quotes; -1 if there is none. */
function endOfTag(text: string, start: number): number {
  let quote = "";
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (quote !== "") quote = sign === quote ? "" : quote;
    else if (sign === ">") return at;
    else if (sign === '"' || sign === "'") quote = sign;
  }
  return -1;
}
