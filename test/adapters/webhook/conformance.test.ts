/** The conformance kit against a receiver: what is only written to is checked in what it performs. */

import { webhook } from "groupstream/adapters/webhook";
import { adapterConformance, type World } from "groupstream/testing";
import { test } from "vitest";
import { http } from "../../protocol/http/servers.ts";

const cannot = { cannot: "a webhook gives nothing" };

/** A receiver that takes everything, and remembers it. */
const receiver = async (): Promise<World & { readonly url: string }> => {
  const taken: string[] = [];
  const server = await http((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      taken.push(body);
      response.writeHead(204).end();
    });
  });
  return {
    url: server.url,
    collections: ["activities"],
    // Nothing stands there: what somebody else puts is never seen.
    create: async () => undefined,
    change: cannot,
    remove: cannot,
    move: cannot,
    flag: cannot,
    spoil: cannot,
    found: cannot,
    forget: cannot,
    cut: cannot,
    slow: cannot,
    repeat: cannot,
    effects: async () => [...taken],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

adapterConformance({
  test,
  title: "webhook",
  world: receiver,
  make: ({ url }) =>
    webhook({
      id: "hook",
      url,
      secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
      audience: "public",
      allow: "private",
    }),
});
