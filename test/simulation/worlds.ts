/** The worlds that are simulated: which toy systems stand in each. */

import { CalendarToy } from "./toys/calendar.ts";
import { Meetings } from "./toys/calendar-words.ts";
import { ChatToy } from "./toys/chat.ts";
import { DeltaToy } from "./toys/delta.ts";
import { DirectoryToy } from "./toys/directory.ts";
import { MailToy } from "./toys/mail.ts";
import type { MailOptions, Post } from "./toys/mail-words.ts";
import { PushToy } from "./toys/pushonly.ts";
import type { Env, Toy } from "./world.ts";

const mail = (env: Env): Toy[] => {
  const { random } = env;
  const post: Post<MailToy> = { mails: [], boxes: [] };
  const box = (id: string, extra: number): MailToy => {
    const tier = random.pick(["delta", "counted", "plain"] as const) as MailOptions["tier"];
    return new MailToy({ id, tier, ids: random.chance(0.5), status: random.chance(0.6), extra }, env, post);
  };
  const boxes = [box("ann", 0), box("ben", 7)];
  for (const one of boxes) one.fill(random.int(6));
  if (env.large) (boxes[0] as MailToy).fill(45 + random.int(20), (boxes[0] as MailToy).folders[0]);
  return boxes;
};

const calendar = (env: Env): Toy[] => {
  const meetings = new Meetings<CalendarToy>();
  const toys = [
    new CalendarToy("office", ["mailto:alice@example.org", "mailto:bob@example.org"], env.random.chance(0.5), env, meetings),
    new CalendarToy("home", ["mailto:carol@example.org"], env.random.chance(0.5), env, meetings),
  ];
  for (const toy of toys) toy.fill(env.random.int(3));
  return toys;
};

const delta = (env: Env): Toy[] => {
  const toys = [new DeltaToy("graph", "patches", env), new DeltaToy("ews", "references", env)];
  for (const toy of toys) toy.fill(env.random.int(6));
  return toys;
};

const directory = (env: Env): Toy[] => {
  const toy = new DirectoryToy("ldap", env.random.chance(0.5), env);
  // Only a large one can lose so much that nobody believes it.
  toy.fill(env.large || env.random.chance(0.2) ? 110 : 4 + env.random.int(10));
  return [toy];
};

const chat = (env: Env): Toy[] => {
  const toys = [new ChatToy("chat", "delta", env), new ChatToy("talk", "listing", env)];
  for (const toy of toys) toy.fill(env.random.int(6));
  return toys;
};

const push = (env: Env): Toy[] => [new PushToy("inbox", env)];

/** By name: what stands in the world before the hub first looks. */
export const worlds = {
  mail,
  calendar,
  delta,
  directory,
  chat,
  push,
  all: (env: Env): Toy[] => [...mail(env), ...calendar(env), ...delta(env), ...directory(env), ...chat(env), ...push(env)],
} satisfies Readonly<Record<string, (env: Env) => Toy[]>>;

export type WorldName = keyof typeof worlds;

export const worldNames = Object.keys(worlds) as WorldName[];
