/** What a calendar costs at least: sync-collection, one multiget, and nothing else. */

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

const report = async ({ calendar, user, pass }: CalendarTarget, body: string): Promise<string> => {
  const { statusCode, body: answer } = await request(calendar, {
    method: "REPORT" as "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${pass}`).toString("base64")}`,
      "content-type": "application/xml; charset=utf-8",
      depth: "0",
    },
    body,
  });
  const text = await answer.text();
  if (statusCode !== 207) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
  return text;
};

/** What changed since a token; empty: everything. */
export const changedSince = async (target: CalendarTarget, token: string): Promise<{ hrefs: string[]; token: string }> => {
  const text = await report(
    target,
    `<?xml version="1.0" encoding="utf-8"?><sync-collection xmlns="DAV:"><sync-token>${token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`,
  );
  const hrefs: string[] = [];
  for (const [, response = ""] of text.matchAll(/<response>(.*?)<\/response>/gs)) {
    const href = /<href>(.*?)<\/href>/.exec(response)?.[1];
    if (href !== undefined && response.includes("<getetag>")) hrefs.push(href);
  }
  return { hrefs, token: /<sync-token>(.*?)<\/sync-token>/.exec(text)?.[1] ?? "" };
};

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#13;": "\r" };

/** Each of these objects as the server keeps it. */
export const eachObject = async (
  target: CalendarTarget,
  hrefs: readonly string[],
  object: (data: string) => void,
): Promise<number> => {
  const asked = hrefs.map((href) => `<href>${href}</href>`).join("");
  const text = await report(
    target,
    `<?xml version="1.0" encoding="utf-8"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>${asked}</C:calendar-multiget>`,
  );
  let read = 0;
  for (const [, data = ""] of text.matchAll(/calendar-data>(.*?)<\/(?:\w+:)?calendar-data>/gs)) {
    object(data.replace(/&(?:lt|gt|amp|quot|#13);/g, (entity) => entities[entity] ?? entity));
    read += 1;
  }
  return read;
};
