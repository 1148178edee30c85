// Plain loops in 64 bits, written for correctness only. Each function makes one step in place.

export function sgdReference(
  parameters: Float64Array,
  gradients: ArrayLike<number>,
  velocity: Float64Array,
  rate: number,
  momentum: number,
): void {
  for (let i = 0; i < parameters.length; i++) {
    velocity[i] = momentum * velocity[i] + gradients[i];
    parameters[i] -= rate * velocity[i];
  }
}

/** Kingma and Ba 2015, algorithm 1; `t` counts from 1. */
export function adamReference(
  parameters: Float64Array,
  gradients: ArrayLike<number>,
  moments: readonly [Float64Array, Float64Array],
  t: number,
  rate: number,
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
): void {
  const [mean, square] = moments;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i];
    mean[i] = beta1 * mean[i] + (1 - beta1) * g;
    square[i] = beta2 * square[i] + (1 - beta2) * g * g;
    const m = mean[i] / (1 - beta1 ** t);
    const v = square[i] / (1 - beta2 ** t);
    parameters[i] -= (rate * m) / (Math.sqrt(v) + epsilon);
  }
}
