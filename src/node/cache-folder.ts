// The folder in which programs of this user keep files that they can create again.

import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Returns the user's cache folder: XDG_CACHE_HOME if it is set, else the system's default. */
export function cacheFolder(
  { platform, env }: Pick<NodeJS.Process, "platform" | "env"> = process,
  home: string = homedir() || tmpdir(),
): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === "darwin") return join(home, "Library", "Caches");
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  return join(home, ".cache");
}
