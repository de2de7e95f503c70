/** What later evidence says is one thing is not posted twice: WHY finding 13, DESIGN "An object whose sameAs partner stands there". */

import { afterEach, expect, it } from "vitest";
import { digest, identity } from "../sync/toy.ts";
import { closeAll, type World, world } from "../sync/world.ts";
import { Postbox, Room } from "./room.ts";

afterEach(closeAll);

const states = async (w: World): Promise<readonly string[]> =>
  (await w.hub.deliveries()).map(({ verb, state, reason }) => `${verb} ${state}${reason ? `: ${reason}` : ""}`);

/** Two accounts with a copy of one mail each; what they have in common is known only after both were assigned: they are two objects. */
const twoCopies = async (later: boolean) => {
  const [one, two, chat] = [new Postbox("one"), new Postbox("two"), new Room()];
  const routes = ["one", "two"].map((id) => ({ from: `${id}/INBOX`, to: "chat/room", widen: "team" }));
  const w = await world([one, two, chat], { routes });
  await w.sync();
  two.mail("Archive", "m", {}, { same: [identity("copy")] });
  one.mail("INBOX", "m", {}, { same: [digest("m")] });
  await w.sync();
  if (later) two.mail("Archive", "m", { flags: ["flagged"] }, { same: [identity("copy"), digest("m")] });
  await w.sync();
  two.move("Archive", "m", "INBOX");
  for (let turn = 0; turn < 4; turn += 1) await w.sync();
  return { one, two, chat, w };
};

it("is void with its reason where its partner's post stands, and that post follows its own mail", async () => {
  const { one, chat, w } = await twoCopies(true);
  expect(chat.posts()).toEqual(["p1 hub: Ada: m"]);
  const [first, ...later] = await states(w);
  expect(first).toBe("Create done");
  expect(later.length).toBeGreaterThan(0);
  for (const state of later) expect(state).toMatch(/^\w+ void: what stands there is the same by later evidence$/);
  one.remove("INBOX", "m");
  for (let turn = 0; turn < 4; turn += 1) await w.sync();
  expect(chat.posts()).toEqual([]);
});

it("without such evidence there are two, and both are posted", async () => {
  const { chat } = await twoCopies(false);
  expect(chat.posts()).toHaveLength(2);
});
