// Prints the losses of the sample's run on SwiftShader in Node: a process of its own, since the
// driver is chosen once a process.

import { openDevice } from "../../src/node/device.js";
import { sampleLosses } from "./sample-run.js";

const device = await openDevice({ adapter: "swiftshader", kernelCache: false });
console.log(JSON.stringify(await sampleLosses(device)));
device.close();
