// What no image may pass.

/** More pixels than this would need gigabytes: a damaged header more often than an image. */
export const MOST_PIXELS = 2 ** 28;
