import { isGroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { type Dav, openDav } from "../../../src/protocol/dav/client.ts";
import { discoverDav } from "../../../src/protocol/dav/discover.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { closedPort, tcp } from "../http/servers.ts";
import { access, close, event, multistatus, never, opened, reply, scripted, there } from "./places.ts";

afterEach(close);

const propfind = (dav: Dav, path = "/cal/") =>
  dav.multistatus({ method: "PROPFIND", url: new URL(path, dav.url).href, depth: "0", body: "<x/>" }, never);
const failureOf = async (work: Promise<unknown>): Promise<{ code: string; message: string; retryAfter?: number }> => {
  try {
    await work;
  } catch (error) {
    if (isGroupstreamError(error)) {
      expect(error.message).not.toMatch(/secret|Basic|Bearer/);
      return {
        code: error.code,
        message: error.message,
        ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
      };
    }
    throw error;
  }
  throw new Error("it did not fail");
};

describe("an access", () => {
  it("sends who asks, the login, and the depth", async () => {
    const server = await scripted((_, response) => reply(response, multistatus(there("/cal/", "<d:getetag>1</d:getetag>"))));
    const { responses } = await propfind(access(server.url));
    expect(responses).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ method: "PROPFIND", path: "/cal/", body: "<x/>" });
    expect(server.asked[0]?.headers).toMatchObject({
      "user-agent": "groupstream",
      depth: "0",
      authorization: `Basic ${Buffer.from("anna:secret-anna").toString("base64")}`,
      "content-type": "application/xml; charset=utf-8",
    });
  });

  it.each([301, 302, 307, 308])("follows a %i with method, body and login", async (status) => {
    const server = await scripted(({ path }, response) => {
      if (path === "/cal/") response.writeHead(status, { location: "/moved/" }).end();
      else reply(response, multistatus(there("/moved/", "")));
    });
    const { answer } = await propfind(access(server.url));
    expect(answer.url).toBe(`${server.url}/moved/`);
    expect(server.asked.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      "PROPFIND /cal/ <x/>",
      "PROPFIND /moved/ <x/>",
    ]);
    expect(server.asked[1]?.headers.authorization).toBe(server.asked[0]?.headers.authorization);
  });

  it("shows nothing to another host, unless that is named", async () => {
    const other = await scripted((_, response) => reply(response, multistatus(there("/", ""))));
    const server = await scripted((_, response) => response.writeHead(302, { location: `${other.url}/` }).end());
    const failure = await failureOf(propfind(access(server.url)));
    expect(failure.code).toBe("unreachable");
    expect(failure.message).toContain("hosts");
    expect(other.asked).toEqual([]);
    await propfind(access(server.url, { hosts: [`127.0.0.1:${other.port}`] }));
    expect(other.asked).toHaveLength(1);
  });

  it("asks no address on another host that an answer names", async () => {
    const other = await scripted((_, response) => reply(response, multistatus(there("/", ""))));
    const server = await scripted((_, response) =>
      reply(
        response,
        multistatus(there("/", `<d:current-user-principal><d:href>${other.url}/me/</d:href></d:current-user-principal>`)),
      ),
    );
    expect((await failureOf(discoverDav(access(server.url), "calendar", never))).code).toBe("unreachable");
    expect(other.asked).toEqual([]);
  });

  it("gives up after five redirects", async () => {
    const server = await scripted((_, response) => response.writeHead(307, { location: "/cal/" }).end());
    expect((await failureOf(propfind(access(server.url)))).code).toBe("unreachable");
    expect(server.asked).toHaveLength(6);
  });

  it("asks for another token once, and never repeats a password", async () => {
    let minted = 0;
    const server = await scripted(({ headers }, response) => {
      if (headers.authorization === "Bearer secret-2") reply(response, multistatus(there("/cal/", "")));
      else response.writeHead(401).end();
    });
    await propfind(access(server.url, { auth: { token: async () => `secret-${++minted}` } }));
    expect(server.asked).toHaveLength(2);
    expect((await failureOf(propfind(access(server.url, { auth: { token: async () => "secret-x" } })))).code).toBe(
      "unauthenticated",
    );
    expect(server.asked).toHaveLength(4);
    for (const auth of [{ token: "secret" }, { username: "anna", password: "secret" }]) {
      expect((await failureOf(propfind(access(server.url, { auth })))).code).toBe("unauthenticated");
    }
    expect(server.asked).toHaveLength(6);
  });

  it.each([
    [403, {}, "forbidden", undefined],
    [404, {}, "forbidden", undefined],
    [405, {}, "forbidden", undefined],
    [423, {}, "throttled", undefined],
    [429, { "retry-after": "17" }, "throttled", 17],
    [503, { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }, "throttled", 60],
    [500, {}, "unreachable", undefined],
    [507, {}, "unreachable", undefined],
    [200, {}, "unreachable", undefined],
  ] as const)("takes %i for what it is", async (status, headers, code, retryAfter) => {
    const server = await scripted((_, response) => response.writeHead(status, headers).end("a secret of the server's"));
    const dav = access(server.url, { now: () => Date.UTC(2026, 0, 1) });
    const failure = await failureOf(propfind(dav));
    expect([failure.code, failure.retryAfter]).toEqual([code, retryAfter]);
  });

  it("takes answers that break off, or are none, for a server that is not reached", async () => {
    const says = async (text: string): Promise<string> => {
      const server = await tcp((socket) => socket.end(text));
      opened.push(server);
      return (await failureOf(propfind(access(server.url)))).code;
    };
    const body = multistatus(there("/cal/", ""));
    expect(await says(`HTTP/1.1 207 M\r\nContent-Length: ${body.length + 100}\r\n\r\n${body}`)).toBe("unreachable");
    expect(await says("SSH-2.0-OpenSSH\r\n")).toBe("unreachable");
    expect(await says("")).toBe("unreachable");
    // A body shorter than it is: what came is no whole document.
    expect(await says(`HTTP/1.1 207 M\r\nContent-Length: ${body.length - 20}\r\nConnection: close\r\n\r\n${body}`)).toBe(
      "malformed",
    );
    expect((await failureOf(propfind(access(`http://127.0.0.1:${await closedPort()}`)))).code).toBe("unreachable");
  });

  it("asks once more where a line breaks, and writes on a line of its own", async () => {
    let asked = 0;
    // Every other connection is closed without a word once something was asked on it.
    const answer = multistatus(there("/cal/", ""));
    const server = await tcp((socket) => {
      asked += 1;
      if (asked % 2 === 1) return void socket.destroy();
      socket.end(`HTTP/1.1 207 M\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`);
    });
    opened.push(server);
    const dav = access(server.url);
    await propfind(dav);
    expect(server.connections()).toBe(2);
    expect(await davRemove(dav, `${server.url}/cal/a.ics`, "1", never)).toMatchObject({ kind: "unknown" });
    expect(server.connections()).toBe(3);

    const kept = await scripted((_, response) => reply(response, answer));
    const other = access(kept.url);
    for (let round = 0; round < 3; round += 1) await propfind(other);
    expect(kept.connections()).toBe(1);
    for (let round = 0; round < 3; round += 1) await davRemove(other, `${kept.url}/cal/a.ics`, "1", never);
    expect(kept.connections()).toBe(4);
  });

  it("waits no longer than it may, and takes no more than it may", async () => {
    const silent = await tcp(() => undefined);
    opened.push(silent);
    expect((await failureOf(propfind(access(silent.url, { timeout: 100 })))).code).toBe("unreachable");
    const server = await scripted((_, response) => reply(response, multistatus(there("/cal/", "x".repeat(10_000)))));
    expect((await failureOf(propfind(access(server.url, { maxBytes: 5_000 })))).code).toBe("malformed");
  });

  it("reaches nothing inside that it was not allowed to", async () => {
    const dav = openDav({ system: "dav", url: "http://127.0.0.1:1/", auth: { token: "secret" } });
    opened.push(dav);
    expect((await failureOf(propfind(dav))).code).toBe("unreachable");
    expect(() => openDav({ system: "dav", url: "ftp://a/", auth: { token: "secret" } })).toThrow("correct url");
  });
});

