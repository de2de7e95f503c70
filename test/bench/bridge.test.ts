/** A tenth of what `bench -- bridge --full` measures: conversations both ways while lines are cut and the hub is killed. */

import { expect, it } from "vitest";
import type { Bar } from "../../bench/bar.ts";
import { chaos } from "../../bench/bridge/chaos.ts";
import { hasDovecot } from "../adapters/imap/world.ts";
import { hasProsody } from "../adapters/xmpp/world.ts";

it.skipIf(!hasDovecot || !hasProsody)(
  "loses, doubles, misplaces and echoes nothing",
  async () => {
    const figures: Bar[] = [];
    await chaos({ full: false, say: (figure) => void figures.push(figure), note: () => undefined });
    expect(figures.length).toBeGreaterThan(5);
    expect(figures.filter(({ holds }) => holds !== true)).toEqual([]);
  },
  300_000,
);
