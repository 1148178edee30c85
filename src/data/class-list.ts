// Reading `classes.json`, a file next to masks that says what their values mean.

import { parseJson } from "../arguments/json.js";
import { shown } from "../arguments/shown.js";
import { type ClassList, checkClasses } from "./classes.js";
import { isIgnoredText } from "./ignored.js";

/** What the text of the file `name` says. Throws one line where it is damaged. */
export function readClassList(text: string, name: string): ClassList {
  try {
    const fields = parseJson(text) as ClassList;
    if (!(Number.isInteger(fields?.classes) && fields.classes >= 2)) {
      throw new Error('it lacks "classes", a whole number from 2');
    }
    checkClasses(fields);
    if (fields.ignore !== undefined && !isIgnoredText(fields.ignore)) {
      const got = shown(fields.ignore);
      throw new Error(`got ${got} to ignore, expected a value or a colour such as #ff00ff`);
    }
    const { threshold } = fields;
    const isShare = typeof threshold === "number" && threshold >= 0 && threshold < 1;
    if (threshold !== undefined && !isShare) {
      throw new Error(`got the threshold ${shown(threshold)}, expected 0 to below 1`);
    }
    return fields;
  } catch (error) {
    throw new Error(`${name}: damaged: ${(error as Error).message}`);
  }
}
