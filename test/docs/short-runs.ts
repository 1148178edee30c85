// Loaded into the processes of commands and programs of the docs (`node --import short-runs.js?steps=2`): their
// trainings end after so many steps, and the tuner's budget is as many tenths of a second. With `&fake` the commands
// have no GPU. Nothing else differs.

import { register } from "node:module";

register(`./short-runs-resolve.js${new URL(import.meta.url).search}`, import.meta.url);
