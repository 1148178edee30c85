// What the page and the Worker for files say to each other.

import type { FileWork } from "./work.js";

/** What a call of `work` is called, and what it is given. */
export interface FileRequest {
  readonly id: number;
  readonly name: keyof FileWork;
  readonly given: readonly unknown[];
}

export type FileReply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string };
