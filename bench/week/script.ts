/** The week: what two people do in their calendars, step by step. Pure: the same seed is the same week on every server. */

import { Random } from "../../test/simulation/random.ts";
import { keyOf, nameOf, type PartStat, type Place, type Thing, textOf } from "./things.ts";

/** What a client asks of a server. A `put` makes what is not there and else changes what it read (If-Match). */
export type Write =
  | { readonly kind: "put"; readonly at: Place; readonly key: string; readonly body: string }
  /** Bob's answer in what stands there. */
  | { readonly kind: "answer"; readonly at: Place; readonly key: string; readonly answer: PartStat; readonly stamp: number }
  | { readonly kind: "remove"; readonly at: Place; readonly key: string }
  | { readonly kind: "move"; readonly at: Place; readonly to: Place; readonly key: string };

/** One thing a person does. */
export interface Step {
  readonly what: string;
  readonly write: Write;
  /** In whose systems it shows; of several the first is looked at first. */
  readonly systems: readonly string[];
}

/** The calendars of the week. */
export const calendars: readonly Place[] = ["anna/Work", "anna/Private", "bob/Projects", "bob/Visits"];
/** Where Anna's second account invites whom its server then tells, and where that server puts it. */
export const scheduled: { readonly from: Place; readonly to: Place } = {
  from: "office/Personal Calendar",
  to: "bob/Personal Calendar",
};

/** A thing, and where: a meeting that is carried by hand has a copy of its own at who is invited. */
interface Standing {
  at: Place;
  thing: Thing;
  copy?: Thing;
}

const organisers: Readonly<Record<string, string>> = { anna: "mailto:anna@example.com", office: "mailto:anna@example.org" };
/** Bob's calendar for what others invite him to by hand. */
const visits: Place = "bob/Visits";
const titles = ["Review", "Planning", "Übergabe", "Retrospective", "Interview", "Jour fixe"];
const shapes = ["utc", "zoned", "day", "series", "task"] as const;
const systemIn = (place: Place): string => place.slice(0, place.indexOf("/"));
const put = (at: Place, thing: Thing): Write => ({ kind: "put", at, key: keyOf(thing.n), body: textOf(thing) });
const isScheduled = ({ at }: Standing): boolean => at === scheduled.from;
const mayChange = ({ thing }: Standing): boolean => !thing.broken && !thing.cancelled;

