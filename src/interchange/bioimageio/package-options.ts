// What a package of the zoo must say and no checkpoint knows.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { shown } from "../../arguments/shown.js";
import type { StoredImage } from "../../data/image-types.js";

/** Who made the network. */
export interface PackageAuthor {
  /** First and last name. */
  readonly name: string;
  /** The institution. */
  readonly affiliation?: string | undefined;
  /** "0000-0002-1825-0097" */
  readonly orcid?: string | undefined;
}

/** What `exportBioimageio` needs to know. */
export interface BioimageioOptions {
  /** 5 to 64 letters, numbers, spaces, "_", "-" and parentheses: best the task and the kind of images. */
  readonly name: string;
  /** One or more. */
  readonly authors: readonly PackageAuthor[];
  /** An identifier of SPDX: "MIT", "CC-BY-4.0". */
  readonly licence: string;
  /** An image of the kind that the network is for: the package's test and its cover are made of it. */
  readonly image: StoredImage;
  /** A sentence on what the network does. */
  readonly description?: string | undefined;
  /** Words to find it by. */
  readonly tags?: readonly string[] | undefined;
}

const OPTIONS: Keys<BioimageioOptions> = {
  name: 1,
  authors: 1,
  licence: 1,
  image: 1,
  description: 1,
  tags: 1,
};

/** Throws for options that no valid package can have, and names the value. */
export function checkPackageOptions(options: BioimageioOptions): void {
  checkKeys("exportBioimageio", options, OPTIONS);
  const { name, authors, licence, description = "" } = options;
  const fail = (what: string, value: unknown, right: string) =>
    new Error(`the ${what} is ${shown(value)}, expected ${right}`);
  if (typeof name !== "string" || !/^[\p{L}\p{N}_\-() ]{5,64}$/u.test(name)) {
    throw fail("name", name, "5 to 64 letters, numbers, spaces, _, - and parentheses");
  }
  if (!Array.isArray(authors) || authors.length === 0) {
    throw fail("list of authors", authors, "at least one author");
  }
  for (const author of authors) {
    if (typeof author.name !== "string" || !/^[^/\\]*[^/\\\s][^/\\]*$/.test(author.name)) {
      throw fail("name of an author", author.name, "a name without / and \\");
    }
    const { orcid = "0000-0000-0000-0000" } = author;
    if (!/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/.test(orcid)) {
      throw fail(`ORCID of ${author.name}`, orcid, "one such as 0000-0002-1825-0097");
    }
  }
  if (typeof licence !== "string" || !/^[A-Za-z0-9][A-Za-z0-9.+-]*$/.test(licence)) {
    throw fail(
      "licence",
      licence,
      "an identifier of SPDX (spdx.org/licenses), such as MIT or CC-BY-4.0",
    );
  }
  if (description.length > 1024) throw fail("description", description, "at most 1024 letters");
}
