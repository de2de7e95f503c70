/**
 * Calendars of an organiser and of attendees, in one system or several.
 *
 * Every copy of a meeting is an item of its own. What the organiser changes reaches the attendees' copies later; what they
 * answer reaches the organiser's copy later (RFC 6638, RFC 5546). A new SEQUENCE asks everybody again.
 */

import { type Adapter, type Answer, type Collection, GroupstreamError, type Sighting } from "groupstream";
import { type Env, type Toy, type Truth, toyManifest } from "../world.ts";
import { calendarChanges, type Looked } from "./calendar-changes.ts";
import { type Calendar, type Entry, factOf, type Letter, type Meeting, type Meetings, wholeOf } from "./calendar-words.ts";

const answers: readonly Answer[] = ["accepted", "tentative", "declined"];

export class CalendarToy implements Toy, Looked {
  readonly id: string;
  readonly env: Env;
  readonly #meetings: Meetings<CalendarToy>;
  readonly wholes: boolean;
  readonly #calendars: Calendar[] = [];
  change = 0;
  #cut = 0;
  #blind = 0;

  /** @param wholes  false: what changed is referred to by ETag and fetched by the core */
  constructor(id: string, owners: readonly string[], wholes: boolean, env: Env, meetings: Meetings<CalendarToy>) {
    this.id = id;
    this.env = env;
    this.#meetings = meetings;
    this.wholes = wholes;
    for (const owner of owners) {
      const calendar: Calendar = { owner, entries: new Map(), thrown: new Map(), gone: [], generation: 0 };
      this.#calendars.push(calendar);
      meetings.owners.set(owner, { toy: this, calendar });
    }
  }

  fill(count: number): void {
    for (let i = 0; i < count; i += 1) this.#organise(this.env.random.pick(this.#calendars) as Calendar);
  }

  line(what: string): void {
    this.env.step(`${this.id} ${what}`);
    if (this.#cut > 0) {
      this.#cut -= 1;
      throw new GroupstreamError("unreachable", `${this.id}: the line is cut; it is tried again`, { system: this.id });
    }
  }

  place(calendar: Calendar): string {
    return `${this.id}/${calendar.owner}`;
  }

  adapter(): Adapter {
    const toy = this;
    const find = (id: string): Calendar => toy.#calendars.find(({ owner }) => owner === id) as Calendar;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-calendar",
      async describe() {
        return toyManifest();
      },
      async *collections() {
        toy.line("PROPFIND");
        if (toy.#blind > 0) {
          toy.#blind -= 1;
          return;
        }
        for (const { owner } of toy.#calendars) yield { id: owner, name: owner, owner, audience: [owner] };
      },
      changes: ({ id }, since) => calendarChanges(toy, find(id), since),
      // What gives whole entries only can be without it.
      ...(!toy.wholes && {
        fetch: async function* ({ id }: Collection, keys: readonly string[]): AsyncGenerator<Sighting> {
          for (const key of keys) {
            toy.line(`GET ${key}`);
            const entry = find(id).entries.get(key);
            yield entry ? wholeOf(key, entry) : { key, gone: true };
          }
        },
      }),
      async [Symbol.asyncDispose]() {},
    };
  }

