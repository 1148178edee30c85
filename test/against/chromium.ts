// `npm run against:chromium -- [PART OF A FILE'S NAME]`: the app's road, its stage and its keys in an
// installed Chromium without windows. CHROMIUM names another program than `/usr/bin/chromium`.

process.env.CHROMIUM ??= "/usr/bin/chromium";
if (process.argv.length === 2) process.argv.push("app/stage", "app/road", "app/keys");
await import("../run.js");
