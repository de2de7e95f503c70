/** Secrets and content are planted everywhere, and looked for in everything an operator sees. */

import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createListener, type Server as Listener, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultOf, GroupstreamError, withoutSecrets } from "../../src/contract/errors.ts";
import { Folder, records } from "./command.ts";

let folder: Folder;
let server: Server;
/** How the receiver answers; it always says back what it was sent. */
let status = 204;
let account: Listener;
const sockets = new Set<Socket>();

/** A mail server that refuses every login and says back what it was sent. */
const refusing = (socket: Socket): void => {
  sockets.add(socket);
  socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  socket.write("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n");
  socket.setEncoding("latin1").on("data", (text: string) => {
    for (const line of text.split("\r\n").filter(Boolean)) {
      const [tag = "*", verb = ""] = line.split(" ");
      if (/^capability$/i.test(verb)) socket.write(`* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n${tag} OK done\r\n`);
      else if (/^(login|authenticate)$/i.test(verb))
        socket.write(`${tag} NO [AUTHENTICATIONFAILED] no such login: ${line} kranich-password\r\n`);
      else if (/^logout$/i.test(verb)) socket.end(`* BYE\r\n${tag} OK done\r\n`);
      else socket.write(`${tag} OK done\r\n`);
    }
  });
};

