// The network for other programs: ONNX, PyTorch, a package of the bioimage.io zoo.

import { useState } from "preact/hooks";
import { hasNetwork } from "../state/project.js";
import { useApp, useProject } from "./context.js";

/** Usual licences of data and networks. */
const LICENCES = ["CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0", "MIT"];

export function NetworkExportsCard() {
  const app = useApp();
  const project = useProject();
  const [isBusy, setBusy] = useState(false);
  const isOff = isBusy || !hasNetwork(project);
  const run = (take: () => Promise<void>) => {
    setBusy(true);
    void take().finally(() => setBusy(false));
  };
  return (
    <section class="card">
      <h2>Network for other programs</h2>
      <p class="faint">
        ONNX runs in most programs. The PyTorch file has a module in Python, to predict or to train
        it further.
      </p>
      <div class="row">
        <button type="button" disabled={isOff} onClick={() => run(app.takeOnnx)}>
          Download ONNX
        </button>
        <button type="button" disabled={isOff} onClick={() => run(app.takePytorch)}>
          Download PyTorch
        </button>
      </div>
      <PackageForm isOff={isOff} run={run} />
    </section>
  );
}

interface FormProps {
  readonly isOff: boolean;
  run(take: () => Promise<void>): void;
}

/** What a package must say and the project does not know. */
function PackageForm({ isOff, run }: FormProps) {
  const app = useApp();
  const project = useProject();
  const [name, setName] = useState(project.name);
  const [author, setAuthor] = useState("");
  const [licence, setLicence] = useState(LICENCES[0]);
  return (
    <details class="package">
      <summary>Package of bioimage.io, for Fiji and ilastik</summary>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => app.takePackage({ name: name.trim(), author: author.trim(), licence }));
        }}
      >
        <label>
          <span>Name</span>
          <input
            type="text"
            value={name}
            required
            minLength={5}
            maxLength={64}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label>
          <span>Author</span>
          <input
            type="text"
            value={author}
            required
            autocomplete="name"
            onInput={({ currentTarget }) => setAuthor(currentTarget.value)}
          />
        </label>
        <label>
          <span>Licence</span>
          <select value={licence} onChange={({ currentTarget }) => setLicence(currentTarget.value)}>
            {LICENCES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <button type="submit" class="package-done" disabled={isOff}>
          Download package
        </button>
      </form>
      <p class="faint">
        An image of the project is in the package, as its test and cover. Name a licence that your
        images allow.
      </p>
    </details>
  );
}
