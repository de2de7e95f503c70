/** What a Maildir can give, asked of the disk. */

import type { Level, Manifest } from "groupstream";
import { collectionsOf } from "./collections.ts";
import type { MaildirPlace } from "./folder.ts";
import { MAPPING } from "./map.ts";

const full: Level = { level: "full" };
const degraded = (lost: string): Level => ({ level: "degraded", lost });
const none = (why: string, remedy?: string): Level => ({ level: "none", why, ...(remedy !== undefined && { remedy }) });

/**
 * What is given and what is lost, with reasons.
 * Fails: `unreachable` where the Maildir is not there.
 */
export const manifestOf = async (place: MaildirPlace, signal: AbortSignal): Promise<Manifest> => {
  let folders = 0;
  for await (const _ of collectionsOf(place, signal)) folders++;
  return {
    server: "Maildir",
    mapping: MAPPING,
    ...(place.owner !== undefined && { self: place.owner }),
    gives: {
      changes: degraded("The names of all files of a folder are listed at every look in which it changed."),
      text: full,
      files: full,
      invitations:
        place.invitations === "off"
          ? none("Calendar parts are files of their mail.", "Leave out the option invitations.")
          : degraded("They are read, not answered: a folder sends no mail."),
      flags: degraded("Flagged is told; keywords, which every server keeps in a file of its own, are not."),
      labels: none("A file is in one folder."),
      moves: degraded("A move is recognised by Message-ID, date, sender and size."),
      renames: degraded("A renamed folder is a new one, and its messages move into it."),
      threads: degraded("Threads are found by References and In-Reply-To."),
      watch: full,
      behaviour: degraded("Whether a message was seen is in its file's name; where that is off it is not looked at."),
      actors: none("A Maildir does not say who moved, flagged or deleted a message."),
    },
    takes: {},
    limits: { folders },
  };
};
