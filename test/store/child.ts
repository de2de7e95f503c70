/** A process of its own on a store: `lock`, `half` (one entry, then dies within a second), `nobody`, `full`. */

import { isGroupstreamError } from "groupstream";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { entry } from "../../src/testing/store/records.ts";

const [path = "", what] = process.argv.slice(2);
process.on("SIGXFSZ", () => undefined);
const errorOf = (error: unknown) =>
  isGroupstreamError(error) ? { code: error.code, message: error.message } : { code: "?", message: String(error) };
const say = (value: unknown): void => void process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
const forever = (): Promise<never> => new Promise(() => void setInterval(() => undefined, 1_000));

if (what === "lock") {
  const store = await sqliteStore(path);
  await store.lock(`child ${process.pid}`);
  say("ready");
  await forever();
} else if (what === "half") {
  const store = await sqliteStore(path);
  await store.transaction((tx) => tx.write({ entries: [entry("whole")] }));
  await store.transaction(async (tx) => {
    await tx.write({ entries: [entry("half")] });
    say("ready");
    await forever();
  });
} else if (what === "nobody") {
  if (process.getuid?.() === 0) {
    process.setgid?.("nogroup");
    process.setuid?.("nobody");
  }
  await sqliteStore(path).then(
    () => say({ code: "none", message: "it opened" }),
    (error) => say(errorOf(error)),
  );
} else if (what === "full") {
  const store = await sqliteStore(path);
  let whole = 0;
  for (;;) {
    try {
      await store.transaction((tx) =>
        tx.write({ entries: [entry(`${whole}`, { activity: JSON.stringify("x".repeat(20_000)) })] }),
      );
      whole += 1;
    } catch (error) {
      say({ error: errorOf(error), whole });
      break;
    }
  }
  process.exit(0);
}
