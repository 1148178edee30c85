// Long computations that can be paused. Planning a large graph takes seconds, and a page must stay
// responsive meanwhile. They are generators that yield between short pieces of work. The caller
// decides whether to pause there, so the result cannot depend on it.

/** A computation of a `T` that may be paused at each `yield`. */
export type Pausable<T> = Generator<void, T, void>;

/** Runs a computation to its end without a pause. */
export function finish<T>(work: Pausable<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
