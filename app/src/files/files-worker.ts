// The Worker in which files are read and written.

import { serveCalls } from "../threads/serve-calls.js";
import { fileWork } from "./work.js";

serveCalls(fileWork);
