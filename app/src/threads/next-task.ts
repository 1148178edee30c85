// Long work on the page's thread is cut into tasks: between two of them it does what else waits.

export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));