  truth(): Truth {
    return new Map(this.#calendars.map((calendar) => [this.place(calendar), [...calendar.entries.values()].map(factOf)]));
  }

  calm(): void {
    this.#cut = 0;
    this.#blind = 0;
    while (this.#meetings.letters.length > 0) this.#post();
  }

  again(): void {
    for (const calendar of this.#calendars) calendar.generation += 1;
  }

  mutate(): string | undefined {
    const { random } = this.env;
    const calendar = random.pick(this.#calendars) as Calendar;
    const [href, entry] = random.pick([...calendar.entries]) ?? [];
    const roll = random.int(100);
    if (roll < 40 && this.#meetings.letters.length > 0) return this.#post();
    if (href === undefined || !entry || roll < 55) return this.#organise(calendar);
    const mine = entry.meeting.organiser === calendar.owner;
    if (!mine) {
      // What is cancelled is not answered any more: nobody would hear of it.
      const stands = [...(this.#meetings.owners.get(entry.meeting.organiser)?.calendar.entries.values() ?? [])].some(
        ({ meeting }) => meeting.uid === entry.meeting.uid && meeting.status === "confirmed",
      );
      if (stands && entry.meeting.status === "confirmed") {
        if (roll < 92) return this.#answer(calendar, href, entry, random.pick(answers) as Answer);
        this.#answer(calendar, href, entry, "declined");
      } else if (roll < 80) return undefined;
      calendar.thrown.set(entry.meeting.uid, entry.meeting.sequence);
      this.#erase(calendar, href);
      return `${calendar.owner} throws ${entry.meeting.tag} away`;
    }
    if (roll < 85) return this.#revise(calendar, href, entry);
    if (roll < 88) return this.#replace(calendar, href, entry);
    return this.#cancel(calendar, href, entry);
  }

  trouble(): string | undefined {
    const calendar = this.env.random.pick(this.#calendars) as Calendar;
    switch (this.env.random.int(3)) {
      case 0:
        calendar.generation += 1;
        return `forgets the sync-token of ${calendar.owner}`;
      case 1:
        this.#cut = 1 + this.env.random.int(2);
        return "line is cut";
      default:
        if (!this.env.settled) return undefined;
        this.#blind = 1;
        return "hides: PROPFIND will answer empty once";
    }
  }

  #set(calendar: Calendar, href: string, meeting: Meeting): void {
    this.change += 1;
    const before = calendar.entries.get(href);
    if (before?.meeting.tag !== meeting.tag) {
      if (before) this.env.presence.leave(this.place(calendar), before.meeting.tag);
      this.env.presence.enter(this.place(calendar), meeting.tag);
    }
    calendar.entries.set(href, { meeting, etag: this.change, change: this.change });
  }

  #erase(calendar: Calendar, href: string): void {
    this.change += 1;
    const entry = calendar.entries.get(href) as Entry;
    calendar.entries.delete(href);
    calendar.gone.push({ href, change: this.change });
    this.env.presence.leave(this.place(calendar), entry.meeting.tag);
  }

  #invite(meeting: Meeting): void {
    for (const attendee of meeting.answers.keys()) this.#meetings.letters.push({ to: attendee, meeting });
  }

  #organise(calendar: Calendar, at?: string): string {
    const { random } = this.env;
    const m = this.#meetings;
    m.count += 1;
    m.stamp += 1;
    const guests = [...m.owners.keys(), "mailto:guest@example.net"].filter((one) => one !== calendar.owner && random.chance(0.7));
    const meeting: Meeting = {
      tag: `e${m.count}`,
      uid: `uid-${m.count}`,
      organiser: calendar.owner,
      sequence: 0,
      stamp: m.stamp,
      start: new Date(Date.parse("2026-04-01T09:00:00Z") + m.stamp * 60_000).toISOString(),
      location: `room ${random.int(3)}`,
      status: "confirmed",
      answers: new Map(guests.map((guest) => [guest, "none"])),
    };
    this.#set(calendar, at ?? `e${m.count}.ics`, meeting);
    this.#invite(meeting);
    return `${calendar.owner} organises ${meeting.tag} with ${guests.join(", ") || "nobody"}`;
  }

  /** Moved or relocated: a new SEQUENCE, and everybody is asked again. A start never returns to an earlier one. */
  #revise(calendar: Calendar, href: string, { meeting }: Entry): string {
    const { random } = this.env;
    this.#meetings.stamp += 1;
    const { stamp } = this.#meetings;
    const start = random.chance(0.7)
      ? new Date(Date.parse("2026-04-01T09:00:00Z") + stamp * 60_000).toISOString()
      : meeting.start;
    const asked = new Map([...meeting.answers.keys()].map((guest) => [guest, "none" as Answer]));
    for (const guest of this.#meetings.owners.keys())
      if (guest !== calendar.owner && random.chance(0.2)) asked.set(guest, "none");
    const next: Meeting = {
      ...meeting,
      sequence: meeting.sequence + 1,
      stamp,
      start,
      location: `room ${random.int(3)}`,
      answers: asked,
    };
    this.#set(calendar, href, next);
    this.#invite(next);
    return `${calendar.owner} revises ${meeting.tag} to SEQUENCE ${next.sequence}, ${next.start}, ${next.location}`;
  }

  #replace(calendar: Calendar, href: string, entry: Entry): string {
    if (entry.meeting.answers.size > 0) return this.#revise(calendar, href, entry);
    return `${calendar.owner} reuses the href of ${entry.meeting.tag}: ${this.#organise(calendar, href)}`;
  }

  #cancel(calendar: Calendar, href: string, { meeting }: Entry): string {
    this.#meetings.stamp += 1;
    const next: Meeting = { ...meeting, sequence: meeting.sequence + 1, stamp: this.#meetings.stamp, status: "cancelled" };
    this.#invite(next);
    if (this.env.random.chance(0.5)) {
      this.#set(calendar, href, next);
      return `${calendar.owner} cancels ${meeting.tag}`;
    }
    this.#erase(calendar, href);
    return `${calendar.owner} deletes ${meeting.tag}; its guests will hear of it`;
  }

  #answer(calendar: Calendar, href: string, { meeting }: Entry, answer: Answer): string {
    const { owner } = calendar;
    if (meeting.answers.get(owner) !== answer) {
      this.#set(calendar, href, { ...meeting, answers: new Map(meeting.answers).set(owner, answer) });
      this.#meetings.letters.push({ to: meeting.organiser, uid: meeting.uid, from: owner, answer, sequence: meeting.sequence });
    }
    return `${owner} answers ${meeting.tag}: ${answer}`;
  }

  /** One letter arrives; letters to one calendar keep their order. */
  #post(): string {
    const { letters, owners } = this.#meetings;
    const first = this.env.random.pick(letters) as Letter;
    const letter = letters.find(({ to }) => to === first.to) as Letter;
    letters.splice(letters.indexOf(letter), 1);
    const target = owners.get(letter.to);
    if (!target) return `a letter leaves for ${letter.to}`;
    return "meeting" in letter
      ? target.toy.#invited(target.calendar, letter.meeting)
      : target.toy.#replied(target.calendar, letter);
  }

