/** What the tests of calendars and address books ask of a hub and of their options. */

import type { Hub } from "groupstream";
import { expect } from "vitest";

/** Syncs without a failure; gives the sentences told since it was asked last. */
export const telling = (hub: Hub): (() => Promise<readonly string[]>) => {
  let seq = 0;
  return async () => {
    for (const { failures } of await hub.sync()) expect(failures).toEqual([]);
    const news: string[] = [];
    for await (const { seq: at, activity } of hub.activities({ after: seq })) {
      seq = at;
      news.push(activity.summaryMap.en);
    }
    return news;
  };
};

/** Options that are all wrong are refused at once, without their secret. @param chosen  the option that names collections */
export const refusesAll = (adapter: (options: never) => unknown, chosen: "calendars" | "addressbooks"): void => {
  const wrong = {
    id: "Bad Id",
    url: "ftp://u:hunter2@example.org/",
    auth: { username: "x" },
    [chosen]: [],
    timeout: 1,
    colour: "red",
  };
  let said = "";
  try {
    adapter(wrong as never);
  } catch (error) {
    said = JSON.stringify([(error as Error).message, (error as { mistakes?: unknown }).mistakes]);
  }
  for (const name of ["id:", "url:", "auth:", `${chosen}:`, "timeout:", "colour"]) expect(said).toContain(name);
  expect(said).not.toContain("hunter2");
};
