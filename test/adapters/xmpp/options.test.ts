/** What is wrong in the options, all at once, and what is not. */

import { isGroupstreamError } from "groupstream";
import { type XmppOptions, xmpp } from "groupstream/adapters/xmpp";
import { expect, it, vi } from "vitest";
import { accountOf } from "../../../adapters/suites/xmpp/options.ts";

const good: XmppOptions = {
  id: "chat",
  domain: "example.org",
  username: "bot",
  password: "secret",
  nickname: "Bridge",
  rooms: ["support@conference.example.org"],
};

const mistakesOf = (options: unknown): readonly string[] => {
  try {
    xmpp(options as XmppOptions);
    return [];
  } catch (error) {
    if (!isGroupstreamError(error) || error.code !== "misconfigured") throw error;
    expect(error.message).not.toContain("s3cret");
    return error.mistakes ?? [];
  }
};

it("tells every mistake at once, and repeats no value", () => {
  expect(mistakesOf(undefined)).toHaveLength(1);
  expect(mistakesOf({})).toHaveLength(6);
  const bad = {
    id: "Chat",
    domain: "user:s3cret@example.org",
    service: "xmpp://user:s3cret@example.org",
    username: "bot@s3cret",
    password: 7,
    nickname: "two\nlines",
    rooms: [{ room: "support", audience: "s3cret", secret: 1 }, "a@b", "A@b"],
    audience: [],
    timeout: 1,
    fileBytes: -1,
    insecure: true,
    tls: {},
  };
  expect(mistakesOf(bad)).toHaveLength(15);
  expect(mistakesOf({ ...good, rooms: [Object.create(null), ["a@b"]] })).toHaveLength(2);
});

it("fills in what is not said", () => {
  const audience = ["mailto:anna@example.org"];
  const rooms = [
    "Support@conference.example.org",
    { room: "sales@conference.example.org", audience: "public" as const },
    "sales@muc.example.org",
  ];
  const account = accountOf({ ...good, rooms, audience });
  expect(account.rooms).toEqual([
    { jid: "support@conference.example.org", name: "support", audience },
    { jid: "sales@conference.example.org", name: "sales@conference.example.org", audience: "public" },
    { jid: "sales@muc.example.org", name: "sales@muc.example.org", audience },
  ]);
  expect(accountOf(good)).toMatchObject({
    service: "example.org",
    plaintext: false,
    self: "xmpp:bot@example.org",
    timeout: 15_000,
    fileBytes: 10_000_000,
  });
  expect(accountOf(good).rooms[0]?.audience).toBe("unknown");
  expect(accountOf({ ...good, service: "xmpp://127.0.0.1:5222" }).plaintext).toBe(true);
  expect(accountOf({ ...good, insecure: "plaintext" }).plaintext).toBe(true);
});

it("does no I/O, and may be disposed of unused", async () => {
  const adapter = xmpp(good);
  await adapter[Symbol.asyncDispose]();
  await adapter[Symbol.asyncDispose]();
});

it("says how to install the package it needs, when it is first used", async () => {
  vi.doMock("@xmpp/client", () => {
    throw new Error("not found");
  });
  const adapter = xmpp(good);
  await expect(adapter.describe(new AbortController().signal)).rejects.toMatchObject({
    code: "misconfigured",
    message: "chat: the package @xmpp/client is missing; npm install @xmpp/client.",
  });
  vi.doUnmock("@xmpp/client");
});