  /** The organiser's new version comes to a guest; one thrown away stays so unless there is a new SEQUENCE. */
  #invited(calendar: Calendar, meeting: Meeting): string {
    const [href, entry] = [...calendar.entries].find(([, one]) => one.meeting.uid === meeting.uid) ?? [];
    if (!entry && (calendar.thrown.get(meeting.uid) ?? -1) >= meeting.sequence)
      return `${calendar.owner} had thrown ${meeting.tag} away`;
    const where = href ?? `in-${meeting.uid}-${this.change}.ics`;
    if (!entry && meeting.status === "cancelled") return `${calendar.owner} never had ${meeting.tag}`;
    const own = entry && entry.meeting.sequence === meeting.sequence ? entry.meeting.answers.get(calendar.owner) : undefined;
    this.#set(
      calendar,
      where,
      own === undefined ? meeting : { ...meeting, answers: new Map(meeting.answers).set(calendar.owner, own) },
    );
    return `${meeting.tag} SEQUENCE ${meeting.sequence} reaches ${calendar.owner}`;
  }

  /** A guest's answer comes to the organiser, whose server tells the other guests. */
  #replied(calendar: Calendar, letter: { uid: string; from: string; answer: Answer; sequence: number }): string {
    const [href, entry] = [...calendar.entries].find(([, one]) => one.meeting.uid === letter.uid) ?? [];
    if (href === undefined || !entry || entry.meeting.sequence !== letter.sequence || !entry.meeting.answers.has(letter.from))
      return `an answer of ${letter.from} comes too late`;
    this.#meetings.stamp += 1;
    const meeting: Meeting = {
      ...entry.meeting,
      stamp: this.#meetings.stamp,
      answers: new Map(entry.meeting.answers).set(letter.from, letter.answer),
    };
    this.#set(calendar, href, meeting);
    this.#invite(meeting);
    return `${letter.from}'s ${letter.answer} of ${meeting.tag} reaches ${calendar.owner}`;
  }
}
