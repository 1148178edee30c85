// `micrograph predict` of slides: of one, or of those of a folder, one after the other.

import { slideStem } from "../../node/slide-file.js";
import { exitCodeOf, FAILED, TEMPORARY } from "../exit-codes.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { runSlide, type SlideCommandOptions, type SlidePart } from "./slide-command.js";

/**
 * Runs the command; returns the exit code. Of several slides one that fails is told, and the others are predicted: 75 if
 * the same command may succeed later. Throws the error of a single one.
 */
export async function runSlides(
  inputs: readonly string[],
  options: SlideCommandOptions,
  context: Context,
  part: SlidePart,
): Promise<number> {
  const print = (result: unknown) => {
    if (options.json) context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  };
  if (inputs.length === 1 && inputs[0] === options.input) {
    const result = await runSlide(options, context, part);
    if (result) print(result);
    return 0;
  }
  refuseNamesakes(inputs);
  const results: object[] = [];
  const codes: number[] = [];
  for (const input of inputs) {
    try {
      const result = await runSlide({ ...options, input }, context, part);
      results.push(result ?? { input });
    } catch (error) {
      if (part.signal?.aborted) throw error;
      const { message } = error as Error;
      const { line } = createProgress(options.json ? context.stderr : context.stdout);
      line(message.includes(input) ? message : `${input}: ${message}`);
      results.push({ input, error: message });
      codes.push(exitCodeOf(error));
    }
  }
  print(results);
  if (codes.length === 0) return 0;
  return codes.includes(TEMPORARY) ? TEMPORARY : FAILED;
}

/** Throws if two slides would be written under one name. */
function refuseNamesakes(inputs: readonly string[]): void {
  const taken = new Map<string, string>();
  for (const input of inputs) {
    const name = slideStem(input).toLowerCase();
    const other = taken.get(name);
    if (other !== undefined) {
      throw new Error(
        `${other} and ${input} would both be written as ${slideStem(input)}.ome.zarr: rename one, or predict them into ` +
          "different folders",
      );
    }
    taken.set(name, input);
  }
}
