import { GroupstreamError, type View } from "groupstream";
import { expect, test } from "vitest";
import { allRules, type Rules } from "../../src/sync/rules.ts";
import { listing, mail, Play, Stage, seen, type Thing } from "../scenarios/stage.ts";
import { runHistory } from "./history.ts";
import type { WorldName } from "./worlds.ts";

/** What is told if this rule is off; and what is told with every rule on. */
interface Story {
  readonly tells: (rules: Partial<Rules>) => Promise<readonly string[]>;
  readonly told: readonly string[];
}

const listsAnew = (): never => {
  throw new GroupstreamError("position-lost", "the position is no longer honoured; it is listed again");
};

const moved: Story = {
  told: ["Move m1 mail/INBOX > mail/Archive"],
  tells: async (rules) => {
    const box = new Stage("mail", "INBOX", "Archive");
    box.set("INBOX", "1", mail("m1"));
    await using play = new Play([box], { rules });
    await play.sync();
    box.move("INBOX", "1", "Archive");
    return await play.sync();
  },
};

/** The mail is always where the look has just been, for two rounds. */
const movedOn: Story = {
  told: ["Move m1 mail/C > mail/A"],
  tells: async (rules) => {
    const box = new Stage("mail", "A", "B", "C");
    box.set("C", "1", mail("m1"));
    await using play = new Play([box], { rules });
    await play.sync();
    const flees = (from: string, to: string) => (room: ReturnType<Stage["room"]>) => {
      box.move(from, "1", to);
      return [listing(room)];
    };
    box.room("A").looks.push((room) => [listing(room)], flees("A", "C"));
    box.room("C").looks.push(flees("C", "A"), flees("C", "A"));
    return await play.sync();
  },
};

const hinted: Story = {
  told: ["Add m1 > ben/INBOX"],
  tells: async (rules) => {
    const [ann, ben] = [new Stage("ann", "INBOX"), new Stage("ben", "INBOX")];
    const { same = [], ...whole } = mail("m1");
    // The baseline is read without text: its digest is known only to who asks for it.
    ann.set("INBOX", "1", { ...whole, same: same.filter(({ id }) => !id.startsWith("text:")) });
    ann.fetching = (_room, key) => ({ ...mail("m1"), key, revision: "1" });
    await using play = new Play([ann, ben], { rules });
    await play.sync();
    ben.set("INBOX", "1", mail("m1", { size: 1200 }));
    return await play.sync();
  },
};

const shared: Story = {
  told: [],
  tells: async (rules) => {
    const box = new Stage("mail", "INBOX");
    await using play = new Play([box], { rules });
    await play.sync();
    await play.sync();
    box.open("Shared");
    box.set("Shared", "1", mail("old", { came: "2020-01-01T00:00:00Z" }));
    return await play.sync();
  },
};

