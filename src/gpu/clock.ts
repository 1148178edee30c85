// The resolution of clocks.

/**
 * In milliseconds. If a clock ticks more coarsely than this, as in browsers, only the mean of
 * several short times is usable; otherwise their median or minimum.
 */
export const FINE_MS = 0.005;
