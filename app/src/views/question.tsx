// A question before something is replaced or deleted.

import { useApp, useAppState } from "./context.js";
import { QuestionDialog } from "./question-dialog.js";

export function Questions() {
  const app = useApp();
  const { question } = useAppState();
  if (!question) return null;
  const { title, text, answers, cancel } = question;
  return (
    <QuestionDialog key={title} title={title} text={text} onCancel={() => app.answer()}>
      <div class="question-answers">
        {answers.map(({ id, label, deletes }) => (
          <button
            key={id}
            type="button"
            class={deletes ? "danger" : ""}
            onClick={() => app.answer(id)}
          >
            {label}
          </button>
        ))}
        {/* The answer that changes nothing has the focus. */}
        {/* biome-ignore lint/a11y/noAutofocus: a dialog takes the focus when it opens */}
        <button type="button" autoFocus onClick={() => app.answer()}>
          {cancel}
        </button>
      </div>
    </QuestionDialog>
  );
}
