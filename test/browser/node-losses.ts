// Prints the losses of the sample's run on SwiftShader in Node, with "extras" also those of EXTRAS.
// A separate process, since the driver is chosen once per process.

import { openDevice } from "../../src/node/open-device.js";
import { EXTRAS, sampleLosses } from "./sample-run.js";

const device = await openDevice({ adapter: "swiftshader", kernelCache: false });
const plain = await sampleLosses(device);
const extras = process.argv.includes("extras") ? await sampleLosses(device, EXTRAS) : [];
console.log(JSON.stringify({ plain, extras }));
device.close();
