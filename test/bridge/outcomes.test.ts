/** Every bad outcome of a delivery, on real servers: seen with a sentence and a remedy; it holds back nothing else and loses nothing. */

import type { Delivery, Obstacle } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { xmpp } from "groupstream/adapters/xmpp";
import PostalMime from "postal-mime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { customer, mailbox, openPlaces, type Places } from "../../examples/mail-room/places.ts";
import { type Hub, openHubWith } from "../../src/hub/hub.ts";
import type { HubOptions } from "../../src/hub/options.ts";
import { hasDovecot } from "../adapters/imap/world.ts";
import { hasProsody } from "../adapters/xmpp/world.ts";
import { startSmtp } from "../lab/smtp.ts";
import { startTcpProxy, type TcpProxy } from "../lab/tcp-proxy.ts";
import { Person, part } from "../lab/xmpp.ts";
import { HandClock } from "../simulation/clock.ts";
import { Target } from "./target.ts";

describe.skipIf(!hasDovecot || !hasProsody)("a delivery that goes wrong", { timeout: 60_000 }, () => {
  let places: Places;
  let line: TcpProxy;
  let owner: Person;
  beforeAll(async () => {
    places = await openPlaces();
    line = await startTcpProxy(places.prosody.port);
    owner = places.colleague;
  }, 60_000);
  afterAll(async () => {
    await line?.[Symbol.asyncDispose]();
    await places?.[Symbol.asyncDispose]();
  });

  const opened: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
    const { smtp, dovecot } = places;
    smtp.taken.length = 0;
    smtp.refused.clear();
    for (const what of ["sender", "data"] as const) delete smtp.instead[what];
    await dovecot.doveadm("expunge", "-u", mailbox, "mailbox", "INBOX", "all");
  });

  let rooms = 0;
  /** A room of the colleague's own. */
  const room = async (): Promise<string> => {
    const made = `outcome${(rooms += 1)}@${places.prosody.rooms}`;
    await owner.enter(made, "Ann");
    return made;
  };

  interface Bridged {
    readonly hub: Hub;
    readonly clock: HandClock;
    readonly room: string;
    /** Syncs so often that what is told is also delivered and read back; no time passes. */
    readonly settle: () => Promise<void>;
    /** Time passes, and all that waited for it is tried. */
    readonly later: (ms?: number) => Promise<void>;
  }

  /** The mailbox and a room, both ways; and a second target for the mailbox, which always takes everything. */
  const bridged = async (
    over: {
      readonly room?: string;
      readonly password?: () => string;
      readonly smtp?: { readonly port: number; readonly auth?: { readonly user: string; readonly pass: string } };
      readonly everyone?: true;
    } = {},
  ): Promise<Bridged & { readonly other: Target }> => {
    const { dovecot, smtp, prosody } = places;
    const place = over.room ?? (await room());
    const { password } = await prosody.user("bridge");
    const other = new Target("other");
    const clock = new HandClock();
    const routes: HubOptions["routes"] = [
      { from: "mail/INBOX", to: `chat/${place.split("@")[0]}`, widen: "a test" },
      { from: "mail/INBOX", to: "other/in", widen: "a test" },
      {
        from: `chat/${place.split("@")[0]}`,
        to: "mail",
        only: "replies",
        widen: "a test",
        ...(over.everyone && { reach: "everyone" as const }),
      },
    ];
    const hub = await openHubWith({
      store: ":memory:",
      clock,
      systems: [
        imap({
          id: "mail",
          host: dovecot.host,
          port: dovecot.port,
          auth: { user: mailbox, pass: dovecot.password },
          owner: `mailto:${mailbox}`,
          readers: ["mailto:ann@example.org"],
          smtp: { host: smtp.host, port: smtp.port, from: { name: "Support", address: mailbox }, ...over.smtp },
        }),
        xmpp({
          id: "chat",
          domain: prosody.domain,
          service: `xmpp://127.0.0.1:${line.port}`,
          username: "bridge",
          password: over.password ?? password,
          nickname: "Mail",
          rooms: [place],
          audience: ["mailto:ann@example.org"],
          timeout: 3_000,
        }),
        other.adapter(),
      ],
      routes,
    });
    opened.push(hub);
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) await hub.sync();
    };
    const later = async (ms = 3_600_000): Promise<void> => {
      clock.advance(ms);
      await settle();
    };
    await settle();
    return { hub, clock, room: place, settle, later, other };
  };

  let letters = 0;
  /** The customer writes; gives the Message-ID. */
  const mailed = async (text: string, more: { answers?: string; cc?: string } = {}): Promise<string> => {
    const id = `outcome${(letters += 1)}@example.net`;
    const head = [
      `From: Ada <${customer}>`,
      `To: Support <${mailbox}>`,
      ...(more.cc ? [`Cc: ${more.cc}`] : []),
      ...(more.answers ? [`In-Reply-To: <${more.answers}>`, `References: <${more.answers}>`] : []),
      `Subject: ${text.slice(0, 40)}`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${id}>`,
    ];
    await places.dovecot.append(mailbox, "INBOX", [Buffer.from(`${head.join("\r\n")}\r\n\r\n${text}\r\n`)]);
    return id;
  };

  /** Keys of the bridge's posts that say this, in the order the room showed them. */
  const posts = async (at: string, text: string): Promise<readonly string[]> => {
    await owner.caughtUp(at);
    return owner.heard
      .filter(
        (stanza) =>
          stanza.name === "message" &&
          stanza.attrs.type === "groupchat" &&
          stanza.attrs.from === `${at}/Mail` &&
          (stanza.getChildText("body") ?? "").includes(text),
      )
      .map((stanza) => String(stanza.getChildren("stanza-id").find((child) => child.attrs.by === at)?.attrs.id));
  };

  /** The colleague answers the post that says this. */
  const answers = async (at: string, to: string, text: string): Promise<void> => {
    const [post = ""] = await posts(at, to);
    await owner.text(at, text, part.reply(`${at}/Mail`, post));
  };

  /** What was written in the mails that were taken, in their order. */
  const bodies = (): Promise<readonly string[]> =>
    Promise.all(places.smtp.taken.map(async ({ raw }) => (await PostalMime.parse(raw)).text?.trim() ?? ""));

  /** The only delivery there that something is in the way of; `why` says the same of its entry. */
  const obstructed = async (hub: Hub, target: string): Promise<Delivery> => {
    const found = (await hub.deliveries({ obstructed: true })).filter((one) => one.target.startsWith(target));
    expect(found).toHaveLength(1);
    const [delivery] = found as [Delivery];
    const verdicts = (await hub.why(delivery.seq))?.routes ?? [];
    expect(verdicts.flatMap((one) => (one.outcome === "delivery" ? [one.delivery] : []))).toContainEqual(delivery);
    return delivery;
  };

  const sentences: string[] = [];
  /** It stands so, and says in both languages what is in the way and what to do. */
  const shows = (
    { state, obstacle, reason, summaryMap }: Delivery,
    expected: { readonly state: Delivery["state"]; readonly obstacle: Obstacle; readonly reason: RegExp },
  ): void => {
    expect({ state, obstacle }).toEqual({ state: expected.state, obstacle: expected.obstacle });
    expect(reason).toMatch(expected.reason);
    for (const said of [summaryMap?.en, summaryMap?.de]) expect(said).toMatch(/^[A-Z].*; .*\.$/);
    expect(summaryMap?.en).not.toBe(summaryMap?.de);
    sentences.push(`${obstacle} ${summaryMap?.en}`);
  };

  describe("by mail", () => {
    it("one of two recipients is refused: done for the other, and shown", async () => {
      const { hub, room, settle } = await bridged({ everyone: true });
      await mailed("Two of us ask.", { cc: "Bob <bob@example.com>" });
      await settle();
      places.smtp.refused.set("bob@example.com", "550 5.1.1 no such user");
      await answers(room, "Two of us", "One of you hears.");
      await settle();
      expect(places.smtp.taken.map(({ to }) => to)).toEqual([[customer]]);
      const delivery = await obstructed(hub, "mail/");
      shows(delivery, { state: "done", obstacle: "no-recipient", reason: /example\.com was refused .*550 5\.1\.1/ });
      expect(delivery.losses?.map(({ field }) => field)).toContain("cc");
    });

    it("every recipient is refused: not sent, the next one is, and it is sent when tried again", async () => {
      const { hub, room, settle } = await bridged();
      await mailed("Who are you?");
      await settle();
      places.smtp.refused.set(customer, "550 5.1.1 no such user");
      await answers(room, "Who are you", "We are nobody.");
      await settle();
      const delivery = await obstructed(hub, "mail/");
      shows(delivery, {
        state: "refused",
        obstacle: "no-recipient",
        reason: /every recipient, at example\.org.*550 5\.1\.1.*check/,
      });
      places.smtp.refused.clear();
      await answers(room, "Who are you", "We are support.");
      await settle();
      expect(await bodies()).toEqual(["We are support."]);
      await hub.retry(delivery.id);
      await settle();
      expect(await bodies()).toEqual(["We are support.", "We are nobody."]);
      expect(await hub.deliveries({ obstructed: true })).toEqual([]);
    });

    it("one recipient is not taken for now: only that conversation waits, and then goes on in order", async () => {
      const { hub, room, settle, later } = await bridged();
      places.smtp.refused.set(customer, "450 4.2.1 busy");
      await mailed("First conversation.");
      await settle();
      for (const text of ["One.", "Two."]) await answers(room, "First conversation", text);
      await settle();
      shows(await obstructed(hub, "mail/"), { state: "retrying", obstacle: "no-recipient", reason: /takes no mail now .*450/ });
      places.smtp.refused.clear();
      await later();
      expect(await bodies()).toEqual(["One.", "Two."]);
    });

    it("it is larger than the server takes: not sent, the next one is", async () => {
      const small = await startSmtp({ size: 4_000 });
      opened.push(small);
      const { hub, room, settle } = await bridged({ smtp: { port: small.port } });
      await mailed("How long is a mail?");
      await settle();
      await answers(room, "How long", "word ".repeat(1_500));
      await settle();
      shows(await obstructed(hub, "mail/"), { state: "refused", obstacle: "too-large", reason: /too large .*send less/ });
      await answers(room, "How long", "Short.");
      await settle();
      expect(small.taken).toHaveLength(1);
      expect(small.taken[0]?.raw.toString()).toContain("Short.");
    });

    it("the login is refused: it waits until that is mended, and is sent once", async () => {
      const strict = await startSmtp({ users: {} });
      opened.push(strict);
      const auth = { user: "relay", pass: "secret" };
      const { hub, room, settle, later } = await bridged({ smtp: { port: strict.port, auth } });
      await mailed("May I come in?");
      await settle();
      await answers(room, "come in", "Come in.");
      await settle();
      shows(await obstructed(hub, "mail/"), { state: "retrying", obstacle: "unauthenticated", reason: /login .*535.*renew/ });
      strict.users.set("relay", "secret");
      await later();
      expect(strict.taken).toHaveLength(1);
      expect(await hub.deliveries({ obstructed: true })).toEqual([]);
    });

    it.each([
      ["sender", "550 5.7.1 not you", "forbidden", /does not take mail from this sender .*check smtp\.from/],
      ["data", "554 5.7.1 spam", "rejected", /refused the mail .*see its log/],
    ] as const)("the %s is answered %s", async (what, answer, obstacle, reason) => {
      const { hub, room, settle } = await bridged();
      await mailed("Do you take this?");
      await settle();
      places.smtp.instead[what] = answer;
      await answers(room, "take this", "No.");
      await settle();
      const delivery = await obstructed(hub, "mail/");
      shows(delivery, { state: "refused", obstacle, reason });
      delete places.smtp.instead[what];
      await hub.retry(delivery.id);
      await settle();
      expect(await bodies()).toEqual(["No."]);
    });
  });

  describe("in a room", () => {
    /** What the room does not take goes to the other target all the same; once mended it is tried again, and stands there once. */
    const mended = async (
      at: Bridged & { readonly other: Target },
      text: string,
      mend: () => Promise<unknown>,
    ): Promise<void> => {
      expect(at.other.lines()).toHaveLength(1);
      await mend();
      for (const { id, state } of await at.hub.deliveries({ obstructed: true }))
        if (state === "refused" || state === "dead") await at.hub.retry(id);
      await at.later();
      expect(await posts(at.room, text)).toHaveLength(1);
      expect(await at.hub.deliveries({ obstructed: true })).toEqual([]);
    };

    it("the room was taken away: shown, kept, and the other target goes on", async () => {
      const at = await bridged();
      await owner.destroy(at.room);
      await mailed("Is the room there?");
      await at.settle();
      const delivery = await obstructed(at.hub, "chat/");
      shows(delivery, { state: "refused", obstacle: "no-place", reason: /is not there any more; take it out of rooms/ });
      // Prosody remembers that it was taken away: nobody makes it again by entering.
      await at.hub.retry(delivery.id);
      await at.later();
      expect(await obstructed(at.hub, "chat/")).toMatchObject({ id: delivery.id, state: "refused", obstacle: "no-place" });
      await mailed("And now?");
      await at.settle();
      expect(at.other.lines()).toHaveLength(2);
    });

    it("the room never was", async () => {
      const at = await bridged({ room: `never@${places.prosody.rooms}` });
      await mailed("Was it ever?");
      await at.settle();
      shows(await obstructed(at.hub, "chat/"), { state: "refused", obstacle: "no-place", reason: /is not there; make it/ });
      await mended(at, "Was it ever", () => owner.enter(at.room, "Ann"));
    });

    it("the account may not speak there", async () => {
      const at = await bridged();
      await owner.configure(at.room, { "muc#roomconfig_moderatedroom": "1" });
      await owner.decide(at.room, { nick: "Mail", role: "visitor" });
      await mailed("May it speak?");
      await at.settle();
      shows(await obstructed(at.hub, "chat/"), {
        state: "refused",
        obstacle: "forbidden",
        reason: /may not speak .*give it voice/,
      });
      await mended(at, "May it speak", () => owner.decide(at.room, { nick: "Mail", role: "participant" }));
    });

    it("the room lets members in only", async () => {
      const at = await bridged();
      await owner.configure(at.room, { "muc#roomconfig_membersonly": "1" });
      await mailed("Is it a member?");
      await at.settle();
      shows(await obstructed(at.hub, "chat/"), {
        state: "refused",
        obstacle: "forbidden",
        reason: /members .*make the account a member/,
      });
      await mended(at, "Is it a member", () => owner.decide(at.room, { jid: "bridge@localhost", affiliation: "member" }));
    });

    it("the account is banned", async () => {
      const at = await bridged();
      await owner.decide(at.room, { jid: "bridge@localhost", affiliation: "outcast" });
      await mailed("Is it banned?");
      await at.settle();
      shows(await obstructed(at.hub, "chat/"), {
        state: "refused",
        obstacle: "forbidden",
        reason: /does not let this account in; lift the ban/,
      });
      await mended(at, "Is it banned", () => owner.decide(at.room, { jid: "bridge@localhost", affiliation: "none" }));
    });

    it("the login is refused: it waits until that is mended, and is posted once", async () => {
      let wrong = false;
      const { password } = await places.prosody.user("bridge");
      const at = await bridged({ password: () => (wrong ? "wrong" : password) });
      wrong = true;
      line.cut();
      await mailed("Who goes there?");
      await at.settle();
      shows(await obstructed(at.hub, "chat/"), {
        state: "retrying",
        obstacle: "unauthenticated",
        reason: /refused the user name or password .*correct/,
      });
      await mended(at, "Who goes there", async () => void (wrong = false));
    });
  });

  it("a target is down for an hour: the others go on; then everything arrives, in order, once", async () => {
    const at = await bridged();
    await places.prosody.kill();
    let parent: string | undefined;
    for (let minute = 0; minute < 60; minute += 6) {
      parent = await mailed(`Thread ${minute}.`, parent === undefined ? {} : { answers: parent });
      await mailed(`Alone ${minute}.`);
      await at.hub.sync();
      at.clock.advance(360_000);
    }
    expect(at.other.lines()).toHaveLength(20);
    const waiting = await at.hub.deliveries({ states: ["pending", "retrying", "unknown"] });
    expect(waiting.filter(({ target }) => target.startsWith("chat/"))).toHaveLength(20);
    const tried = waiting.filter(({ obstacle }) => obstacle !== undefined);
    expect(tried.length).toBeGreaterThan(0);
    for (const delivery of tried)
      shows(delivery, { state: "retrying", obstacle: "unreachable", reason: /Not sent|nothing answers|failed/ });

    await places.prosody.start();
    owner = await Person.open(places.prosody, await places.prosody.user("ann"));
    await owner.enter(at.room, "Ann");
    for (let turn = 0; turn < 4; turn += 1) await at.later();
    await owner.caughtUp(at.room);
    const said = owner.heard
      .filter(({ attrs }) => attrs.from === `${at.room}/Mail`)
      .map((one) => (one.getChildText("body") ?? "").replace(/^>.*$/gm, ""));
    const numbered = (word: string): readonly string[] =>
      said.flatMap((body) => body.match(new RegExp(`(?<=Ada: )${word} \\d+`)) ?? []);
    const minutes = Array.from({ length: 10 }, (_, n) => n * 6);
    expect(numbered("Thread")).toEqual(minutes.map((minute) => `Thread ${minute}`));
    expect([...numbered("Alone")].sort()).toEqual(minutes.map((minute) => `Alone ${minute}`).sort());
    expect((await at.hub.deliveries({ target: `chat/${at.room}` })).map(({ state }) => state)).toEqual(Array(20).fill("done"));
  });

  it("each obstacle has a sentence of its own", () => {
    const byObstacle = Map.groupBy(sentences, (line) => line.split(" ")[0]);
    const causes = [...byObstacle.values()].map(
      (lines) => new Set(lines.map((line) => line.split(" ").slice(1).join(" ").split(";")[0])),
    );
    expect(causes.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(causes.flatMap((one) => [...one])).size).toBe(byObstacle.size);
    expect([...byObstacle.keys()].sort()).toEqual(
      ["forbidden", "no-place", "no-recipient", "rejected", "too-large", "unauthenticated", "unreachable"].sort(),
    );
  });
});
