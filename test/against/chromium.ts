// `npm run against:chromium -- [PART OF A FILE'S NAME]`: the app's main tests (a whole session, the
// canvas, the keyboard) in an installed headless Chromium. CHROMIUM sets another program than
// `/usr/bin/chromium`.

process.env.CHROMIUM ??= "/usr/bin/chromium";
if (process.argv.length === 2) process.argv.push("app/stage", "app/road", "app/keys");
await import("../run.js");
