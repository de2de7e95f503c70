/** The hub as a whole: systems that come and go, calls from outside, bytes on demand, status, closing. */

import { openHub } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { note, Toy, whole } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";
import { until } from "./until.ts";

afterEach(closeAll);

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
    toy.before = (what, signal) =>
      what === "collections"
        ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        : undefined;
    const w = await world([toy]);
    const abort = new AbortController();
    const syncing = w.hub.sync({ signal: abort.signal });
    await until(() => toy.calls.includes("collections"), "it asks");
    abort.abort();
    await expect(syncing).rejects.toMatchObject({ name: "AbortError" });
    toy.before = () => undefined;
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
    toy.move("INBOX", "a", "Archive", "a9");
    await w.sync();
    expect(await new Response(await w.hub.content(url)).text()).toBe("Archive a9 2/1 ü");
    toy.remove("Archive", "a9");
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
    toy.before = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
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
        silent: false,
        collections: ["INBOX", "Archive"].map((name) => ({
          place: `mail/${name}`,
          name,
          lastLook: time,
          lag: 0,
          silent: false,
          told: name === "INBOX" ? 1 : 0,
          quarantined: 0,
          listing: false,
          held: false,
        })),
      },
    ],
    readers: [],
    deliveries: {},
  });
});
