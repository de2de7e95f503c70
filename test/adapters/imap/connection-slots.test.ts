/** One mail after the other, so that whoever is killed leaves one in doubt; a server that takes long holds back nobody. */

import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { connectionSlots } from "../../../adapters/groupware/imap/connection-slots.ts";

const never = new AbortController().signal;

describe("turns", () => {
  it("come one after the other, in order", async () => {
    const turns = connectionSlots();
    const said: string[] = [];
    const one = async (name: string): Promise<void> => {
      using _turn = await turns(never);
      said.push(`${name} begins`);
      await pause(5);
      said.push(`${name} ends`);
    };
    await Promise.all([one("a"), one("b"), one("c")]);
    expect(said).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("go on beside one that takes long, at most three", async () => {
    const turns = connectionSlots(10);
    const held = await Promise.all([turns(never), turns(never), turns(never)]);
    let fourth = false;
    const last = turns(never).then((turn) => {
      fourth = true;
      return turn;
    });
    await pause(40);
    expect(fourth).toBe(false);
    held[0]?.[Symbol.dispose]();
    (await last)[Symbol.dispose]();
    for (const turn of held.slice(1)) turn[Symbol.dispose]();
    // Nobody is under way: one at a time again.
    const first = await turns(never);
    const second = turns(never);
    expect(await Promise.race([second.then(() => "both"), pause(3, "one")])).toBe("one");
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
  });

  it("are given up by who is aborted, and pass to the next", async () => {
    const turns = connectionSlots();
    const first = await turns(never);
    const control = new AbortController();
    const given = turns(control.signal);
    const next = turns(never);
    control.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    first[Symbol.dispose]();
    (await next)[Symbol.dispose]();
    await expect(turns(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });
});
