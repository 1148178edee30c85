// How finely a clock tells times.

/**
 * A step of the clock in milliseconds above which, as in a browser, short times are told apart only by the
 * mean of several: below it by their median or the least.
 */
export const FINE_MS = 0.005;
