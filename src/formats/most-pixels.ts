// The largest image that is read.

/**
 * More pixels than this would need gigabytes; this is more often a damaged header than an image.
 */
export const MOST_PIXELS = 2 ** 28;
