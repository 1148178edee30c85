// Long work on the page's thread is split into tasks, between which the thread does other pending work.

export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));
