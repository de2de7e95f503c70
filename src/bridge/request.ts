/** What an application asks for, in words of its own, and the command of it. */

import type { Command, Verb } from "../contract/adapter.ts";
import { isPlanned, type Planned } from "../contract/scheduling.ts";
import type { EventView, MessageView, Party, ProfileView, TaskView, Timed, View } from "../contract/view.ts";
import type { ActorId, DeliveryId, ObjectId } from "../contract/words.ts";
import { collectionFrom } from "../store/collection.ts";
import type { CollectionRecord, Item } from "../store/contract.ts";
import { changedBy, changedProfile, type OccurrenceName, type PlannedChange, type ProfileChange } from "./change.ts";
import { refOf } from "./decide.ts";

/** A message to be made. Text or HTML is enough; the other is made of it where a target wants it. */
export interface NewNote {
  readonly type: "Note";
  /** Subject. */
  readonly name?: string;
  readonly text?: string;
  readonly content?: string;
  /** Recipients; of an answer default its author. */
  readonly to?: readonly Party[];
  readonly cc?: readonly Party[];
  readonly bcc?: readonly Party[];
  /** What it answers. */
  readonly inReplyTo?: ObjectId;
}

/** A meeting to be made. Who asks organises it where somebody is invited. */
export type NewEvent = Pick<
  EventView,
  "type" | "name" | "text" | "content" | "location" | "attendees" | "status" | "recurrence" | "classification"
> &
  Timed;

/** A task to be made. */
export type NewTask = Pick<
  TaskView,
  | "type"
  | "name"
  | "text"
  | "content"
  | "location"
  | "attendees"
  | "status"
  | "completed"
  | "progress"
  | "priority"
  | "recurrence"
  | "classification"
> &
  Timed;

/** A contact to be made, or a group of them. */
export type NewProfile = Pick<ProfileView, "type" | "name" | "address" | "fields" | "members" | "labels">;

/** What is asked for, in the words of what is told. */
export interface Submission {
  /** What to do; `Create` with `inReplyTo` answers, `Announce` passes on to `to`. */
  readonly type: Exclude<Verb, "Deliver">;
  /** Who asks. */
  readonly actor: ActorId;
  /** The thing by its id, as an activity names it; of a `Create` the thing itself. */
  readonly object: ObjectId | NewNote | NewEvent | NewTask | NewProfile;
  /** Update of a meeting, task or contact: what is to be otherwise. */
  readonly change?: PlannedChange | ProfileChange;
  /** Update: of this occurrence of a series only. */
  readonly occurrence?: OccurrenceName;
  /**
   * Create, Update, Delete of a meeting: whoever it invites is told by the target, where it tells anybody. Only by the person whose calendar it
   * is in. Default: nobody is told.
   */
  readonly notify?: true;
  /** `system` or `system/collection` by name or id: where to create, move or add; else wherever the object is. */
  readonly target?: string;
  /** Add, Remove: a flag, as activities name it; without one the collection of `target` as a label. */
  readonly flag?: string;
  /** EmojiReact, and the Undo of a reaction. */
  readonly emoji?: string;
  /** Undo: what is undone. */
  readonly undoes?: Verb;
  /** Announce: to whom. */
  readonly to?: readonly Party[];
  /** An answer without recipients reaches its author (default), or everyone the answered thing names. */
  readonly reach?: "author" | "everyone";
}

/** Where it is asked for. */
interface RequestPlace {
  readonly item?: Item;
  readonly collection?: CollectionRecord;
}

const isProfile = (view: View | undefined): view is ProfileView => view !== undefined && view.type !== "Note" && !isPlanned(view);

/** What is made, by who asks for it. */
const madeOf = (object: Exclude<Submission["object"], ObjectId>, actor: ActorId): View => {
  if (object.type === "Note") return noteOf(object, actor);
  return object.type === "Event" || object.type === "Task" ? plannedOf(object, actor) : object;
};

/** The object as it should stand; absent where the verb needs none. */
const objectOf = ({ object, actor, to, change, occurrence }: Submission, item: Item | undefined): View | undefined => {
  if (typeof object !== "string") return madeOf(object, actor);
  const view = item?.view;
  if (change && isPlanned(view)) return changedBy(view, change as PlannedChange, occurrence);
  if (change && isProfile(view)) return changedProfile(view, change as ProfileChange);
  return to && { type: "Note", to };
};

/** The command of a request, for its first attempt. */
export const requestCommand = (
  request: Submission,
  { item, collection }: RequestPlace,
  id: DeliveryId,
  root: Command["root"] | undefined,
): Command => {
  const { type: verb, actor, object, flag, emoji, undoes, reach, notify } = request;
  const wished = objectOf(request, item);
  const base = verb === "Update" || verb === "Delete" ? item?.view : undefined;
  return {
    id,
    attempt: 1,
    verb,
    actor,
    activity: { type: verb, actor, object: typeof object === "string" ? object : { type: object.type, name: object.name } },
    ...(wished && { object: wished }),
    ...(base && { base }),
    ...(notify && { notify }),
    ...(collection && { collection: collectionFrom(collection) }),
    ...(item && { item: refOf(item) }),
    ...(root && { root }),
    ...(flag !== undefined && { flag }),
    ...(emoji !== undefined && { emoji }),
    ...(undoes !== undefined && { undoes }),
    ...(reach !== undefined && { reach }),
    trail: [],
  };
};

const noteOf = ({ inReplyTo: _inReplyTo, ...note }: NewNote, actor: ActorId): MessageView => ({
  ...note,
  attributedTo: { id: actor },
});

const plannedOf = (planned: NewEvent | NewTask, actor: ActorId): Planned =>
  (planned.attendees ?? []).length > 0 ? { ...planned, attributedTo: { id: actor } } : planned;
