/** Names of WebDAV's family as `{namespace}name`, and the bodies of our requests. Pure. */

/** Namespaces by what they are for, with the document that defines them. */
export const namespaces = {
  /** RFC 4918, 3253, 3744, 5397, 6578. */
  dav: "DAV:",
  /** RFC 4791, 6638. */
  caldav: "urn:ietf:params:xml:ns:caldav",
  /** RFC 6352. */
  carddav: "urn:ietf:params:xml:ns:carddav",
  /** calendarserver.org, for `getctag`. */
  server: "http://calendarserver.org/ns/",
  nextcloud: "http://nextcloud.com/ns",
} as const;

/** A name of the `DAV:` namespace. */
export const dav = (name: string): string => `{${namespaces.dav}}${name}`;
/** A name of CalDAV's namespace. */
export const caldav = (name: string): string => `{${namespaces.caldav}}${name}`;
/** A name of CardDAV's namespace. */
const carddav = (name: string): string => `{${namespaces.carddav}}${name}`;
/** A name of calendarserver.org's namespace. */
export const server = (name: string): string => `{${namespaces.server}}${name}`;

/** What a collection holds. */
export type DavKind = "calendar" | "addressbook";

/** What differs between CalDAV and CardDAV when collections are found and read. */
export interface KindNames {
  /** The mark in `resourcetype`. */
  readonly type: string;
  /** The principal's property that names the homes. */
  readonly homes: string;
  /** The path below `/.well-known/` (RFC 6764 section 5). */
  readonly wellKnown: string;
  readonly multiget: string;
  readonly query: string;
  /** The property that holds an item's text. */
  readonly data: string;
  readonly contentType: string;
}

export const kinds: { readonly [kind in DavKind]: KindNames } = {
  calendar: {
    type: caldav("calendar"),
    homes: caldav("calendar-home-set"),
    wellKnown: "caldav",
    multiget: caldav("calendar-multiget"),
    query: caldav("calendar-query"),
    data: caldav("calendar-data"),
    contentType: "text/calendar; charset=utf-8",
  },
  addressbook: {
    type: carddav("addressbook"),
    homes: carddav("addressbook-home-set"),
    wellKnown: "carddav",
    multiget: carddav("addressbook-multiget"),
    query: carddav("addressbook-query"),
    data: carddav("address-data"),
    contentType: "text/vcard; charset=utf-8",
  },
};

/** Text as XML content or attribute value; what XML 1.0 cannot hold becomes U+FFFD. */
const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"'\r]/g, (one) => `&#${one.charCodeAt(0)};`);

const prefixes: ReadonlyMap<string, string> = new Map([
  [namespaces.dav, "D"],
  [namespaces.caldav, "C"],
  [namespaces.carddav, "A"],
  [namespaces.server, "S"],
]);

const declarations = [...prefixes].map(([uri, prefix]) => ` xmlns:${prefix}="${uri}"`).join("");

/** `{DAV:}href` as `D:href`; only names of the namespaces above. */
const tag = (name: string): string => {
  const end = name.indexOf("}");
  return `${prefixes.get(name.slice(1, end))}:${name.slice(end + 1)}`;
};

const document = (name: string, content: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<${tag(name)}${declarations}>${content}</${tag(name)}>`;

const prop = (names: readonly string[]): string => `<D:prop>${names.map((name) => `<${tag(name)}/>`).join("")}</D:prop>`;

/** PROPFIND of these properties, RFC 4918 section 9.1. */
export const propfind = (names: readonly string[]): string => document(dav("propfind"), prop(names));

/** REPORT sync-collection at level 1, RFC 6578 section 3.2; the empty token asks for everything. No limit: servers cut wrongly. */
export const syncCollection = (token: string, names: readonly string[]): string =>
  document(
    dav("sync-collection"),
    `<D:sync-token>${escapeXml(token)}</D:sync-token><D:sync-level>1</D:sync-level>${prop(names)}`,
  );

/** REPORT multiget of these paths, RFC 4791 section 7.9 and RFC 6352 section 8.7. */
export const multiget = (kind: DavKind, hrefs: readonly string[]): string =>
  document(
    kinds[kind].multiget,
    `${prop([dav("getetag"), kinds[kind].data])}${hrefs.map((href) => `<D:href>${escapeXml(href)}</D:href>`).join("")}`,
  );

/**
 * REPORT query of these properties of everything, RFC 4791 section 7.8 and RFC 6352 section 8.6.
 * @param component  of a calendar only what is this: `VEVENT`; SOGo gives nothing where none is named
 */
export const queryAll = (kind: DavKind, names: readonly string[], component?: string): string => {
  const inner = component === undefined ? "" : `<C:comp-filter name="${escapeXml(component)}"/>`;
  const filter =
    kind === "calendar" ? `<C:filter><C:comp-filter name="VCALENDAR">${inner}</C:comp-filter></C:filter>` : "<A:filter/>";
  return document(kinds[kind].query, `${prop(names)}${filter}`);
};

/** The body of MKCALENDAR (RFC 4791 section 5.3.1) or of extended MKCOL for an address book (RFC 5689, RFC 6352 section 6.3.1). */
export const making = (kind: DavKind, name: string, components: readonly string[]): string => {
  const shown = `<D:displayname>${escapeXml(name)}</D:displayname>`;
  if (kind === "addressbook")
    return document(
      dav("mkcol"),
      `<D:set><D:prop><D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>${shown}</D:prop></D:set>`,
    );
  const set = components.map((one) => `<C:comp name="${escapeXml(one)}"/>`).join("");
  const held = set === "" ? "" : `<C:supported-calendar-component-set>${set}</C:supported-calendar-component-set>`;
  return document(caldav("mkcalendar"), `<D:set><D:prop>${shown}${held}</D:prop></D:set>`);
};
