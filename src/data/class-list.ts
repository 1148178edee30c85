// Reads `classes.json`, a file next to masks that describes their values.

import { parseJson } from "../arguments/json.js";
import { shown } from "../arguments/shown.js";
import { predictionRules } from "../options/prediction-options-rules.generated.js";
import { expected, isAllowed } from "../options/rules.js";
import { type ClassList, checkClasses } from "./classes.js";
import { isIgnoredText } from "./ignored.js";

/** Parses the text of the file `name`. Throws one line if it is damaged. */
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
    const rule = predictionRules.threshold;
    if (threshold !== undefined && !isAllowed(rule, threshold)) {
      throw new Error(`got the threshold ${shown(threshold)}, expected ${expected(rule)}`);
    }
    return fields;
  } catch (error) {
    throw new Error(`${name}: damaged: ${(error as Error).message}`);
  }
}
