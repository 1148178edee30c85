// What the user can do if there is no WebGPU, for this browser, system and page. Pure.

export interface Surroundings {
  /** Whether the page was loaded by https, or from this computer. */
  readonly isSecure: boolean;
  /** Whether the browser offers WebGPU, even without a GPU. */
  readonly hasWebGpu: boolean;
  readonly userAgent: string;
}

const OTHERS = "Or open this page in a current Chrome or Edge, or in Safari 26.";

/** Sentences, with addresses and settings between backquotes. */
export function gpuAdvice({ isSecure, hasWebGpu, userAgent }: Surroundings): string[] {
  if (!isSecure) {
    return [
      "Browsers offer WebGPU only to secure pages: open this page with `https://` or at `localhost`.",
    ];
  }
  const system = systemOf(userAgent);
  const firefox = versionIn(userAgent, /Firefox\/(\d+)/);
  if (firefox !== undefined) return [firefoxAdvice(firefox, system, hasWebGpu), OTHERS];
  const chromium = versionIn(userAgent, /Chrome\/(\d+)/);
  if (chromium !== undefined) {
    return [
      chromiumAdvice(chromium, system, hasWebGpu, /Edg\//.test(userAgent) ? "edge" : "chrome"),
    ];
  }
  const safari = versionIn(userAgent, /Version\/(\d+).*Safari/);
  if (safari !== undefined) {
    return safari < 26
      ? [
          "WebGPU needs Safari 26, which comes with macOS 26 and iOS 26. Or use a current Chrome or Edge.",
        ]
      : ["Enable WebGPU in Safari's settings, under Feature Flags."];
  }
  return ["Open this page in a current Chrome or Edge, or in Safari 26."];
}

type System = "Windows" | "Android" | "Apple" | "Linux";

function systemOf(userAgent: string): System {
  if (/Windows/.test(userAgent)) return "Windows";
  if (/Android/.test(userAgent)) return "Android";
  return /Mac OS X|iPhone|iPad/.test(userAgent) ? "Apple" : "Linux";
}

function versionIn(userAgent: string, pattern: RegExp): number | undefined {
  const [, version] = pattern.exec(userAgent) ?? [];
  return version === undefined ? undefined : Number(version);
}

function firefoxAdvice(version: number, system: System, hasWebGpu: boolean): string {
  if (system === "Android") return "Firefox on Android has no WebGPU yet.";
  if (hasWebGpu) {
    return (
      "Firefox blocks this computer's graphics driver: set `gfx.webgpu.ignore-blocklist` to true " +
      "in `about:config`, and restart Firefox."
    );
  }
  if (system === "Linux") {
    return (
      "Firefox on Linux has WebGPU disabled: set `dom.webgpu.enabled` and " +
      "`gfx.webgpu.ignore-blocklist` to true in `about:config`, and restart Firefox."
    );
  }
  const [since, where] = system === "Windows" ? [141, "Windows"] : [145, "Macs with Apple silicon"];
  return version < since
    ? `Update Firefox: on ${where} it supports WebGPU since version ${since}.`
    : `Firefox supports WebGPU on ${where}; if it is disabled, set \`dom.webgpu.enabled\` to true in \`about:config\`.`;
}

function chromiumAdvice(
  version: number,
  system: System,
  hasWebGpu: boolean,
  scheme: "chrome" | "edge",
): string {
  const name = scheme === "edge" ? "Edge" : "Chrome";
  const since = system === "Android" ? 121 : 113;
  if (version < since) return `Update ${name}: it supports WebGPU since version ${since}.`;
  if (system === "Linux") {
    return (
      `${name} on Linux supports WebGPU only on some GPUs: enable \`${scheme}://flags/#enable-unsafe-webgpu\` ` +
      "and restart the browser."
    );
  }
  return hasWebGpu
    ? `Turn on graphics acceleration in ${name}'s settings, under System, and update the graphics driver.`
    : `Enable \`${scheme}://flags/#enable-unsafe-webgpu\` and restart the browser.`;
}
