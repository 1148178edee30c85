// Questions before something is replaced or deleted.

import type { Store } from "../state/store.js";
import type { Question } from "../state/types.js";

/** Resolves to the id of the chosen answer; undefined if nothing is to be done. */
export type Ask = (question: Question) => Promise<string | undefined>;

export interface Asking {
  readonly ask: Ask;
  /** Answers the question of the state; without an id, nothing is done. */
  answer(id?: string): void;
}

/** Asks one question at a time; others wait. */
export function createAsking({ dispatch }: Store): Asking {
  let resolve: ((id?: string) => void) | undefined;
  let asked: Promise<unknown> = Promise.resolve();
  return {
    ask(question) {
      const answer = asked.then(
        () =>
          new Promise<string | undefined>((answered) => {
            resolve = answered;
            dispatch({ type: "question", question });
          }),
      );
      asked = answer;
      return answer;
    },
    answer(id) {
      dispatch({ type: "question", question: undefined });
      resolve?.(id);
      resolve = undefined;
    },
  };
}
