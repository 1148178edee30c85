// The Worker in which cells are separated and measured.

import { serveCalls } from "../threads/serve-calls.js";
import { createCellWork } from "./work.js";

serveCalls(createCellWork());