/** Until it is asked on a new connection the server knows of one mail of sixty. */
const emptied: Story = {
  told: [],
  tells: async (rules) => {
    const box = new Stage("mail", "INBOX");
    for (let n = 1; n <= 60; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
    await using play = new Play([box], { rules, history: "all" });
    await play.sync();
    let well = false;
    box.fetching = (room, key) => (well || key === "1" ? seen(room, key) : { key, gone: true });
    for (let looks = 0; looks < 5; looks += 1) {
      box.room("INBOX").looks.push((room, _since, { fresh }) => {
        well ||= fresh === true;
        return [well ? listing(room) : listing(room, ["1"])];
      });
    }
    return await play.sync();
  },
};

/** A server that leaves out one mail of three in its listings, and knows it all the same. */
const omitted: Story = {
  told: [],
  tells: async (rules) => {
    const box = new Stage("mail", "INBOX");
    for (let n = 1; n <= 3; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
    await using play = new Play([box], { rules, history: "all" });
    await play.sync();
    for (let looks = 0; looks < 9; looks += 1) box.room("INBOX").looks.push((room) => [listing(room, ["1", "2"])]);
    return await play.sync();
  },
};

/** The process ends between the look that took up an older listing and the one that follows it. */
const resumed: Story = {
  told: ["Create m0 > mail/INBOX"],
  tells: async (rules) => {
    const box = new Stage("mail", "INBOX");
    const room = box.room("INBOX");
    room.revision = "1";
    box.set("INBOX", "1", mail("m1"));
    room.looks.push(function* () {
      yield { sightings: [seen(room, "1")], position: { at: 1 }, listing: { id: "long" } };
      throw new GroupstreamError("unreachable", "the line is cut; it is tried again");
    });
    await using play = new Play([box], { rules });
    await play.sync();
    room.revision = "2";
    box.set("INBOX", "0", mail("m0", { came: play.clock.iso() }));
    const end = new AbortController();
    room.looks.push(
      () => [{ sightings: [], position: { at: 2 }, listing: { id: "long", last: true } }],
      () => {
        end.abort();
        return [];
      },
    );
    play.clock.advance(3_600_000);
    const hub = await play.open();
    await expect(hub.sync({ signal: end.signal })).rejects.toThrow();
    return await play.sync();
  },
};

const event = (name: string): { object: View; same: { id: string; within: "everywhere"; weight: "identity" }[] } => ({
  object: { type: "Event", name },
  same: [{ id: name, within: "everywhere", weight: "identity" }],
});

const reused: Story = {
  told: ["Create new > cal/c", "Delete old cal/c"],
  tells: async (rules) => {
    const cal = new Stage("cal", "c");
    cal.set("c", "e.ics", event("old"));
    await using play = new Play([cal], { rules, history: "all" });
    await play.sync();
    cal.set("c", "e.ics", event("new"));
    return [...(await play.sync())].sort();
  },
};

/** The organiser's newer copy is thrown away before the guest's has caught up with it. */
const resurfaced: Story = {
  told: ["Remove e cal/ann"],
  tells: async (rules) => {
    const cal = new Stage("cal", "ann", "ben");
    const revised = (edition: string, startTime: string): Thing => {
      const { object, same } = event("e");
      return { object: { ...object, edition, startTime } as View, same };
    };
    const [old, now] = [revised("0", "2026-04-01T09:00:00Z"), revised("1", "2026-04-01T10:00:00Z")];
    cal.set("ann", "e.ics", old);
    cal.set("ben", "x.ics", old);
    await using play = new Play([cal], { rules });
    await play.sync();
    cal.set("ann", "e.ics", now);
    await play.sync();
    cal.remove("ann", "e.ics");
    const told = await play.sync();
    cal.set("ben", "x.ics", now);
    return [...told, ...(await play.sync())];
  },
};

const slid: Story = {
  told: [],
  tells: async (rules) => {
    const cal = new Stage("cal", "c");
    // What cannot be asked for by key is left to a listing that shows it.
    cal.fetches = false;
    cal.set("c", "e.ics", event("e"));
    cal.set("c", "f.ics", event("f"));
    await using play = new Play([cal], { rules, history: "all" });
    await play.sync();
    let n = 0;
    const windowed = () => {
      n += 1;
      return [{ sightings: [seen(cal.room("c"), "f.ics")], position: n, listing: { id: `w${n}`, last: true as const } }];
    };
    cal
      .room("c")
      .looks.push(
        () => [{ sightings: [{ key: "e.ics", out: true as const }], position: 0 }],
        listsAnew,
        windowed,
        windowed,
        windowed,
        windowed,
        windowed,
      );
    return [...(await play.sync()), ...(await play.sync())];
  },
};

/** For each rule: the world in which switching it off breaks a law within so many histories, or the story that changes. */
const shown: { readonly [rule in keyof Rules]: { readonly world: WorldName; readonly within: number } | Story } = {
  settle: { world: "mail", within: 20 },
  twice: movedOn,
  move: moved,
  join: { world: "mail", within: 30 },
  hint: hinted,
  order: { world: "push", within: 20 },
  listing: { world: "mail", within: 20 },
  check: omitted,
  baseline: { world: "mail", within: 10 },
  age: shared,
  plausible: emptied,
  highwater: resurfaced,
  revision: resumed,
  reuse: reused,
  out: slid,
};

test.each(Object.keys(allRules) as (keyof Rules)[])("without the rule %s it goes wrong", async (rule) => {
  const off = { [rule]: false };
  const where = shown[rule];
  if ("tells" in where) {
    expect(await where.tells({})).toEqual(where.told);
    expect(await where.tells(off)).not.toEqual(where.told);
    return;
  }
  const broken: number[] = [];
  for (let seed = 1; seed <= where.within && broken.length === 0; seed += 1) {
    const { broken: laws } = await runHistory(where.world, seed, off);
    if (laws.length > 0) broken.push(seed);
  }
  expect(broken, `${where.within} histories of ${where.world} hold without ${rule}`).toHaveLength(1);
  const whole = await runHistory(where.world, broken[0] as number);
  expect(whole.broken).toEqual([]);
});
