// Where this user's programs keep what they can make again.

import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** The user's cache folder: XDG_CACHE_HOME where it is set, else what the system has for it. */
export function cacheFolder(
  { platform, env }: Pick<NodeJS.Process, "platform" | "env"> = process,
  home: string = homedir() || tmpdir(),
): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === "darwin") return join(home, "Library", "Caches");
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  return join(home, ".cache");
}
