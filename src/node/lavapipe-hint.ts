// How a system gets a faster driver than SwiftShader: lavapipe, of Mesa.

import { readFileSync } from "node:fs";

/** One sentence for the system that /etc/os-release, here `release`, describes. */
export function lavapipeHint(release: string = osRelease()): string {
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, list]) =>
    list.split(" "),
  );
  const codename = /^VERSION_CODENAME="?(\w+)/m.exec(release)?.[1];
  return `SwiftShader runs; Mesa's lavapipe trains nine times as fast here: ${commandFor(ids, codename)}`;
}

function commandFor(ids: readonly string[], codename: string | undefined): string {
  if (codename === "bookworm" && ids.includes("debian")) {
    return "sudo apt install -t bookworm-backports mesa-vulkan-drivers (from Debian's backports; 23.1 or newer is needed)";
  }
  if (ids.includes("debian") || ids.includes("ubuntu")) {
    return "sudo apt install mesa-vulkan-drivers (23.1 or newer is needed)";
  }
  if (ids.includes("fedora") || ids.includes("rhel")) {
    return "sudo dnf install mesa-vulkan-drivers (23.1 or newer is needed)";
  }
  return "install the Vulkan drivers of Mesa 23.1 or newer (mesa-vulkan-drivers on Debian, Ubuntu and Fedora)";
}

function osRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
