// Which of the browser's tabs may write a project: the one that holds its lock. A tab that ends, even by a
// crash, releases its locks.

/** Releases a lock. */
export type Release = () => void;

export interface TabLocks {
  /** Takes the project's lock; undefined if another tab holds it. */
  take(id: string): Promise<Release | undefined>;
  /** Asks the tab that holds the lock to release it, and waits for it. */
  takeOver(id: string): Promise<Release>;
  /** Calls `answer` when another tab requests a project. */
  onAsked(answer: (id: string) => void): void;
}

/** The locks of this browser's tabs. Without `navigator.locks` every tab gets every lock. */
export function browserLocks(): TabLocks {
  const asking = new BroadcastChannel("micrograph-projects");
  const request = (id: string, options: LockOptions) =>
    new Promise<Release | undefined>((resolve, reject) => {
      if (!navigator.locks) return resolve(() => {});
      const held = navigator.locks.request(`micrograph-project-${id}`, options, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      });
      held.catch(reject);
    });
  return {
    take: (id) => request(id, { ifAvailable: true }),
    async takeOver(id) {
      asking.postMessage(id);
      return (await request(id, {})) as Release;
    },
    onAsked(answer) {
      asking.onmessage = ({ data }) => answer(data);
    },
  };
}
