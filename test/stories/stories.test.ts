/**
 * Golden stories: the views of one object's items before and after, and what is told of it.
 *
 * A story is a folder: `before/` and `after/` hold a view per item (`system+collection__key.json`), `told/` an activity per
 * file, in order. A view may have `$item`: what the item says beside it (role `rendering`, how far its text was read), and
 * what its collection is (owner, role). The same file name in both is the same item.
 */

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compose } from "../../src/activity/compose.ts";
import { snapshotOf } from "../../src/sync/page/fold.ts";
import { tell } from "../../src/tell/index.ts";
import { problemsOf } from "../../src/testing/validate.ts";
import { expand } from "./expand.ts";
import { itemsOf, read, type Story } from "./read.ts";

const folder = new URL("./", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** What `told/` holds of an activity, and the whole document. */
const toldOf = ({ before, after, places, numbers }: Story) => {
  const was = snapshotOf(itemsOf(before, numbers), places, undefined);
  const now = snapshotOf(itemsOf(after, numbers), places, undefined, was.folded);
  const view = (now.folded ?? was.folded)?.view;
  if (!view) return [];
  return tell(was, now).map((draft, ordinal) => {
    const { activity } = compose(draft, {
      naming: { store: "6fa459ea-ee8a-4ca4-894e-db77e160355e" },
      uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
      version: 1,
      ordinal,
      view,
      parents: [],
      system: "mail",
      placeName: (place) => place.slice(place.indexOf("/") + 1),
      losses: [],
    });
    const document = JSON.parse(activity);
    const { type, facet, target, origin, changed } = draft;
    const occurrence = document["groupstream:occurrence"];
    return { document, told: { type, facet, target, origin, changed, occurrence, sentences: document.summaryMap } };
  });
};

describe("stories", () => {
  it("are at least 35", () => expect(names.length).toBeGreaterThanOrEqual(35));

  it.each(names)("%s", async (name) => {
    const story = read(new URL(`${name}/`, folder));
    const activities = toldOf(story);
    expect(JSON.parse(JSON.stringify(activities.map(({ told }) => told)))).toEqual(story.told);
    for (const { document } of activities) {
      expect(problemsOf(document)).toEqual([]);
      await expect(expand(document)).resolves.toMatchObject({ "@id": document.id });
      expect(JSON.stringify(document)).not.toContain("secret@example.org");
    }
  });

  it("hold no folder that is not read, and no side that is empty on both ends", () => {
    for (const name of names) {
      const inside = readdirSync(new URL(`${name}/`, folder));
      expect(["after", "before", "told"]).toEqual(expect.arrayContaining(inside));
      expect(inside.some((side) => side !== "told")).toBe(true);
    }
  });
});
