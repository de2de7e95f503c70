/** The places of the example: a real Radicale with a calendar and an address book, a real Prosody with a room; and Ann, who has them. */

import { setTimeout as pause } from "node:timers/promises";
import { caldav } from "groupstream/adapters/caldav";
import { carddav } from "groupstream/adapters/carddav";
import { xmpp } from "groupstream/adapters/xmpp";
import { startProsody } from "../servers/prosody.ts";
import { startRadicale } from "../servers/radicale.ts";
import { Person } from "../servers/xmpp.ts";

export const ann = "mailto:ann@example.org";

/** A meeting of Ada's, as her calendar program writes it. @param edition  raised with every change of its time or place */
const meeting = (hour: number, place: string, edition: number): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example//Calendar//EN",
    "BEGIN:VEVENT",
    "UID:review@example.org",
    `DTSTAMP:20261101T08000${edition}Z`,
    "SUMMARY:Review",
    `DTSTART;TZID=Europe/Berlin:20301203T${hour}0000`,
    "DURATION:PT1H",
    `LOCATION:${place}`,
    "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org",
    "ATTENDEE;CN=Ann;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@example.org",
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org",
    `SEQUENCE:${edition}`,
    "X-ROOM-NUMBER;X-FLOOR=3:307",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

/** Eve's card in Ann's address book. */
const card = (phone: string): string =>
  [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "UID:eve",
    "FN:Eve Moneypenny",
    "N:Moneypenny;Eve;;;",
    "EMAIL:eve@example.org",
    `TEL;TYPE=WORK:${phone}`,
    "END:VCARD",
    "",
  ].join("\r\n");

/** A request that makes a collection with a name (RFC 4791 section 5.3.1, RFC 5689). */
const named = (element: string, type: string, name: string): string =>
  `<${element} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav">` +
  `<D:set><D:prop>${type}<D:displayname>${name}</D:displayname></D:prop></D:set></${element}>`;

/** Starts everything; disposal stops it and leaves nothing behind. */
export const openPlaces = async () => {
  const stack = new AsyncDisposableStack();
  const radicale = await startRadicale({ users: ["ann"] });
  stack.defer(() => radicale.stop());
  const prosody = await startProsody();
  stack.defer(() => prosody.stop());
  const room = `team@${prosody.rooms}`;
  const person = await Person.open(prosody, await prosody.user("ann"));
  stack.defer(() => person.stop());
  // The first to enter makes the room.
  await person.enter(room, "Ann");
  // Anybody may call themselves Ann: the room shows whose account it is.
  await person.configure(room, { "muc#roomconfig_whois": "anyone" });
  const { password } = await prosody.user("bridge");

  const auth = { username: "ann", password: radicale.password("ann") };
  const authorization = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
  /** Asks Radicale as her programs do. */
  const asked = async (method: string, url: string, headers: Readonly<Record<string, string>> = {}, body?: string) => {
    const answer = await fetch(url, { method, headers: { ...headers, authorization }, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`);
    return answer;
  };
  const put = (url: string, body: string, condition: Readonly<Record<string, string>>): Promise<Response> =>
    asked("PUT", url, { ...condition, "content-type": url.endsWith(".ics") ? "text/calendar" : "text/vcard" }, body);
  const isNew = { "if-none-match": "*" };

  const calendar = `${radicale.url}ann/work/`;
  await asked("MKCALENDAR", calendar, {}, named("C:mkcalendar", "", "Work"));
  const file = `${calendar}review.ics`;
  const book = `${radicale.url}ann/people/`;
  const isBook = "<D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>";
  await asked("MKCOL", book, {}, named("D:mkcol", isBook, "People"));
  await put(`${book}eve.vcf`, card("+49 30 1234"), isNew);
  const stands = async (url = file): Promise<{ etag: string; text: string }> => {
    const answer = await asked("GET", url);
    return { etag: String(answer.headers.get("etag")), text: await answer.text() };
  };

  return {
    radicale,
    prosody,
    room,
    person,
    /** Calendar, address book and room, ready to be read and written. */
    systems: () => [
      caldav({ id: "calendars", url: radicale.url, auth, allow: "private", owner: ann }),
      carddav({ id: "contacts", url: radicale.url, auth, allow: "private", owner: ann }),
      xmpp({
        id: "chat",
        domain: prosody.domain,
        service: `xmpp://${prosody.host}:${prosody.port}`,
        username: "bridge",
        password,
        nickname: "Calendar",
        rooms: [room],
        audience: [ann],
      }),
    ],
    /** Who is one person under several ids: Ann answers in the room, and her calendar is hers. */
    people: [{ ids: [ann, `xmpp:ann@${prosody.domain}`] }],
    /** Ada invites Ann. */
    async invites(): Promise<void> {
      await put(file, meeting(10, "Room 3", 0), isNew);
    },
    /** Ada moves the meeting, and leaves answers as they are. */
    async moves(): Promise<void> {
      const { etag, text } = await stands();
      const moved = text
        .replace(/^(DTSTART.*T)10(0000\r?)$/m, "$114$2")
        .replace(/^LOCATION:.*$/m, "LOCATION:Library")
        .replace(/^SEQUENCE:0/m, "SEQUENCE:1")
        .replace(/^(DTSTAMP:\d+T08000)0/m, "$11");
      await put(file, moved, { "if-match": etag });
    },
    /** Eve has another number. */
    async renumbers(): Promise<void> {
      const { etag } = await stands(`${book}eve.vcf`);
      await put(`${book}eve.vcf`, card("+49 30 5678"), { "if-match": etag });
    },
    /** The event as the server keeps it. */
    async kept(): Promise<string> {
      return (await stands()).text;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

export type Places = Awaited<ReturnType<typeof openPlaces>>;

/** What comes within 20 s. */
export const until = async <T>(what: string, find: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let waited = 0; waited < 20_000; waited += 100) {
    const found = await find();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error(`${what} did not come within 20 s`);
};
