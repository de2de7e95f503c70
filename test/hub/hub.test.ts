/** The hub as a whole: systems that come and go, calls from outside, bytes on demand, status, closing. */

import { GroupstreamError, openHub, type SystemLine } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { Target } from "../bridge/target.ts";
import { note, Toy, whole } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";

afterEach(closeAll);

/** Waits, without a clock of its own, until something is so. */
const until = async (so: () => unknown, what: string): Promise<void> => {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`never: ${what}`);
};

describe("sync", () => {
  it("of some systems leaves the others alone; of an unknown one is refused with those there are", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    const w = await world([one, two]);
    expect((await w.hub.sync({ systems: ["two"] })).map(({ system }) => system)).toEqual(["two"]);
    expect(one.calls).toEqual([]);
    await expect(w.hub.sync({ systems: ["three"] })).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringMatching(/three.*one, two/),
    });
  });

  it("called twice at once does one after the other and tells nothing twice", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a");
    await Promise.all([w.hub.sync(), w.hub.sync(), w.hub.sync()]);
    expect(await w.told()).toEqual(["Create a →INBOX"]);
  });

  it("aborted before it begins asks nobody", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await expect(w.hub.sync({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(toy.calls).toEqual([]);
  });

  it("aborted while an adapter hangs ends at once", async () => {
    const toy = new Toy();
    toy.step = (what, signal) =>
      what === "discover" ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) : undefined;
    const w = await world([toy]);
    const abort = new AbortController();
    const syncing = w.hub.sync({ signal: abort.signal });
    await until(() => toy.calls.includes("collections"), "it asks");
    abort.abort();
    await expect(syncing).rejects.toMatchObject({ name: "AbortError" });
    toy.step = () => undefined;
    expect((await w.hub.sync())[0]?.failures).toEqual([]);
  });

  it("with a second hub on the same store is refused, naming the first", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.hub.sync();
    const second = await openHub({ store: w.store, systems: [] });
    await expect(second.sync()).rejects.toMatchObject({
      code: "store",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await second.close();
  });
});

describe("systems that come and go", () => {
  it("added: synced from then on; a wrong or a second one of its id is refused", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    const w = await world([one]);
    await w.hub.add(two.adapter());
    expect((await w.hub.sync()).map(({ system }) => system)).toEqual(["one", "two"]);
    await expect(w.hub.add(new Toy("two").adapter())).rejects.toMatchObject({ code: "misconfigured" });
    await expect(w.hub.add({} as never)).rejects.toMatchObject({ code: "misconfigured" });
  });

  it("removed: closed and not asked again; its entries stay; back again it goes on where it was", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a");
    await w.sync();
    await w.hub.remove("mail");
    expect([toy.disposed, await w.hub.sync()]).toEqual([1, []]);
    expect(await w.entries()).toHaveLength(1);
    toy.mail("INBOX", "b");
    await w.hub.add(toy.adapter());
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
  });

  it("removed with forget: nothing of it is left but its entries; back again it is a baseline", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    await w.hub.remove("mail", { forget: true });
    expect((await w.hub.status()).systems).toEqual([]);
    await w.hub.add(toy.adapter());
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 1 });
  });
});

describe("run", () => {
  const running = async (...toys: Toy[]) => {
    const w = await world(toys, { poll: 60_000 });
    const abort = new AbortController();
    const lines: SystemLine[] = [];
    const done = w.hub.run({ signal: abort.signal, onLine: (one) => lines.push(one) });
    return { w, abort, lines, done };
  };

  it("answers a doorbell with a look at once, polls as the net under it, and resolves when aborted", async () => {
    const toy = new Toy();
    const { w, abort, lines, done } = await running(toy);
    await until(() => toy.calls.includes("watch") && w.clock.asleep > 0, "it watches");
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "the doorbell is answered");
    expect(lines).toHaveLength(1);
    toy.mail("INBOX", "b");
    w.clock.advance(70_000);
    await until(async () => (await w.store.lastSeq()) === 2, "it polls");
    abort.abort();
    await done;
    expect(w.clock.asleep).toBe(0);
  });

  it("adds, removes and forgets while it runs", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    const { w, abort, done } = await running(one);
    await until(() => one.calls.includes("watch"), "it watches one");
    await w.hub.add(two.adapter());
    await until(() => two.calls.includes("watch"), "it watches two");
    await w.hub.remove("one", { forget: true });
    expect(one.disposed).toBe(1);
    expect((await w.hub.status()).systems.map(({ id }) => id)).toEqual(["two"]);
    two.mail("INBOX", "a");
    two.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "two goes on");
    abort.abort();
    await done;
  });

  it("stops asking where a person is needed; the others go on", async () => {
    const [locked, good] = [new Toy("locked"), new Toy("good")];
    locked.step = () => {
      throw new GroupstreamError("unauthenticated", "locked: the password was refused; renew it");
    };
    const { w, abort, lines, done } = await running(locked, good);
    await until(() => lines.length >= 2 && good.calls.includes("watch"), "both had their turn");
    const asked = locked.calls.length;
    for (let turn = 0; turn < 5; turn += 1) {
      w.clock.advance(3_600_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(locked.calls.length).toBe(asked);
    good.mail("INBOX", "a");
    good.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "the good one goes on");
    expect((await w.hub.status()).systems.find(({ id }) => id === "locked")?.failing?.code).toBe("unauthenticated");
    abort.abort();
    await done;
  });

  it("backs off where a line is cut, and goes on when it holds again", async () => {
    const toy = new Toy();
    toy.step = () => {
      throw new GroupstreamError("unreachable", "cut");
    };
    const { w, abort, lines, done } = await running(toy);
    await until(() => lines.length === 1 && w.clock.asleep > 0, "it fails once");
    toy.step = () => undefined;
    w.clock.advance(6_000);
    await until(() => lines.length === 2, "it is tried again after some seconds");
    expect(lines[1]?.failures).toEqual([]);
    abort.abort();
    await done;
  });

  it("rejects for misconfigured", async () => {
    const toy = new Toy();
    toy.step = () => {
      throw new GroupstreamError("misconfigured", "no such host");
    };
    const { done } = await running(toy);
    await expect(done).rejects.toMatchObject({ code: "misconfigured" });
  });

  it("delivers what it tells", async () => {
    const [toy, target] = [new Toy("mail", "INBOX"), new Target()];
    const w = await world([toy, target.adapter()], { routes: [{ from: "mail", to: "hook" }] });
    const abort = new AbortController();
    const done = w.hub.run({ signal: abort.signal });
    await until(() => toy.calls.includes("watch"), "it watches");
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(() => target.got.length === 1, "it delivers");
    abort.abort();
    await done;
  });
});

