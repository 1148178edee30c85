// The Worker in which slides are read and segmented.

import { serveCalls } from "../threads/serve-calls.js";
import { createSlideWork } from "./slide-work.js";

serveCalls(createSlideWork());
