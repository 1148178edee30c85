// A headless Firefox, driven by WebDriver BiDi over a WebSocket.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** With these settings Firefox 153 has WebGPU on Linux, also on software drivers. */
const PREFERENCES = {
  "dom.webgpu.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
  "dom.webgpu.wgpu-backend": "vulkan",
  "gfx.webrender.software": true,
  "datareporting.policy.dataSubmissionEnabled": false,
  "app.update.disabledForTesting": true,
};

export interface FirefoxPage {
  /** Name and version of the browser. */
  readonly version: string;
  /** Evaluates an expression in the page, awaits it, and resolves with its value through JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Presses the mouse at the first point of the page, moves it to the others, and releases it. */
  drag(...points: readonly (readonly [x: number, y: number])[]): Promise<void>;
  /** A screenshot as a PNG file. */
  screenshot(): Promise<Uint8Array>;
  /** Uncaught errors of the page, and errors on its console. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Opens an address and waits until it has loaded. */
export async function openFirefox(url: string): Promise<FirefoxPage> {
  const program = process.env.FIREFOX ?? "firefox-esr";
  const profile = mkdtempSync(join(tmpdir(), "micrograph-firefox-"));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const child = spawn(
    program,
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1" },
    },
  );
  const close = async () => {
    const ended = once(child, "exit");
    if (child.exitCode === null && child.kill()) await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const session = await openSession(`${await addressOf(child, program)}/session`);
    const { command } = session;
    const { capabilities } = await command("session.new", { capabilities: {} });
    await command("session.subscribe", { events: ["log.entryAdded"] });
    const { context } = await command("browsingContext.create", { type: "tab" });
    await command("browsingContext.navigate", { context, url, wait: "complete" });
    return {
      version: `${capabilities.browserName} ${capabilities.browserVersion}`,
      problems: session.problems,
      close,
      async drag([x, y], ...others) {
        const move = ([x, y]: readonly [number, number]) => ({
          type: "pointerMove",
          x: Math.round(x),
          y: Math.round(y),
        });
        const press = { type: "pointerDown", button: 0 };
        const actions = [
          move([x, y]),
          press,
          ...others.map(move),
          { type: "pointerUp", button: 0 },
        ];
        const mouse = { type: "pointer", id: "mouse", actions };
        await command("input.performActions", { context, actions: [mouse] });
      },
      async screenshot() {
        const { data } = await command("browsingContext.captureScreenshot", { context });
        return new Uint8Array(Buffer.from(data, "base64"));
      },
      async evaluate(expression) {
        const answer = await command("script.evaluate", {
          expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`,
          target: { context },
          awaitPromise: true,
        });
        if (answer.type === "exception") throw new Error(answer.exceptionDetails.text);
        return JSON.parse(answer.result.value);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The address on which the browser listens, which it prints. */
async function addressOf(child: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on("error", ({ message }) =>
      reject(new Error(`${program}: ${message}: install Firefox, or name its program by FIREFOX`)),
    );
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the protocol, each of its own shape
type Answer = any;

async function openSession(address: string) {
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`${address} cannot be reached`));
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const problems: string[] = [];
  socket.onmessage = ({ data }) => {
    const message: Answer = JSON.parse(String(data));
    if (message.method === "log.entryAdded" && message.params.level === "error") {
      problems.push(message.params.text);
    }
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  socket.onclose = () => {
    for (const answer of waiting.values()) answer({ type: "error", message: "the browser ended" });
  };
  let id = 0;
  const command = (method: string, params: object) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.set(++id, (answer) => {
        if (answer.type === "success") resolve(answer.result);
        else reject(new Error(`${method}: ${answer.message}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return { command, problems };
}
