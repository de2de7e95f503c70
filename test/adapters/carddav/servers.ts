/** The address book servers of the lab: a row for every test that holds on all of them. */

import {
  cyrusWith,
  type DavServer,
  type Kept,
  radicaleWith,
  rowsOf,
  type ServerRow,
  sogoWith,
  xandikosWith,
} from "../dav/servers.ts";

/** Cards as they are kept. */
export const cards: Kept = {
  ending: ".vcf",
  text: (uid, { name, text }) =>
    [
      "BEGIN:VCARD",
      "VERSION:3.0",
      `UID:${uid}`,
      `FN:${name}`,
      `N:${name};;;;`,
      ...(text === "" ? [] : [`NOTE:${text.replaceAll("\n", "\\n")}`]),
      "END:VCARD",
      "",
    ].join("\r\n"),
};

const sogo = (): Promise<DavServer> =>
  sogoWith(
    cards,
    "Contacts",
    `INSERT INTO sogo_quick_contact (c_folder_id, c_name, c_cn, c_component) SELECT folder, name, title, 'vcard' FROM made`,
    // Its MOVE gives a card another UID: nobody can know it again.
    false,
  );

/** Each server; `undefined` where it cannot be had here, with the reason printed. With CI=1 that is an error. */
export const bookServers: readonly ServerRow<DavServer>[] = rowsOf([
  ["Radicale", () => radicaleWith(cards)],
  ["Xandikos", () => xandikosWith("contacts")],
  ["Cyrus", () => cyrusWith(cards, "books", (texts) => ["text/vcard", texts.join("")])],
  ["SOGo", sogo],
]);
