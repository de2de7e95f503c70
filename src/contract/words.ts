/**
 * The words of groupstream, and one string type for each kind of id.
 *
 * hub          one running groupstream with its store, systems and routes
 * system       one configured server or account, behind one adapter instance
 * collection   where items live: mailbox, calendar, address book, channel; its id is stable, its name may change
 * item         one thing in one collection, by native key; keeps its own view, revision, role and state
 * view         the item's object as this item shows it, normalised
 * object       what items are about; folded from the views of its own items, never written directly
 * sighting     an item as an adapter reports it now
 * evidence     a string minted by the adapter from native data: two items that share it are about the same object
 * whereabouts  the collections an object's own items are in, and those their views name
 * look         one pass over one collection; page: what one step of it brings; listing: a look at everything
 * position     how far a collection has been read at the source: opaque, minted and parsed by the adapter only
 * baseline     the first listings of a system's first discovery: recorded, not told
 * log, entry   the ordered, durable list of activities; `seq` numbers it in commit order
 * reader       a named follower of the log; place: how far it got
 * route        carries objects from a system's collections to a target; delivery: a wish of a target and a log entry
 * lane         the deliveries of one thread at one target, in order
 * receipt      what a target answered; marker: our delivery's id, carried by what we post where the system can
 * quarantine   items that could not be read, with their raw form
 * request      what a person asks of the hub that runs, from another process
 * silent       not heard of for three intervals, although a hub claims to run
 *
 * The ids are strings with a phantom mark: a plain string may be given for any of them, but one kind is never accepted
 * for another (an `ItemKey` is no `Revision`). Nobody but the minter parses one; all are stored.
 */

declare const kind: unique symbol;
type Id<K extends string> = string & { readonly [kind]?: K };

/** A system's id in the configuration: `[a-z0-9][a-z0-9-]*`, unique in a hub, stable over its life. Minted by the operator. */
export type SystemId = Id<"SystemId">;
/** A collection's native, stable id, unique in its system. Minted by the adapter (MAILBOXID, path, href …). */
export type CollectionId = Id<"CollectionId">;
/** An item's native key, unique in its collection. Minted by the adapter (UID, href, entryUUID, post id). */
export type ItemKey = Id<"ItemKey">;
/** Opaque state of an item: equal means nothing changed (ETag, MODSEQ, changeKey). Minted by the adapter. */
export type Revision = Id<"Revision">;
/** Opaque identity evidence. Minted by the adapter from native data, never from its mapping. */
export type EvidenceId = Id<"EvidenceId">;
/** An object's canonical IRI: `urn:uuid:…`, or under the hub's `base`. Minted by the core. */
export type ObjectId = Id<"ObjectId">;
/** An activity's IRI, a UUIDv5 of its content and place in the story. Minted by the core. */
export type ActivityId = Id<"ActivityId">;
/** A person, group or service: `mailto:`, `acct:`, or an IRI. Minted by adapters and the configuration. */
export type ActorId = Id<"ActorId">;
/** One opening of a listing. Minted by the adapter when the listing opens, kept in its position. */
export type ListingId = Id<"ListingId">;
/** A delivery's id, a UUID: idempotency key at the target and marker of what we post. Minted by the core. */
export type DeliveryId = Id<"DeliveryId">;
/** A reader's name: any non-empty string up to 100 characters. Chosen by the application. */
export type ReaderName = Id<"ReaderName">;
/** `system/collection`: a place in whereabouts, routes and messages. */
export type Place = Id<"Place">;

/** Joins a system and a collection to a place. The system id holds no `/`, so it can be split again by the core. */
export const placeOf = (system: SystemId, collection: CollectionId): Place => `${system}/${collection}`;

/** The id under which a system acts where nobody is known to have: an absolute IRI of this vocabulary. */
export const systemIri = (system: SystemId): ActorId => `groupstream:system/${encodeURIComponent(system)}`;

/** The UUID an object's id ends with, whether it is a URN or stands under the hub's `base`. */
export const uuidOf = (object: ObjectId): string => object.slice(Math.max(object.lastIndexOf("/"), object.lastIndexOf(":")) + 1);

/** The system part of a place. */
export const systemOf = (place: Place): SystemId => place.slice(0, place.indexOf("/"));

/** The collection part of a place. */
export const collectionOf = (place: Place): CollectionId => place.slice(place.indexOf("/") + 1);

/** An id as it is compared: mail addresses without regard to case (their local part is, wherever mail is really delivered). */
export const plain = (id: ActorId): ActorId => (id.startsWith("mailto:") ? id.toLowerCase() : id);
