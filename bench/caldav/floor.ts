/** What a calendar costs at least: sync-collection, one multiget, their XML read once, and nothing else. */

import { Parser } from "htmlparser2";
import { request } from "undici";

/** A calendar and who reads it. */
export interface CalendarTarget {
  /** Of the server. */
  readonly url: string;
  /** Of the calendar, absolute. */
  readonly calendar: string;
  readonly user: string;
  readonly pass: string;
}

/** One response of a multistatus. */
interface Row {
  href: string;
  etag: string;
  data: string;
}

const report = async (
  { calendar, user, pass }: CalendarTarget,
  body: string,
  row: (row: Row) => void,
): Promise<{ readonly token: string }> => {
  const { statusCode, body: answer } = await request(calendar, {
    method: "REPORT" as "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${pass}`).toString("base64")}`,
      "content-type": "application/xml; charset=utf-8",
      depth: "0",
    },
    body,
  });
  if (statusCode !== 207) throw new Error(`${statusCode}: ${(await answer.text()).slice(0, 200)}`);
  let [text, token] = ["", ""];
  let now: Row = { href: "", etag: "", data: "" };
  const parser = new Parser(
    {
      onopentag: () => void (text = ""),
      ontext: (piece) => void (text += piece),
      onclosetag: (tag) => {
        const name = tag.slice(tag.indexOf(":") + 1);
        if (name === "href") now.href = text;
        else if (name === "getetag") now.etag = text;
        else if (name === "calendar-data") now.data = text;
        else if (name === "sync-token") token = text;
        else if (name === "response") {
          row(now);
          now = { href: "", etag: "", data: "" };
        }
      },
    },
    { xmlMode: true },
  );
  for await (const chunk of answer.setEncoding("utf8")) parser.write(chunk as string);
  parser.end();
  return { token };
};

/** What changed since a token; empty: everything. */
export const changedSince = async (target: CalendarTarget, since: string): Promise<{ hrefs: string[]; token: string }> => {
  const hrefs: string[] = [];
  const { token } = await report(
    target,
    `<?xml version="1.0" encoding="utf-8"?><sync-collection xmlns="DAV:"><sync-token>${since}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`,
    ({ href, etag }) => void (etag !== "" && hrefs.push(href)),
  );
  return { hrefs, token };
};

/** Each of these objects as the server keeps it. */
export const eachObject = async (
  target: CalendarTarget,
  hrefs: readonly string[],
  object: (data: string) => void,
): Promise<number> => {
  const asked = hrefs.map((href) => `<href>${href}</href>`).join("");
  let read = 0;
  await report(
    target,
    `<?xml version="1.0" encoding="utf-8"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>${asked}</C:calendar-multiget>`,
    ({ data }) => {
      if (data === "") return;
      object(data);
      read += 1;
    },
  );
  return read;
};
