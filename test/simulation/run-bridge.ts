/**
 *   node --conditions=groupstream:source test/simulation/run-bridge.ts "mail and room" 1 300
 *   node --conditions=groupstream:source test/simulation/run-bridge.ts "mail and room" 17
 */

import { type BridgeWorld, runBridge } from "./bridge.ts";

const [world = "mail and room", from = "1", count] = process.argv.slice(2);
let [bad, deaths, performed] = [0, 0, 0];
for (let seed = Number(from); seed < Number(from) + Number(count ?? 1); seed += 1) {
  const history = await runBridge(world as BridgeWorld, seed);
  deaths += history.deaths;
  performed += history.performed;
  if (count === undefined) console.log(history.trace.join("\n"));
  if (history.broken.length > 0) {
    bad += 1;
    console.log(`${world} ${seed}: ${history.broken.map(({ law, what }) => `${law} ${what}`).join(" · ")}`);
  }
}
console.log(`${world}: ${bad} broken, ${deaths} deaths, ${performed} performed`);