describe("receive", () => {
  it("what an adapter keeps is committed before its answer; what it rings is looked at", async () => {
    const toy = new Toy("inbox", "posts");
    const seqs: number[] = [];
    const adapter = toy.adapter({
      receive: async (_request, { keep }) => {
        await keep("posts", [whole("p", note("p"))]);
        seqs.push(await w.store.lastSeq());
        return new Response(null, { status: 202 });
      },
    });
    const w = await world([adapter]);
    await w.sync();
    expect((await w.hub.receive("inbox", new Request("http://localhost/"))).status).toBe(202);
    expect(seqs).toEqual([1]);
    expect(await w.told()).toEqual(["Create p →posts"]);
    const [record] = await w.store.collections("inbox");
    const again = await w.reopen();
    expect(await again.sync()).not.toContainEqual(expect.stringMatching(/^Create/));
    expect(record?.position).toBeDefined();
  });

  it("of a system that cannot be called, or of none, is refused in words", async () => {
    const w = await world([new Toy()]);
    const request = new Request("http://localhost/");
    await expect(w.hub.receive("mail", request)).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining("mail"),
    });
    await expect(w.hub.receive("none", request)).rejects.toMatchObject({ code: "misconfigured" });
  });
});

describe("content", () => {
  const urlOf = async (w: Awaited<ReturnType<typeof world>>): Promise<string> => {
    const [entry] = await w.entries();
    return (entry?.activity.object as { attachment: { url: string }[] } | undefined)?.attachment[0]?.url ?? "";
  };
  const withFile = { attachment: [{ part: "2/1 ü", name: "f", mediaType: "text/plain" }] };

  it("streams the part by the URL that was told, also after the mail was moved, until it is deleted", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a", withFile);
    await w.sync();
    const url = await urlOf(w);
    expect(await new Response(await w.hub.content(url)).text()).toBe("INBOX a 2/1 ü");
    toy.move("a", "INBOX", "Archive", "a9");
    await w.sync();
    expect(await new Response(await w.hub.content(url)).text()).toBe("Archive a9 2/1 ü");
    toy.drop("Archive", "a9");
    await w.sync();
    await expect(w.hub.content(url)).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each(["", "https://example.org", "groupstream:content/x/1", "groupstream:content/01890a5d-ac96-774b-bcce-b302099a8057", 7])(
    "%j is refused",
    async (url) => {
      const w = await world([new Toy()]);
      await expect(w.hub.content(url as string)).rejects.toMatchObject({ code: "misconfigured" });
    },
  );

  it("a part that is no text of a URL is refused in words", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a", withFile);
    await w.sync();
    const url = (await urlOf(w)).replace(/[^/]*$/, "%E0%A4%A");
    await expect(w.hub.content(url)).rejects.toMatchObject({ code: "misconfigured" });
  });
});

describe("close", () => {
  it("twice is once; then everything is refused or ends, and nothing keeps the process", async () => {
    const toy = new Toy();
    const hub = await openHub({ store: ":memory:", systems: [toy.adapter()] });
    await hub.sync();
    await Promise.all([hub.close(), hub.close()]);
    await hub.close();
    expect(toy.disposed).toBe(1);
    await expect(hub.sync()).rejects.toMatchObject({ name: "AbortError" });
  });

  it("while it syncs and runs ends both", async () => {
    const toy = new Toy();
    toy.step = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const w = await world([toy]);
    const syncing = w.hub.sync().catch((error: Error) => error.name);
    await until(() => toy.calls.length > 0, "it asks");
    await w.hub.close();
    expect(await syncing).toBe("AbortError");
    expect(w.clock.asleep).toBe(0);
  });
});

it("describe asks the live system; status says what a person asks first", async () => {
  const toy = new Toy();
  const w = await world([toy]);
  expect(await w.hub.describe("mail")).toEqual(toy.manifest);
  await expect(w.hub.describe("none")).rejects.toMatchObject({ code: "misconfigured" });
  toy.mail("INBOX", "a");
  await w.sync();
  toy.mail("INBOX", "b");
  await w.sync();
  const time = w.clock.iso();
  expect(await w.hub.status()).toEqual({
    seq: 1,
    systems: [
      {
        id: "mail",
        kind: "toy",
        items: 2,
        told: 1,
        missing: 0,
        quarantined: 0,
        lastDiscovery: time,
        collections: ["INBOX", "Archive"].map((name) => ({
          place: `mail/${name}`,
          name,
          lastLook: time,
          listing: false,
          held: false,
        })),
      },
    ],
    readers: [],
    deliveries: {},
  });
});
