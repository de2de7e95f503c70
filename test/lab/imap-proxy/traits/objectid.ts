/**
 * OBJECTID (RFC 8474; Fastmail, Stalwart, Cyrus): MAILBOXID stays over RENAME, EMAILID over COPY and MOVE, THREADID is that of
 * the conversation. All are made of what Dovecot says itself, so every session and every restart says the same.
 */

import { isDone, isTagged, notUnderstood, refuse, type Trait } from "../trait.ts";
import { fetchArgs, fetchText, itemOf, quoted, rowOf, rowText, textOf, valuesOf } from "../wire.ts";
import { asksFor, exchanged, GUID, idOf, strippedOf, threadItem, threadOf } from "./native.ts";

/** The MAILBOXID of a mailbox whose GUID Dovecot gives as this. */
export const mailboxIdOf = (guid: string): string => idOf("F", guid);

export const objectid = (): Trait => {
  const opened = new WeakMap<object, string>();
  return {
    name: "OBJECTID",
    capabilities: (words) => [...words, "OBJECTID"],
    async command(command, session) {
      const { name, args } = command;
      if (name === "CREATE") return refuse("BAD CREATE must answer with a MAILBOXID, which this proxy cannot");
      if (/SEARCH$/.test(name) && /\b(EMAILID|THREADID)\b/i.test(args)) return refuse(`BAD ${name} by ids is not done here`);
      if (name === "STATUS" || name === "LIST") return { ...command, args: args.replace(/\bMAILBOXID\b/i, GUID) };
      if (name === "SELECT" || name === "EXAMINE") {
        const mailbox = valuesOf(args)?.[0];
        if (mailbox === undefined) return notUnderstood(command);
        // A mailbox that is not there is refused by the SELECT itself.
        const [status] = await session.ask(`STATUS ${quoted(textOf(mailbox))} (${GUID})`, /^\* STATUS /).catch(() => []);
        const guid = /X-GUID (\w+)/.exec(status ?? "")?.[1];
        if (guid !== undefined) opened.set(session, guid);
        else opened.delete(session);
        return command;
      }
      if (name !== "FETCH" && name !== "UID FETCH") return command;
      const fetch = fetchArgs(args);
      if (!fetch || asksFor(fetch, [GUID])) return notUnderstood(command);
      return { ...command, args: fetchText(exchanged(fetch, { EMAILID: GUID, THREADID: threadItem })) };
    },
    answer(line, to, session) {
      if (/^\* STATUS /i.test(line)) return [line.replace(/X-GUID (\w+)/i, (_, guid) => `MAILBOXID (${mailboxIdOf(guid)})`)];
      if (isTagged(line, to) && isDone(line, to) && /^(SELECT|EXAMINE)$/.test(to.name)) {
        const guid = opened.get(session);
        if (guid === undefined) throw new Error("a mailbox without a GUID was opened");
        return [`* OK [MAILBOXID (${mailboxIdOf(guid)})] Ok`, line];
      }
      const row = rowOf(line);
      const guid = row && itemOf(row, GUID);
      if (!row || guid === undefined) return [line];
      const thread = threadOf(row);
      const asked = to ? fetchArgs(to.args) : undefined;
      const ids: [string, string][] = [["EMAILID", `(${idOf("M", guid)})`]];
      if (asked && asksFor(asked, ["THREADID"])) ids.push(["THREADID", thread === undefined ? "NIL" : `(${idOf("T", thread)})`]);
      return [rowText({ ...row, items: [...ids, ...strippedOf(row).items] })];
    },
  };
};
