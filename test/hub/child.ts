/** A process that uses a hub in one of several ways, then does nothing more: it must end by itself. */

import { openHub } from "groupstream";
import { Toy } from "../sync/toy.ts";

const [path = ":memory:", what] = process.argv.slice(2);
const toy = new Toy();
toy.mail("INBOX", "a");
const hub = await openHub({ store: path, systems: [toy.adapter()] });
const abort = new AbortController();
const quiet = (error: Error): void => {
  if (error.name !== "AbortError") throw error;
};

if (what === "sync") await hub.sync();
if (what === "aborted") {
  toy.before = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const syncing = hub.sync({ signal: abort.signal }).catch(quiet);
  setTimeout(() => abort.abort(), 50);
  await syncing;
}
if (what === "run") {
  const running = hub.run({ signal: abort.signal });
  setTimeout(() => abort.abort(), 200);
  await running;
}
if (what === "follow") {
  setTimeout(() => void hub.close(), 100);
  for await (const _ of hub.activities({ follow: true }));
}
if (what === "closed while running") {
  const running = hub.run({ signal: abort.signal }).catch(quiet);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await hub.close();
  await running;
}
await hub.close();
process.stdout.write(`ended ${toy.disposed}\n`);
