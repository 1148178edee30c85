// Messages: what is of one kind is one message, and one goes when its cause is gone.

import type { AppState, Notice, NoticeTopic } from "./types.js";
import { numberText } from "./words.js";

/** What many sentences are called together. */
const TOGETHER = {
  skipped: "files were skipped",
  notes: "notes on how the files were read",
} as const;

export type SummedTopic = keyof typeof TOGETHER;

/** Topics of what went wrong with one project: of each the newest message is true. */
const OF_PROJECT: readonly (NoticeTopic | undefined)[] = [
  "training",
  "segmenting",
  "export",
  "classes",
];

/** With a message more; a sentence that is there is not said again. */
export function noticed(state: AppState, notice: Omit<Notice, "id">): AppState {
  const words = ({ text, items = [] }: Omit<Notice, "id">) => [text, ...items].join("\n");
  if (state.notices.some((earlier) => words(earlier) === words(notice))) return state;
  const id = 1 + Math.max(0, ...state.notices.map((earlier) => earlier.id));
  const isSuperseded = ({ topic }: Notice) => topic === notice.topic && OF_PROJECT.includes(topic);
  const others = state.notices.filter((earlier) => !isSuperseded(earlier));
  return { ...state, notices: [...others, { id, ...notice }] };
}

/** With sentences of one topic: they make one message, with those that are there. */
export function summed(
  state: AppState,
  topic: SummedTopic,
  kind: Notice["kind"],
  sentences: readonly string[],
): AppState {
  if (sentences.length === 0) return state;
  const earlier = state.notices.find((one) => one.topic === topic);
  const items = [...new Set([...(earlier?.items ?? []), ...sentences])];
  const text = items.length === 1 ? items[0] : `${numberText(items.length)} ${TOGETHER[topic]}:`;
  const notices = state.notices.filter((one) => one !== earlier);
  return noticed({ ...state, notices }, { kind, topic, text, items });
}

/** Whether an action took away what messages on a topic were about. */
function isOver(topic: NoticeTopic | undefined, before: AppState, after: AppState): boolean {
  const [was, is] = [before.project, after.project];
  if (was?.id !== is?.id) return OF_PROJECT.includes(topic);
  switch (topic) {
    case "training": {
      const isBegun = after.run.kind === "preparing" && before.run.kind !== "preparing";
      return isBegun || was?.images !== is?.images || was?.settings !== is?.settings;
    }
    case "saving":
      return after.saving === "saved" && before.saving !== "saved";
    case "segmenting":
      return after.segmenting !== undefined && before.segmenting === undefined;
    case "classes":
      return was?.classes !== is?.classes;
    default:
      return false;
  }
}

/** The state after an action, without messages that outlived their cause. */
export function withoutOutlived(before: AppState, after: AppState): AppState {
  const notices = after.notices.filter(
    (one) => !before.notices.includes(one) || !isOver(one.topic, before, after),
  );
  return notices.length === after.notices.length ? after : { ...after, notices };
}

/** How long a message stays, in milliseconds, by what there is to read; undefined: until it is closed. */
export function shownMs({ kind, text, items = [], removed }: Notice): number | undefined {
  // What was removed can be brought back as long as the message is there.
  if (kind !== "info" || removed) return undefined;
  const letters = items.reduce((sum, item) => sum + item.length, text.length);
  return Math.min(40_000, 6000 + 60 * letters);
}
