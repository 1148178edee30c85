// The options of `export` for packages of the zoo: what no checkpoint says.

import type { Command } from "commander";
import type { PackageAuthor } from "../../interchange/bioimageio/package-options.js";

export interface PackageCommandOptions {
  name?: string;
  author?: PackageAuthor[];
  licence?: string;
  description?: string;
  tag?: string[];
  image?: string;
}

/** Adds the options. */
export function addPackageOptions(command: Command): Command {
  return command
    .option("--name <TEXT>", "bioimageio: name of the network, such as 'Membranes in EM'")
    .option(
      "--author <NAME>",
      "bioimageio: who made it: 'name', or 'name; affiliation; ORCID'; once for each",
      (text: string, before: PackageAuthor[] = []) => [...before, authorOf(text)],
    )
    .option(
      "--licence <ID>",
      "bioimageio: how it may be used, an identifier of SPDX such as CC-BY-4.0",
    )
    .option("--description <TEXT>", "bioimageio: a sentence on what it does")
    .option(
      "--tag <WORD>",
      "bioimageio: a word to find it by; once for each",
      (text: string, before: string[] = []) => [...before, text],
    )
    .option(
      "--image <FILE>",
      "bioimageio: an image for its test and cover (default: a held-out one of the run)",
    );
}

function authorOf(text: string): PackageAuthor {
  const [name, ...more] = text.split(";").map((part) => part.trim());
  const orcid = more.find((part) => /^[\dX-]{10,}$/.test(part));
  const affiliation = more.find((part) => part !== orcid && part !== "");
  return { name, ...(affiliation && { affiliation }), ...(orcid && { orcid }) };
}

/** Throws one line that names what is missing. */
export function checkPackage({ name, author, licence }: PackageCommandOptions) {
  const missing = [
    ...(name === undefined ? ["--name"] : []),
    ...(author === undefined ? ["--author"] : []),
    ...(licence === undefined ? ["--licence"] : []),
  ];
  if (name !== undefined && author !== undefined && licence !== undefined) {
    return { name, authors: author, licence };
  }
  throw new Error(
    `a package of bioimage.io says what its network is, who made it and how it may be used: give ${missing.join(", ")}`,
  );
}