/** @param schedules  there is a server that tells the invited by itself */
export const scriptOf = (
  seed: number,
  { first, steps, schedules }: { readonly first: number; readonly steps: number; readonly schedules: boolean },
): { readonly first: readonly Write[]; readonly steps: readonly Step[] } => {
  const random = new Random(seed);
  const all: Standing[] = [];
  let count = 0;
  let now = 0;
  const pick = <T>(list: readonly T[]): T => random.pick(list) as T;

  const fresh = (shape: Thing["shape"], more: Partial<Thing> = {}): Thing => ({
    n: ++count,
    shape,
    title: pick(titles),
    day: random.int(60),
    hour: 8 + random.int(8),
    sequence: 0,
    stamp: now,
    without: [],
    moved: [],
    broken: false,
    ...more,
  });
  const done = (what: string, one: Standing, write: Write): Step => ({
    what: `${what} ${nameOf(one.thing)} in ${write.at}`,
    write,
    systems: isScheduled(one) ? [systemIn(scheduled.from), systemIn(scheduled.to)] : [systemIn(write.at)],
  });
  const make = (what: string, one: Standing): Step => {
    all.push(one);
    return done(what, one, put(one.at, one.thing));
  };
  /** One of those that fit is changed, and says who organises it so. */
  const change = (
    what: string,
    fits: (one: Standing) => boolean,
    changed: (thing: Thing) => Partial<Thing>,
  ): Step | undefined => {
    const one = random.pick(all.filter(fits));
    if (!one) return undefined;
    one.thing = { ...one.thing, stamp: now, ...changed(one.thing) };
    return done(what, one, put(one.at, one.thing));
  };
  /** Another time asks everybody again. */
  const anew = ({ sequence, invitation }: Thing): Partial<Thing> => ({
    sequence: sequence + 1,
    ...(invitation && { invitation: { ...invitation, answer: "NEEDS-ACTION" as const } }),
  });
  const isSeries = (one: Standing): boolean => mayChange(one) && one.thing.shape === "series" && one.thing.moved.length < 2;
  const isPlain = (one: Standing): boolean => mayChange(one) && !one.thing.invitation;
  /** An occurrence that nothing is said of yet. */
  const untouched = ({ without, moved }: Thing): number =>
    pick(
      Array.from({ length: 12 }, (_, at) => at).filter(
        (at) => at > 0 && !without.includes(at) && !moved.some(({ occurrence }) => occurrence === at),
      ),
    );

  const asks = ({ invitation }: Thing): boolean => invitation?.answer === "NEEDS-ACTION";
  const answered = (thing: Thing): Thing => ({
    ...thing,
    stamp: now,
    ...(thing.invitation && {
      invitation: { ...thing.invitation, answer: pick(["ACCEPTED", "TENTATIVE", "DECLINED"] as const) },
    }),
  });
  const answer = (one: Standing, at: Place, { n, stamp, invitation }: Thing): Step =>
    done("answer", one, { kind: "answer", at, key: keyOf(n), answer: invitation?.answer ?? "DECLINED", stamp });
  const answerByHand = (): Step | undefined => {
    const one = random.pick(all.filter(({ copy }) => copy && asks(copy)));
    if (!one?.copy) return undefined;
    one.copy = answered(one.copy);
    return answer(one, visits, one.copy);
  };
  const answerScheduled = (): Step | undefined => {
    const one = random.pick(all.filter((one) => isScheduled(one) && mayChange(one) && asks(one.thing)));
    if (!one) return undefined;
    one.thing = answered(one.thing);
    return answer(one, scheduled.to, one.thing);
  };
  /** What the organiser wrote reaches the invited, by a mail say. */
  const deliver = (): Step | undefined => {
    const one = random.pick(
      all.filter(
        ({ at, thing, copy }) =>
          thing.invitation && at !== scheduled.from && (copy === undefined || copy.sequence < thing.sequence),
      ),
    );
    if (!one) return undefined;
    one.copy = one.thing;
    return done("deliver", one, put(visits, one.copy));
  };
  /** What the invited said reaches the organiser. */
  const hear = (): Step | undefined => {
    const one = random.pick(
      all.filter(({ thing, copy }) => copy?.sequence === thing.sequence && copy.invitation?.answer !== thing.invitation?.answer),
    );
    if (!one?.copy?.invitation) return undefined;
    one.thing = { ...one.thing, stamp: now, invitation: one.copy.invitation };
    return done("hear of", one, put(one.at, one.thing));
  };
  const remove = (): Step | undefined => {
    const one = random.pick(all.filter(({ thing, copy }) => !thing.broken && !copy));
    if (!one) return undefined;
    all.splice(all.indexOf(one), 1);
    return done("delete", one, { kind: "remove", at: one.at, key: keyOf(one.thing.n) });
  };
  /** The copy of who was invited is thrown away; the meeting stands. */
  const forgetCopy = (): Step | undefined => {
    const one = random.pick(all.filter(({ copy }) => copy));
    if (!one) return undefined;
    delete one.copy;
    return done("throw away", one, { kind: "remove", at: visits, key: keyOf(one.thing.n) });
  };
  const move = (): Step | undefined => {
    const one = random.pick(all.filter((one) => isPlain(one)));
    const to = one && random.pick(calendars.filter((at) => at !== one.at && systemIn(at) === systemIn(one.at)));
    if (!one || !to) return undefined;
    const from = one.at;
    one.at = to;
    return done("move", one, { kind: "move", at: from, to, key: keyOf(one.thing.n) });
  };
  const invite = (at: Place): Step =>
    make("invite to", {
      at,
      thing: fresh("zoned", {
        invitation: { organiser: organisers[systemIn(at)] as string, answer: "NEEDS-ACTION" },
      }),
    });
  const isEvent = (one: Standing): boolean => mayChange(one) && one.thing.shape !== "task";

  /** Each edit with its weight; one that fits nothing gives way to another. */
  const edits: readonly (readonly [weight: number, () => Step | undefined])[] = [
    [9, () => make("make", { at: pick(calendars), thing: fresh(pick(shapes)) })],
    [6, () => change("rename", mayChange, ({ title }) => ({ title: pick(titles.filter((one) => one !== title)) }))],
    [
      10,
      () =>
        change(
          "reschedule",
          (one) => mayChange(one) && one.thing.moved.length + one.thing.without.length === 0,
          (thing) => ({ hour: thing.hour + 1, day: thing.day + 1 + random.int(3), ...anew(thing) }),
        ),
    ],
    [6, () => change("relocate", isEvent, ({ room = 0 }) => ({ room: room + 1 + random.int(9) }))],
    [4, () => change("cancel", isEvent, ({ sequence }) => ({ cancelled: true, sequence: sequence + 1 }))],
    [5, () => change("leave out of", isSeries, (thing) => ({ without: [...thing.without, untouched(thing)] }))],
    [
      5,
      () =>
        change("shift one of", isSeries, (thing) => ({
          moved: [...thing.moved, { occurrence: untouched(thing), hour: thing.hour + 2, following: false }],
        })),
    ],
    [
      3,
      () =>
        change(
          "shift all that follow in",
          (one) => isSeries(one) && !one.thing.moved.some(({ following }) => following),
          (thing) => ({ moved: [...thing.moved, { occurrence: untouched(thing), hour: thing.hour + 3, following: true }] }),
        ),
    ],
    [
      4,
      () =>
        change(
          "complete",
          (one) => one.thing.shape === "task" && !one.thing.done,
          () => ({ done: true }),
        ),
    ],
    [3, () => change("stamp", mayChange, () => ({}))],
    [
      3,
      () =>
        change(
          "break",
          (one) => isPlain(one) && one.thing.shape !== "task",
          () => ({ broken: true }),
        ),
    ],
    [
      5,
      () =>
        change(
          "mend",
          ({ thing }) => thing.broken,
          (thing) => ({ broken: false, hour: thing.hour + 1, ...anew(thing) }),
        ),
    ],
    [5, remove],
    [7, move],
    [4, () => invite("anna/Work")],
    [8, deliver],
    [6, answerByHand],
    [4, hear],
    [2, forgetCopy],
    ...(schedules
      ? ([
          [5, () => invite(scheduled.from)],
          [6, answerScheduled],
        ] as const)
      : []),
  ];
  const total = edits.reduce((sum, [weight]) => sum + weight, 0);
  const edit = (): Step => {
    for (;;) {
      let left = random.int(total);
      const [, chosen] = edits.find(([weight]) => (left -= weight) < 0) as (typeof edits)[number];
      const step = chosen();
      if (step) return step;
    }
  };

  const made = Array.from({ length: first }, (_, n) =>
    make("make", { at: calendars[n % calendars.length] as Place, thing: fresh(shapes[n % shapes.length] as Thing["shape"]) }),
  );
  return {
    first: made.map(({ write }) => write),
    steps: Array.from({ length: steps }, () => {
      now += 1;
      return edit();
    }),
  };
};
