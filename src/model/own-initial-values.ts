// Initial values other than those of the model's definition.

import type { Model } from "./model.js";
import { type InitialValue, layOut, type Parameter } from "./parameters.js";

/** Initial values by the names of parameters, or a function; undefined: as the model has it. */
export type InitialValues =
  | Readonly<Record<string, InitialValue>>
  | ((parameter: Parameter) => InitialValue | undefined);

/** Returns the model with other initial values. Throws for a name that is no parameter. */
export function withInitialValues<Given extends Model>(
  model: Given,
  initial: InitialValues,
): Given {
  const { list } = model.parameters;
  const named = typeof initial === "function" ? {} : initial;
  const unknown = Object.keys(named).find((name) => !list.some((one) => one.name === name));
  if (unknown !== undefined) {
    const names = list.slice(0, 4).map(({ name }) => name);
    throw new Error(
      `initial: the model has no parameter ${unknown}, it has ${names.join(", ")}${list.length > 4 ? ", ..." : ""}`,
    );
  }
  const of = (parameter: Parameter) =>
    typeof initial === "function" ? initial(parameter) : named[parameter.name];
  const specs = list.map((parameter) => {
    const init = of(parameter) ?? parameter.init;
    if (init === "he" || typeof init === "function" || Number.isFinite(init)) {
      return { ...parameter, init };
    }
    throw new Error(
      `initial: the values of ${parameter.name} must be a number, "he" or a function, got ${String(init)}`,
    );
  });
  return { ...model, parameters: layOut(specs) };
}