describe("a write", () => {
  const answering = async (status: number, headers: Record<string, string> = {}, body = "") => {
    const server = await scripted((_, response) => response.writeHead(status, headers).end(body));
    return { server, dav: access(server.url), url: `${server.url}/cal/a.ics` };
  };

  it.each([
    [{ etag: '"1"' }, { kind: "done", revision: "1", asSent: true }],
    [{ etag: 'W/"1"' }, { kind: "done", revision: "1", asSent: false }],
    [{ etag: '"1-gzip"' }, { kind: "done", revision: "1", asSent: true }],
    [{ etag: "1" }, { kind: "done", revision: "1", asSent: true }],
    [{}, { kind: "done", asSent: false }],
  ])("is done, and knows what stands by %o", async (headers, result) => {
    const { dav, url, server } = await answering(204, headers);
    expect(await davPut(dav, url, event("a", "A"), { kind: "calendar", match: "0" }, never)).toEqual(result);
    expect(server.asked[0]).toMatchObject({ method: "PUT", body: event("a", "A"), headers: { "if-match": '"0"' } });
  });

  it("says under which condition it is done", async () => {
    const { dav, url, server } = await answering(201);
    await davPut(dav, url, "x", { kind: "addressbook", create: true }, never);
    await davRemove(dav, url, 'W/"1-gzip"', never);
    expect(server.asked[0]?.headers).toMatchObject({ "if-none-match": "*", "content-type": "text/vcard; charset=utf-8" });
    expect(server.asked[1]?.headers).toMatchObject({ "if-match": '"1"' });
  });

  it.each([
    [412, "", { kind: "changed" }],
    [404, "", { kind: "gone" }],
    [410, "", { kind: "gone" }],
    [409, "", { kind: "refused", status: 409 }],
    [
      403,
      '<error xmlns="DAV:"><no-uid-conflict xmlns="urn:ietf:params:xml:ns:caldav"/></error>',
      { kind: "refused", status: 403, precondition: "{urn:ietf:params:xml:ns:caldav}no-uid-conflict" },
    ],
    [403, "<!DOCTYPE x><error xmlns='DAV:'><a/></error>", { kind: "refused", status: 403 }],
    [507, "", { kind: "refused", status: 507, full: true }],
  ])("is answered by %i: %s", async (status, body, result) => {
    const { dav, url } = await answering(status, {}, body);
    expect(await davPut(dav, url, "x", { kind: "calendar", create: true }, never)).toEqual(result);
  });

  it("is unknown where nobody can say, and an error where nothing was sent", async () => {
    const cut = await tcp((socket) => socket.destroy());
    opened.push(cut);
    const put = (url: string) => davPut(access(url), `${url}/a.ics`, "x", { kind: "calendar", create: true }, never);
    expect((await put(cut.url)).kind).toBe("unknown");
    const failing = await answering(502);
    expect((await davRemove(failing.dav, failing.url, "1", never)).kind).toBe("unknown");
    expect((await failureOf(put(`http://127.0.0.1:${await closedPort()}`))).code).toBe("unreachable");
    const busy = await answering(503, { "retry-after": "5" });
    expect(await failureOf(davRemove(busy.dav, busy.url, "1", never))).toMatchObject({ code: "throttled", retryAfter: 5 });
  });

  it("makes collections, their names escaped", async () => {
    const { dav, server } = await answering(201);
    const name = `A & <B> "C"`;
    await davMake(dav, `${server.url}/a/`, { kind: "calendar", name, components: ["VEVENT"] }, never);
    await davMake(dav, `${server.url}/b/`, { kind: "addressbook", name }, never);
    expect(server.asked.map(({ method }) => method)).toEqual(["MKCALENDAR", "MKCOL"]);
    for (const { body } of server.asked) expect(body).toContain("A &#38; &#60;B&#62; &#34;C&#34;");
  });
});
