// How to install a faster driver than SwiftShader: lavapipe, of Mesa.

import { readFileSync } from "node:fs";

/** Returns one sentence for the system that /etc/os-release, or `release`, describes. */
export function lavapipeHint(release: string = osRelease()): string {
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, list]) =>
    list.split(" "),
  );
  const codename = /^VERSION_CODENAME="?(\w+)/m.exec(release)?.[1];
  return `SwiftShader is in use; Mesa's lavapipe trains seven to nine times as fast: ${commandFor(ids, codename)}`;
}

function commandFor(ids: readonly string[], codename: string | undefined): string {
  if (codename === "bookworm" && ids.includes("debian")) {
    return "sudo apt install -t bookworm-backports mesa-vulkan-drivers (from Debian's backports)";
  }
  if (ids.includes("debian") || ids.includes("ubuntu")) {
    return "sudo apt install mesa-vulkan-drivers (tried with Mesa 25.0)";
  }
  if (ids.includes("fedora") || ids.includes("rhel")) {
    return "sudo dnf install mesa-vulkan-drivers (tried with Mesa 25.0)";
  }
  return "install the Vulkan drivers of Mesa (tried with 25.0; mesa-vulkan-drivers on Debian, Ubuntu and Fedora)";
}

function osRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
