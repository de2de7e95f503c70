/** English sentences. */

import type { Language } from "./kinds.ts";

const nameless = {
  event: "an event without a title",
  task: "a task without a title",
  person: "a person without a name",
  group: "a group without a name",
  organization: "an organisation without a name",
  message: "a message without subject",
} as const;

const thing = (shape: (words: string) => string): string =>
  `{thing, select, named {“{name}”} who {{name}} event {${shape(nameless.event)}} task {${shape(nameless.task)}} person {${shape(nameless.person)}} group {${shape(nameless.group)}} organization {${shape(nameless.organization)}} other {${shape(nameless.message)}}}{occurrence, select, one { ({occurred})} future { (from {occurred} on)} other {}}`;

/** The thing in mid-sentence, and at the beginning of one. */
const it = thing((words) => words);
const It = thing((words) => words.charAt(0).toUpperCase() + words.slice(1));

/** A task that nobody has heard of is called one. */
const task = (the: "the" | "The"): string =>
  `{thing, select, named {${the} task “{name}”} other {${the === "the" ? nameless.task : "A task without a title"}}}`;

/** The sentence with somebody who acted, and the one where nobody is known to have. */
const by = (active: string, passive: string): string => `{acted, select, yes {${active}} other {${passive}}}`;
const where = (has: string, words: string, without = ""): string => `{${has}, select, yes {${words}} other {${without}}}`;

const from = where("hasOrigin", " from {origin}");
const to = where("hasTarget", " to {target}");
const start = where("hasStart", " for {start}");
const on = where("hasStart", " on {start}");
const due = where("hasDue", ", due {due}");
const files = "{attachments, plural, =0 {} one { ({attachments} attachment)} other { ({attachments} attachments)}}";
const moved = by(`{actor} moved ${it}${from}${to}`, `${It} was moved${from}${to}`);
const added = by(`{actor} added ${it}${to}`, `${It} was added${to}`);
const removed = by(`{actor} removed ${it}${from}`, `${It} was removed${from}`);
const deleted = by(`{actor} deleted ${it}`, `${It} was deleted`);
const changed = by(
  `{actor} changed ${where("hasFields", `{fields} of ${it}`, it)}`,
  where("hasFields", `${It} changed: {fields}`, `${It} was changed`),
);
const message = (plain: string): string =>
  `{automatic, select, list {List message} bounce {Delivery report} autoreply {Automatic reply} receipt {Read receipt} bot {Automatic message} other {${plain}}}${where("acted", " from {actor}")}${where("hasTarget", " in {target}")}: ${it}${files}`;

