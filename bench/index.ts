/** `npm run bench -- <name> [--full] [--json]`: side-by-side benchmarks. Exit 1 if a bar does not hold. */

import { parseArgs } from "node:util";
import type { Bar, Bench } from "./bar.ts";

const benches: Readonly<Record<string, () => Promise<{ run: (bench: Bench) => Promise<void> }>>> = {
  imap: () => import("./imap.ts"),
  latency: () => import("./latency.ts"),
  crash: () => import("./crash.ts"),
  memory: () => import("./memory.ts"),
  quiet: () => import("./quiet.ts"),
  log: () => import("./log.ts"),
  bridge: () => import("./bridge.ts"),
  caldav: () => import("./caldav.ts"),
  week: () => import("./week.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: "boolean" }, json: { type: "boolean" } },
});
const [name = ""] = positionals;
const load = benches[name];
if (!load) {
  console.error(`There is no benchmark "${name}"; there are ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}

let holds = true;
const say = (bar: Bar): void => {
  holds &&= bar.holds !== false;
  if (values.json) console.log(JSON.stringify(bar));
  else {
    const against = bar.against === undefined ? "" : `  against ${bar.against}`;
    const ratio = bar.ratio === undefined ? "" : `  ratio ${bar.ratio}`;
    const limit = bar.bar === undefined ? "" : `  bar ${bar.bar}  ${bar.holds ? "holds" : "DOES NOT HOLD"}`;
    console.log(`${bar.name.padEnd(52)} ${String(bar.value).padStart(10)} ${bar.unit}${against}${ratio}${limit}`);
  }
};

await (await load()).run({ full: values.full === true, say, note: (text) => process.stderr.write(`${text}\n`) });
process.exit(holds ? 0 : 1);
