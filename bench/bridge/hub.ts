/** A hub in a process of its own, until it is killed. Says `ready` once it has looked, and what failed. */

import { openHub } from "groupstream";
import { optionsOf, type Settings } from "./places.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;
process.on("disconnect", () => process.exit(0));
const hub = await openHub(optionsOf(settings));
await hub.sync();
process.send?.("ready");
await hub.run({ signal: new AbortController().signal });
