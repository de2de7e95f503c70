/** What an account asks of its server: of what nobody has looked at no token, for which some go through every item. */

import { afterEach, expect, it } from "vitest";
import { davAccess, davShown } from "../../../src/protocol/dav/access.ts";
import { all, close, multistatus, never, opened, reply, scripted, there, token } from "./places.ts";

afterEach(close);

const principal = `<d:current-user-principal><d:href>/anna/</d:href></d:current-user-principal>
<c:calendar-home-set><d:href>/anna/</d:href></c:calendar-home-set>`;
const calendar = `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname>
<d:supported-report-set><d:supported-report><d:report><d:sync-collection/></d:report></d:supported-report></d:supported-report-set>`;

const start = async () => {
  const server = await scripted(({ method, body }, response) => {
    if (method === "OPTIONS") return void response.writeHead(200, { DAV: "1, calendar-access" }).end();
    if (/calendar-home-set/.test(body)) return reply(response, multistatus(there("/anna/", principal)));
    const asksToken = /sync-token/.test(body);
    reply(response, multistatus(there("/anna/work/", `${calendar}${asksToken ? token("token-1") : ""}`)));
  });
  const auth = { username: "anna", password: "secret" };
  const account = davAccess({ id: "calendars", url: server.url, auth, allow: ["private", "http"] }, "calendar");
  opened.push(account);
  /** The revisions shown, and how often a token was asked for. */
  const look = async (known?: ReadonlySet<string>) => {
    server.asked.length = 0;
    const shown = await all(davShown(account, never, undefined, known));
    const asked = server.asked.filter(({ body }) => /sync-token/.test(body)).length;
    return { revisions: shown.map(({ revision }) => revision), asked, url: shown[0]!.id };
  };
  // As a hub does: who it is comes first, and finds the calendars once.
  await account.collections(never, true);
  return { look };
};

it("asks no token of what the hub has not looked at", async () => {
  const { look } = await start();
  expect(await look(new Set())).toMatchObject({ revisions: [undefined], asked: 0 });
  expect(await look(new Set(["http://elsewhere/calendar/"]))).toMatchObject({ revisions: [undefined], asked: 0 });
});

it("asks it of what is known, and of everything where nobody says", async () => {
  const { look } = await start();
  const { url } = await look(new Set());
  expect(await look(new Set([url]))).toMatchObject({ revisions: ["token-1"], asked: 1 });
  expect(await look()).toMatchObject({ revisions: ["token-1"], asked: 1 });
});