beforeEach(async () => {
  account = createListener(refusing);
  await new Promise<void>((resolve) => account.listen(0, "127.0.0.1", resolve));
  folder = await Folder.make();
  status = 204;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      response.writeHead(status, { "x-echo": "kranich-header" }).end(status === 204 ? undefined : Buffer.concat(chunks)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await folder.remove();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => account.close(resolve));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const signing = Buffer.alloc(32, 9).toString("base64");
/** Nothing an operator sees may hold one of these. */
const secrets = [
  "hunter2",
  "kranich-userinfo",
  "kranich-token",
  "kranich-header",
  "kranich-password",
  signing,
  signing.slice(4, 20),
];
const content = ["Geheimbetreff", "Geheimtext", "Geheimanhang"];

/** Everything at once: a mailbox, a webhook, an IMAP account that refuses, an adapter whose errors quote what it read. */
const planted = (mode: "well" | "ill"): Promise<void> => {
  const { port } = server.address() as AddressInfo;
  return folder.write(
    "groupstream.config.mjs",
    `import { appendFileSync } from "node:fs";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";
const log = (level) => (fields, message) => appendFileSync("log.jsonl", JSON.stringify({ level, message, ...fields }) + "\\n");
const quoting = (id, fail) => ({
  contract: 1, id, kind: "toy",
  describe: async () => ({ server: "toy", mapping: 1, gives: {}, takes: {} }),
  async *collections() { yield { id: "box", name: "Box", audience: "public" }; },
  async *changes() { fail(); },
  [Symbol.asyncDispose]: async () => {},
});
const ill = [
  imap({ id: "account", host: "127.0.0.1", port: ${(account.address() as AddressInfo).port}, insecure: "plaintext", auth: { user: "anna", pass: "kranich-password" } }),
  quoting("parser", () => JSON.parse('Geheimtext of a mail')),
  quoting("address", () => { throw new Error("GET https://anna:kranich-userinfo@example.org/api?token=kranich-token failed"); }),
];
export default {
  store: "./groupstream.db",
  systems: [
    maildir({ id: "mail", path: ${JSON.stringify(join(folder.path, "Maildir"))}, owner: "mailto:anna@example.org" }),
    webhook({ id: "crm", url: "http://127.0.0.1:${port}/hook/hunter2?token=kranich-token", secret: "whsec_${signing}", headers: { authorization: "Bearer kranich-token" }, audience: "public", allow: "private" }),
    ...(${JSON.stringify(mode)} === "ill" ? ill : []),
  ],
  routes: [{ from: "mail", to: "crm", widen: "a test" }],
  history: "all",
  logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
};`,
  );
};

const mail = async (id: string): Promise<void> => {
  await folder.mail(`Geheimbetreff ${id}`, { id });
  await folder.raw(
    `text-${id}`,
    `From: Ada <ada@example.net>\r\nTo: anna@example.org\r\nSubject: Geheimbetreff ${id}\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nMessage-ID: <text-${id}@cli.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nGeheimtext\r\n--b\r\nContent-Type: application/pdf; name="Geheimanhang.pdf"\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n`,
  );
};

/** What stands in an output that must not. */
const leaked = (text: string, words: readonly string[] = [...secrets, ...content]): readonly string[] =>
  words.filter((word) => text.includes(word));

describe("no secret and no content", () => {
  it("stands in what any command says to an operator, in the log, or in an error, well or ill", {
    timeout: 180_000,
  }, async () => {
    const said: [string, string][] = [];
    const run = async (...args: string[]) => {
      for (const extra of [["--json"], ["--text", "--lang", "de", "--debug"]]) {
        const { stdout, stderr } = await folder.run([...args, ...extra]);
        said.push([[...args, ...extra].join(" "), stdout + stderr]);
      }
    };
    await mail("one");
    await planted("well");
    const first = await folder.run(["sync"]);
    // The activities themselves are for whom they are told to.
    expect(leaked(first.stdout, content)).toEqual(content);
    expect(leaked(first.stdout + first.stderr, secrets)).toEqual([]);
    await planted("ill");
    for (const code of [503, 410]) {
      status = code;
      await mail(`ill-${code}`);
      const { stdout, stderr } = await folder.run(["sync"]);
      said.push([`sync ${code}`, stderr]);
      said.push([
        `sync ${code}, its records`,
        records(stdout)
          .filter(({ kind }) => kind !== "entry")
          .map((one) => JSON.stringify(one))
          .join("\n"),
      ]);
      expect(stderr).toContain("parser/box");
    }
    await run("doctor");
    await run("status");
    await run("deliveries");
    await run("deliveries", "--state", "done", "--state", "void");
    await run("quarantine");
    await run("why", "1");
    await run("why", "3");
    const [delivery] = records((await folder.run(["deliveries"])).stdout);
    await run("deliveries", "retry", String(delivery?.id));
    await run("deliveries", "retry", "none");
    await run("erase", "1");
    await run("prune", "--before", "2020-01-01");
    await run("why", "1");
    said.push(["the log", await folder.read("log.jsonl")]);
    expect(said.map(([what, text]) => [what, leaked(text)]).filter(([, found]) => found?.length)).toEqual([]);
    const all = said.map(([, text]) => text).join("\n");
    // The harmless part of each is there: nothing was simply left out.
    for (const word of ["SyntaxError: what was read", "https://example.org/api?…", "410", "503", "account", "unauthenticated"])
      expect(all).toContain(word);
    for (const level of ["debug", "info", "warn", "error"])
      expect(await folder.read("log.jsonl")).toContain(`"level":"${level}"`);
  });
});

describe("a message", () => {
  it.each([
    ["https://anna:pw@example.org/a?token=1#x", "https://example.org/a?…"],
    ["imaps://anna@mail.example.org:993 refused", "imaps://mail.example.org:993 refused"],
    ["see https://example.org/docs for more", "see https://example.org/docs for more"],
    ["write to anna@example.org?", "write to anna@example.org?"],
    ["two: http://a:b@x/ and http://c:d@y/?q", "two: http://x/ and http://y/?…"],
    ['"http://x/?a=1" and <http://y?b>', '"http://x/?…" and <http://y?…>'],
  ])("%s", (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
    expect(new GroupstreamError("store", text).message).toBe(shown);
  });

  it("of a parser is not repeated: it quotes what it read", () => {
    for (const parse of [() => JSON.parse("Geheim"), () => JSON.parse('{"a": Geheim}'), () => new Function("Geheim (")])
      try {
        parse();
        expect.unreachable();
      } catch (error) {
        expect(faultOf(error)).toBe("SyntaxError: what was read is not of the form that was expected");
      }
    expect(faultOf("http://a:b@c")).toBe("http://c");
  });
});
