import { ShapeError } from "../graph/tensor.js";
import type { ModelConfig } from "./model.js";

/** Throws for a configuration that no network can have, and names the value and its bounds. */
export function checkModel({ base, depth, channels, classes, dropout: rate }: ModelConfig): void {
  const whole = (name: string, value: number, least: number, most: number) => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new ShapeError(
        `model: ${name} must be a whole number ${least} to ${most}, got ${value}`,
      );
    }
  };
  whole("base", base, 1, 1024);
  whole("depth", depth, 1, 8);
  whole("channels", channels, 1, 1024);
  whole("classes", classes, 2, 255);
  if (!(rate >= 0 && rate < 1)) {
    throw new ShapeError(`model: dropout must be 0 to below 1, got ${rate}`);
  }
}
