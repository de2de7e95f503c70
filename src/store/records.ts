/** What a store keeps: records, and everything one transaction changes. */

import type { Audience, Json, Obstacle, Position } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import type { ErrorCode } from "../contract/errors.ts";
import type { Loss, ObjectType, View } from "../contract/view.ts";
import type {
  ActivityId,
  ActorId,
  CollectionId,
  DeliveryId,
  EvidenceId,
  ItemKey,
  ListingId,
  Place,
  Revision,
  SystemId,
} from "../contract/words.ts";
import type { Memory } from "../fold/memory.ts";

/** One counter of the store: numbers openings of looks and discoveries, marks, commits. Only ever grows. */
export type Tick = number;

/** A row number of the store, minted with `Transaction.mint`; means nothing outside. */
export type RowNo = number;

/**
 * here: seen at last · missing: reported gone or absent, marked, still counts · out: no longer in scope, still counts ·
 * gone: told; the row stays for its order.
 */
export type Presence = "here" | "missing" | "out" | "gone";

/** One thing in one collection. */
export interface Item {
  readonly n: RowNo;
  readonly place: Place;
  readonly key: ItemKey;
  /** The object it is about; 0 for a key only known as gone. */
  readonly object: RowNo;
  readonly role: "own" | "rendering";
  readonly state: Presence;
  /** Absent once gone. */
  readonly view?: View;
  readonly revision: Revision;
  readonly order?: string;
  /** The manifest's mapping that made the view. */
  readonly mapping: number;
  /** How much text the view holds. */
  readonly text: "none" | "preview" | "full";
  /** The strongest identity evidence: the same key with another one is another item. */
  readonly identity?: EvidenceId;
  /** True once its text digest was asked for. */
  readonly digested: boolean;
  /** The listing it was last seen in. */
  readonly stamp?: ListingId;
  /** When it was last seen. */
  readonly seen: Tick;
  /** missing: when it was marked, and the wall clock then (ms). */
  readonly mark?: Tick;
  readonly markedAt?: number;
  /** missing: marked because a listing or discovery did not show it, not because the source said gone. */
  readonly absent: boolean;
  /** missing: the looks were asked for a second time. */
  readonly asked: boolean;
  /** A rendering: the digest of what we made it with. */
  readonly digest?: string;
}

/** Where an item is, and what it is there. What it shows takes most of the time to load. */
export type ItemHeader = Pick<Item, "n" | "place" | "key" | "object" | "role" | "state">;

/** What items are about. Its properties are folded from items, never stored. */
export interface ObjectRecord {
  readonly n: RowNo;
  /** The UUID of its canonical id. */
  readonly uuid: string;
  readonly type: ObjectType;
  /** Grows with every story told of it. */
  readonly version: number;
  /** The object that began its conversation: its own `n` where it did. */
  readonly thread: RowNo;
  /** What it was told with, where that is more than its items show now (see fold). */
  readonly memory?: Memory;
}

/** A failure that lasts. */
export interface Failing {
  readonly code: ErrorCode;
  readonly message: string;
  /** Wall clock, ms. */
  readonly since: number;
  readonly attempts: number;
  /** Not tried before, ms. */
  readonly next: number;
}

/** A collection and where its looks stand. */
export interface CollectionRecord {
  readonly place: Place;
  readonly id: CollectionId;
  readonly name: string;
  readonly role?: string;
  readonly owner?: ActorId;
  readonly audience: Audience;
  readonly address?: string;
  /** False once a finished discovery no longer showed it. */
  readonly shown: boolean;
  /** baseline: of the first discovery, recorded silently · late: found later, its age rule holds · done. */
  readonly first: "baseline" | "late" | "done";
  /** late: a `Create` of what came before is silent (ms); absent: everything is told. */
  readonly quietBefore?: number;
  readonly position?: Position;
  /** The listing the position is in, when it was first opened. */
  readonly listing?: {
    readonly id: ListingId;
    readonly opened: Tick;
    readonly openedAt: number;
    readonly text: "none" | "preview" | "full";
  };
  /** The last look that finished: when it opened, when it ended (ms). */
  readonly opened?: Tick;
  readonly openedAt?: number;
  readonly finishedAt?: number;
  /** The collection's own revision as of that look. */
  readonly revision?: string;
  /** What that look was allowed to read, and the mapping. */
  readonly read?: string;
  /** The manifest's mapping that made every view of it; another one: some are to be read again. */
  readonly mapped: number;
  /** An implausible listing: how many were held one after the other; 0 none. */
  readonly held: number;
  /** When the last page was committed. */
  readonly touched: Tick;
  readonly failing?: Failing;
  /** A listing is due although the position is good. */
  readonly relist: boolean;
}