export const en: Language = {
  locale: "en-GB",
  sentences: {
    "message.arrived": message("New message"),
    "message.sent": by(`{actor} sent ${it}${files}`, `${It} was sent${files}`),
    "message.replied": message("Reply"),
    "message.moved": moved,
    "message.added": added,
    "message.removed": removed,
    "message.flagged": by(`{actor} marked ${it} as {flag}`, `${It} was marked as {flag}`),
    "message.unflagged": by(`{actor} no longer marks ${it} as {flag}`, `${It} is no longer marked as {flag}`),
    "message.deleted": deleted,
    "message.edited": changed,
    "message.read": by(`{actor} read ${it}`, `${It} was read`),
    "message.unread": by(`{actor} marked ${it} as unread`, `${It} was marked as unread`),
    "event.created": by(`{actor} scheduled ${it}${start}`, `${It} was scheduled${start}`),
    "event.rescheduled": by(
      `{actor} rescheduled ${it}${where("hasStart", " to {start}")}`,
      `${It} was rescheduled${where("hasStart", " to {start}")}`,
    ),
    "event.relocated": by(
      where("hasLocation", `{actor} moved ${it} to {location}`, `{actor} removed the place of ${it}`),
      where("hasLocation", `${It} now takes place at {location}`, `${It} no longer has a place`),
    ),
    "event.cancelled": by(`{actor} cancelled ${it}${on}`, `${It}${on} was cancelled`),
    "event.repeated": by(`{actor} scheduled ${it} as well`, `${It} takes place as well`),
    "event.edited": changed,
    "event.moved": moved,
    "event.added": added,
    "event.removed": removed,
    "event.deleted": deleted,
    "event.invited": by(
      `{actor} invited ${where("hasParty", "{party}", "somebody")} to ${it}${on}`,
      `${where("hasParty", "{party}", "Somebody")} was invited to ${it}${on}`,
    ),
    "event.accepted": by(`{actor} accepted ${it}`, `${It} was accepted`),
    "event.tentative": by(`{actor} tentatively accepted ${it}`, `${It} was tentatively accepted`),
    "event.declined": by(`{actor} declined ${it}`, `${It} was declined`),
    "event.proposed": by(
      `{actor} proposed another time for ${it}${where("hasStart", ": {start}")}`,
      `Another time was proposed for ${it}${where("hasStart", ": {start}")}`,
    ),
    "task.created": by(`{actor} created ${task("the")}${due}`, `${task("The")} was created${due}`),
    "task.rescheduled": by(
      where("hasDue", `{actor} set ${it} to be due {due}`, `{actor} removed the date of ${it}`),
      where("hasDue", `${It} is now due {due}`, `${It} is no longer due at a time`),
    ),
    "task.completed": by(`{actor} completed ${it}`, `${It} is done`),
    "task.reopened": by(`{actor} reopened ${it}`, `${It} is open again`),
    "task.cancelled": by(`{actor} cancelled ${it}`, `${It} was cancelled`),
    "task.assigned": by(
      `{actor} assigned ${it} to ${where("hasParty", "{party}", "somebody")}`,
      `${It} was assigned to ${where("hasParty", "{party}", "somebody")}`,
    ),
    "task.unassigned": by(
      `{actor} took ${it} from ${where("hasParty", "{party}", "somebody")}`,
      `${It} is no longer assigned to ${where("hasParty", "{party}", "somebody")}`,
    ),
    "task.accepted": by(`{actor} took on ${it}`, `${It} was taken on`),
    "task.tentative": by(`{actor} may take on ${it}`, `${It} may be taken on`),
    "task.declined": by(`{actor} declined ${it}`, `${It} was declined`),
    "task.edited": changed,
    "task.moved": moved,
    "task.added": added,
    "task.removed": removed,
    "task.deleted": deleted,
    "person.appeared": `${It} is new${where("hasTarget", " in {target}")}`,
    "person.changed": changed,
    "person.moved": moved,
    "person.added": added,
    "person.removed": removed,
    "person.left": `${It} is no longer ${where("hasOrigin", "in {origin}", "there")}`,
    "group.joined": by(
      `{actor} added ${where("hasParty", "{party}", "somebody")} to ${it}`,
      `${where("hasParty", "{party}", "Somebody")} is now a member of ${it}`,
    ),
    "group.left": by(
      `{actor} removed ${where("hasParty", "{party}", "somebody")} from ${it}`,
      `${where("hasParty", "{party}", "Somebody")} is no longer a member of ${it}`,
    ),
    "group.moved": moved,
    "group.added": added,
    "group.removed": removed,
    "reaction.liked": by(`{actor} likes ${it}`, `Somebody likes ${it}`),
    "reaction.reacted": by(
      `{actor} reacted${where("hasEmoji", " with {emoji}")} to ${it}`,
      `Somebody reacted${where("hasEmoji", " with {emoji}")} to ${it}`,
    ),
    "reaction.undone": by(
      `{actor} took back ${where("hasEmoji", "{emoji}", "a reaction")} from ${it}`,
      `${where("hasEmoji", "{emoji}", "A reaction")} was taken back from ${it}`,
    ),
    "generic.created": by(`{actor} created ${it}`, `${It} was created`),
    "generic.updated": changed,
    "generic.deleted": deleted,
  },
  fields: {
    name: "name",
    subject: "title",
    content: "text",
    text: "text",
    published: "date",
    attributedTo: "author",
    to: "recipients",
    cc: "copy recipients",
    attachment: "attachments",
    startTime: "start",
    endTime: "end",
    location: "place",
    attendees: "attendees",
    status: "status",
    timezone: "time zone",
    recurrence: "repetition",
    classification: "privacy",
    progress: "progress",
    priority: "priority",
    address: "addresses",
    fields: "details",
    members: "members",
    adr: "postal address",
    anniversary: "anniversary",
    bday: "birthday",
    gender: "gender",
    geo: "coordinates",
    impp: "messenger",
    lang: "language",
    logo: "logo",
    nickname: "nickname",
    note: "note",
    org: "organisation",
    photo: "photo",
    related: "related people",
    role: "role",
    tel: "phone number",
    title: "job title",
    tz: "time zone",
    url: "web address",
  },
  sorts: { work: "work", home: "home", cell: "mobile", fax: "fax", pager: "pager" },
  flags: { flagged: "important", answered: "answered", forwarded: "forwarded", junk: "junk", draft: "draft" },
  quoted: (text) => `“${text}”`,
  more: (count) => `${count} more`,
};
