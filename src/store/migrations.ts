/**
 * The schema, as numbered migrations; the number is SQLite's `user_version`. A store of a newer number is refused untouched.
 *
 * systems, collections, items   where everything stands; a collection's row is its record as JSON beside what is searched
 * views                         how an item shows its object, as JSON
 * objects                       what items are about: uuid, type, version, the conversation's first object
 * evidence, hints               strong evidence names one object; a hint many; `*` is the scope of evidence good everywhere
 * threads                       names of things not seen yet, and the conversation they will join
 * entries                       the log: `seq` is given in commit order, since SQLite has one writer
 * readers, routes, deliveries   who got how far, and what is to be handed over
 * quarantine                    items that could not be read
 * requests                      what another process asks of the hub that runs, and its answer
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE systems (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE collections (n INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE, system TEXT NOT NULL, record TEXT NOT NULL);
  CREATE INDEX collections_system ON collections (system);
  CREATE TABLE items (
    n INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    key TEXT NOT NULL,
    object INTEGER NOT NULL,
    role INTEGER NOT NULL,
    state INTEGER NOT NULL,
    view TEXT,
    revision TEXT NOT NULL,
    ord TEXT,
    mapping INTEGER NOT NULL,
    text INTEGER NOT NULL,
    identity TEXT,
    digested INTEGER NOT NULL,
    stamp TEXT,
    seen INTEGER NOT NULL,
    mark INTEGER,
    marked_at INTEGER,
    absent INTEGER NOT NULL,
    asked INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX items_key ON items (collection, key);
  CREATE INDEX items_object ON items (object);
  CREATE INDEX items_missing ON items (collection, mark) WHERE state = 1;
  CREATE TABLE objects (n INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, type TEXT NOT NULL, version INTEGER NOT NULL, thread INTEGER NOT NULL, memory TEXT);
  CREATE TABLE evidence (scope TEXT NOT NULL, id TEXT NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (id, scope)) WITHOUT ROWID;
  CREATE TABLE hints (scope TEXT NOT NULL, id TEXT NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (id, scope, object)) WITHOUT ROWID;
  CREATE TABLE threads (scope TEXT NOT NULL, id TEXT NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (id, scope)) WITHOUT ROWID;
  CREATE TABLE links (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    object INTEGER NOT NULL,
    type TEXT NOT NULL,
    facet TEXT NOT NULL,
    places TEXT NOT NULL,
    thread INTEGER NOT NULL,
    cause TEXT,
    activity TEXT NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE INDEX entries_object ON entries (object);
  CREATE TABLE readers (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE routes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    seq INTEGER NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    verb TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    next INTEGER NOT NULL,
    reason TEXT,
    digest TEXT,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    UNIQUE (target, seq)
  );
  CREATE INDEX deliveries_open ON deliveries (lane, seq) WHERE state IN ('pending', 'retrying', 'unknown', 'sending');
  CREATE TABLE quarantine (
    place TEXT NOT NULL,
    key TEXT NOT NULL,
    revision TEXT NOT NULL,
    reason TEXT NOT NULL,
    part TEXT,
    since INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    mapping INTEGER NOT NULL,
    stamp TEXT,
    PRIMARY KEY (place, key)
  ) WITHOUT ROWID;
  `,
  // `began`: where in the log a route began; unknown of those that are older than this.
  `
  ALTER TABLE routes ADD COLUMN began INTEGER;
  CREATE TABLE requests (n INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL, asked INTEGER NOT NULL, answer TEXT);
  CREATE INDEX deliveries_seq ON deliveries (seq);
  `,
  // What stands at a target: the digest a rendering was made with, the object and the losses of a delivery, who is in a conversation.
  `
  ALTER TABLE items ADD COLUMN digest TEXT;
  ALTER TABLE deliveries ADD COLUMN object INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN losses TEXT;
  UPDATE deliveries SET object = coalesce((SELECT object FROM entries WHERE entries.seq = deliveries.seq), 0);
  CREATE INDEX deliveries_object ON deliveries (object);
  CREATE INDEX objects_thread ON objects (thread) WHERE thread <> n;
  `,
  // Views apart: a listing stamps and counts every item of a collection, and rows with texts in them are a page each. What keeps a
  // delivery from its target; objects that are one by later evidence are found from either of them. Who of a conversation stands where is
  // said by an index alone.
  `
  CREATE TABLE views (item INTEGER PRIMARY KEY, view TEXT NOT NULL);
  INSERT INTO views SELECT n, view FROM items WHERE view IS NOT NULL ORDER BY n;
  ALTER TABLE items DROP COLUMN view;
  ALTER TABLE deliveries ADD COLUMN obstacle TEXT;
  CREATE INDEX links_b ON links (b);
  DROP INDEX items_object;
  CREATE INDEX items_object ON items (object, collection, state);
  `,
  // Why a delivery stands as it does where the hub decided it, as JSON. What was said to be done and is looked for is known by this: never
  // repeated, unlike all else that may have been done. Other sentences from before stay as they are.
  `
  ALTER TABLE deliveries ADD COLUMN because TEXT;
  UPDATE deliveries SET because = '{"code":"done-unseen"}', reason = NULL
    WHERE reason = 'it was done; what stands there has not been seen yet';
  `,
];
