/** Servers that schedule by themselves (RFC 6638), and a meeting on them as each person's own program sees it. */

import { hrefOfKey } from "groupstream/protocol/dav";
import { type Dav, openDav } from "../../../src/protocol/dav/client.ts";
import { davItem } from "../../../src/protocol/dav/items.ts";
import { davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { startCyrus } from "../../lab/cyrus.ts";
import { startSogo } from "../../lab/sogo.ts";
import { calendarAt, never } from "../../protocol/dav/places.ts";
import { rowsOf, type ServerRow } from "../dav/servers.ts";

/** Who has an account there: `anna` is anna@example.org. */
export type Person = "anna" | "bob" | "carl";
const people = ["anna", "bob", "carl"] as const;

/** A running server with an account for each person. */
export interface Scheduler {
  readonly url: string;
  readonly version: string;
  password(person: Person): string;
  home(person: Person): string;
  /** The calendar each has from the beginning: its last segment, and what people call it. */
  readonly first: { readonly segment: string; readonly name: string };
  stop(): Promise<void>;
}

/** Each server; `undefined` where it cannot be had here, with the reason printed. With CI=1 that is an error. */
export const schedulers: readonly ServerRow<Scheduler>[] = rowsOf<Scheduler>([
  ["SOGo", async () => ({ ...(await startSogo({ users: people })), first: { segment: "personal", name: "Personal Calendar" } })],
  ["Cyrus", async () => ({ ...(await startCyrus({ users: people })), first: { segment: "Default", name: "personal" } })],
]);

export const mail = (person: string): string => `mailto:${person}@example.org`;

/** How a person reaches the server, or something in front of it. */
export const accessOf = ({ url, password }: Pick<Scheduler, "url" | "password">, person: Person) => ({
  url,
  auth: { username: person, password: password(person) },
  allow: "private" as const,
});

/** Anna's meeting. */
const invitation = (uid: string, hour: string, sequence: number, invited: readonly Person[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20261101T080000Z",
    `DTSTART:20261203T${hour}0000Z`,
    "DURATION:PT1H",
    "SUMMARY:Review",
    `SEQUENCE:${sequence}`,
    "ORGANIZER;CN=Anna:mailto:anna@example.org",
    "ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED:mailto:anna@example.org",
    ...invited.map((one) => `ATTENDEE;CN=${one};RSVP=TRUE;PARTSTAT=NEEDS-ACTION:${mail(one)}`),
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

/** Somebody's copy of a meeting: unfolded text and revision. */
export interface Copy {
  readonly data: string;
  readonly revision: string;
}

/** A meeting, by a key of its own. */
export interface Meeting extends AsyncDisposable {
  readonly key: string;
  readonly davs: { readonly [person in Person]: Dav };
  calendar(person: Person): string;
  copyOf(person: Person): Promise<Copy | undefined>;
  /** Anna makes it, or changes it. */
  put(hour: string, sequence: number): Promise<void>;
  /** Somebody's own program writes their answer. */
  answer(person: Person, partstat: string): Promise<void>;
  /** Anna cancels it. */
  cancel(): Promise<void>;
}

let meetings = 0;

/** A meeting that nobody has yet. */
export const meetingOn = (server: Scheduler, invited: readonly Person[] = ["bob"]): Meeting => {
  const uid = `meeting${++meetings}`;
  const key = `${uid}.ics`;
  const davOf = (person: Person): Dav => openDav({ system: person, ...accessOf(server, person) });
  const davs = { anna: davOf("anna"), bob: davOf("bob"), carl: davOf("carl") };
  const calendar = (person: Person): string => `${server.home(person)}${server.first.segment}/`;
  const copyOf = async (person: Person): Promise<Copy | undefined> => {
    const item = await davItem(davs[person], calendarAt(calendar(person)), key, never);
    if (item.kind !== "there") return undefined;
    return { data: item.resource.data.replace(/\r?\n[ \t]/g, ""), revision: item.resource.revision };
  };
  const write = async (person: Person, body: string): Promise<void> => {
    const now = await copyOf(person);
    const condition = now ? { match: now.revision } : ({ create: true } as const);
    const url = hrefOfKey(key, calendar(person));
    const done = await davPut(davs[person], url, body, { kind: "calendar", ...condition }, never);
    if (done.kind !== "done") throw new Error(`${person}'s copy is not written: ${JSON.stringify(done)}`);
  };
  return {
    key,
    davs,
    calendar,
    copyOf,
    put: (hour, sequence) => write("anna", invitation(uid, hour, sequence, invited)),
    async answer(person, partstat) {
      const { data = "" } = (await copyOf(person)) ?? {};
      const own = new RegExp(`^ATTENDEE;(?=[^\\r\\n]*${mail(person)})[^\\r\\n]*`, "m");
      const answered = `ATTENDEE;CN=${person};PARTSTAT=${partstat}:${mail(person)}`;
      if (!own.test(data)) throw new Error(`${person} is not invited`);
      await write(person, data.replace(own, answered));
    },
    async cancel() {
      const { revision = "" } = (await copyOf("anna")) ?? {};
      await davRemove(davs.anna, hrefOfKey(key, calendar("anna")), revision, never);
    },
    async [Symbol.asyncDispose]() {
      if (await copyOf("anna")) await this.cancel();
      for (const dav of Object.values(davs)) await dav[Symbol.asyncDispose]();
    },
  };
};

/** What a copy says of somebody's answer. */
export const answerIn = (copy: Copy | undefined, person: string): string | undefined =>
  new RegExp(`^ATTENDEE(?=[^\\r\\n]*:${mail(person)})[^\\r\\n]*PARTSTAT=([A-Z-]+)`, "m").exec(copy?.data ?? "")?.[1];