/** A system and where its discoveries stand. */
export interface SystemRecord {
  readonly id: SystemId;
  readonly kind: string;
  /** The first discovery has finished. */
  readonly discovered: boolean;
  /** The last discovery that finished: when it opened; when it ended (ms). */
  readonly opened?: Tick;
  readonly finishedAt?: number;
  /** As of that discovery: the oldest opening (ms) among all collections' last finished looks; absent: one was never looked at. */
  readonly age?: number;
  /** An implausible discovery was held. */
  readonly held: number;
  readonly mapping: number;
  readonly self?: ActorId;
  readonly failing?: Failing;
  readonly runs?: Heartbeat;
}

/** A hub claims to look at this system again and again. Taken away when it ends; a process that was killed leaves it. */
export interface Heartbeat {
  /** Milliseconds between its rounds. */
  readonly poll: number;
  /** Since when (ms), and when it last committed a page of a look that is under way. */
  readonly since: number;
  readonly page?: number;
}

/** Evidence as looked up: `scope` is a system's id, or `*` everywhere. */
export interface EvidenceKey {
  readonly scope: string;
  readonly id: EvidenceId;
}

/** One evidence of an object. Strong = identity or content: unique, the first object keeps it. */
export interface EvidenceRecord extends EvidenceKey {
  readonly strong: boolean;
  readonly object: RowNo;
}

/** A log entry as stored: a complete AS2 activity. */
export interface EntryRecord {
  readonly id: ActivityId;
  readonly object: RowNo;
  readonly type: string;
  readonly facet: string;
  /** Where it happened, for routes; the system alone (`mail/`) where no collection is concerned. */
  readonly places: readonly Place[];
  readonly thread: RowNo;
  /** The delivery that caused it, if one of ours did. */
  readonly cause?: DeliveryId;
  /** The AS2 document, serialised. */
  readonly activity: string;
  /** When it was written, ms. */
  readonly at: number;
}

/** A log entry as read. */
export interface StoredEntry extends EntryRecord {
  readonly seq: number;
}

/** An item that could not be read. */
export interface QuarantineRecord {
  readonly place: Place;
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly reason: string;
  readonly part?: string;
  readonly since: number;
  readonly tries: number;
  readonly mapping: number;
  /** The listing it was last seen in. */
  readonly stamp?: ListingId;
}

/** pending → sending → done | refused | unknown | retrying → … → dead; void: nothing to do. */
export type DeliveryState = "pending" | "sending" | "retrying" | "unknown" | "done" | "refused" | "dead" | "void";

/** A wish of a target and a log entry. */
export interface DeliveryRecord {
  readonly id: DeliveryId;
  readonly target: Place;
  readonly seq: number;
  /** The object it is about; 0 where the activity is handed over as it is and no object was known. */
  readonly object: RowNo;
  readonly lane: string;
  readonly state: DeliveryState;
  /** What was, or is to be, performed; of a wish that was not decided yet the activity's type. */
  readonly verb: string;
  readonly attempt: number;
  /** Not tried before, ms. */
  readonly next: number;
  /** Why it stands as it does, where the hub itself decided it. */
  readonly because?: Because;
  /** The same in one sentence of the target or its adapter; of an older hub's deliveries also its own. Never beside `because`. */
  readonly reason?: string;
  /** What is in the way; of what is done: what kept it from some it was meant for. */
  readonly obstacle?: Obstacle;
  /** Of what was sent. */
  readonly digest?: string;
  /** What did not arrive. */
  readonly losses?: readonly Loss[];
  readonly created: number;
  readonly changed: number;
}

/** How far a route has got in the log, and behind which entry it began, where that is known. */
export interface RouteRecord {
  readonly id: string;
  readonly seq: number;
  readonly began?: number;
}

/** A request that waits for its answer. */
export interface RequestRecord {
  readonly n: number;
  /** As it was asked. */
  readonly request: Json;
}

/** All one transaction changes. Records replace those of the same key. */
export interface Changes {
  readonly items?: readonly Item[];
  /** Items only seen again: their stamp and `seen` change, nothing else. */
  readonly stamps?: readonly { readonly n: RowNo; readonly stamp?: ListingId; readonly seen: Tick }[];
  readonly objects?: readonly ObjectRecord[];
  /** Rows already there are kept. */
  readonly evidence?: readonly EvidenceRecord[];
  /** Conversations of things not seen yet; rows already there are kept. */
  readonly threads?: readonly (EvidenceKey & { readonly thread: RowNo })[];
  /** Two objects that later evidence says are one; never a merge. */
  readonly links?: readonly { readonly a: RowNo; readonly b: RowNo }[];
  readonly entries?: readonly EntryRecord[];
  readonly collections?: readonly CollectionRecord[];
  readonly systems?: readonly SystemRecord[];
  readonly quarantine?: readonly QuarantineRecord[];
  readonly released?: readonly { readonly place: Place; readonly key: ItemKey }[];
  readonly deliveries?: readonly DeliveryRecord[];
  /** How far routing has got in the log. */
  readonly routes?: readonly { readonly id: string; readonly seq: number }[];
  /** What was recorded without being told, for observers; not stored. */
  readonly quiet?: readonly { readonly object: string; readonly place: Place; readonly view: View }[];
}
