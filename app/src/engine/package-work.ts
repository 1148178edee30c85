// Packages of the bioimage.io zoo in the Worker of the engine: their tests run the network.

import { writeZip } from "../../../src/formats/index.js";
import type { Device } from "../../../src/index.js";
import type { PackageTest } from "../../../src/interchange/index.js";
import { decodeNetwork } from "../networks/decode-network.js";
import type { ExportedNetwork } from "../outputs/network-formats.js";
import type { PackageJob } from "./messages.js";

/** The test of a package of the bioimage.io zoo. */
export async function testPackageOn(
  device: Device,
  file: Blob,
  name: string,
): Promise<PackageTest> {
  const { openZippedPackage, testPackage } = await import("../../../src/interchange/index.js");
  const bytes = new Uint8Array(await file.arrayBuffer());
  return testPackage(device, await openZippedPackage(bytes, name));
}

/** A package as a zip file. Throws a sentence for a name or an author that none can have. */
export async function exportPackageOn(
  device: Device,
  { checkpoint, fields, image, imageName }: PackageJob,
): Promise<ExportedNetwork> {
  const { exportBioimageio } = await import("../../../src/interchange/index.js");
  const { name, author, licence } = fields;
  const network = await decodeNetwork(checkpoint, "the network");
  const options = { name, authors: [{ name: author }], licence, image };
  const { files } = await exportBioimageio(device, network, options);
  const use = `the image ${imageName} is its test; install the file in Fiji or ilastik`;
  return { path: "bioimageio.zip", bytes: writeZip(files), use };
}
