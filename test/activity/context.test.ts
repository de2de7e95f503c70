import { readFile } from "node:fs/promises";
import jsonld from "jsonld";
import { describe, expect, it } from "vitest";
import { as2, context, terms } from "../../src/activity/context.ts";

const vocabulary: unknown = JSON.parse(await readFile(new URL("../fixtures/activitystreams.json", import.meta.url), "utf8"));

/** Serves the AS2 context from disk, as every AS2 processor does, and remembers what it was asked for. */
const expand = async (document: unknown): Promise<{ expanded: Record<string, unknown>; asked: readonly string[] }> => {
  const asked: string[] = [];
  const documentLoader = async (url: string) => {
    asked.push(url);
    if (url !== as2) throw new Error(`asked for ${url}`);
    return { contextUrl: undefined, documentUrl: url, document: vocabulary as object };
  };
  const [expanded] = await jsonld.expand(
    document as jsonld.JsonLdDocument,
    { documentLoader } as unknown as jsonld.Options.Expand,
  );
  return { expanded: expanded as Record<string, unknown>, asked };
};

const as = (term: string): string => `${as2}#${term}`;

describe("@context", () => {
  it("is the AS2 address and one inline object, without groupstream as a prefix", () => {
    expect(context).toHaveLength(2);
    expect(context[0]).toBe("https://www.w3.org/ns/activitystreams");
    expect(Object.keys(terms)).not.toContain("groupstream");
    expect(JSON.parse(JSON.stringify(context))).toEqual(context);
  });

  it("lets every term survive expansion, and asks for nothing but AS2", async () => {
    const { expanded, asked } = await expand({
      "@context": context,
      id: "urn:uuid:6fa459ea-ee8a-3ca4-894e-db77e160355e",
      type: "Update",
      actor: { type: "Service", id: "groupstream:system/mail", name: "mail" },
      summaryMap: { en: "moved", de: "verschoben" },
      "groupstream:changed": ["startTime"],
      "groupstream:losses": [{ field: "content", reason: "not read" }],
      object: {
        id: "urn:uuid:6fa459ea-ee8a-3ca4-894e-db77e160355f",
        type: "Event",
        startTime: "2026-11-24T09:00:00Z",
        source: { content: "text", mediaType: "text/plain" },
        timezone: "Europe/Berlin",
        displayEndTime: false,
        eventStatus: "EventCancelled",
        "ical:sequence": 3,
        "vcard:organization-name": "Example",
        "ical:rrule": ["FREQ=WEEKLY;BYDAY=TH"],
        "ical:exdate": ["2026-12-03T10:00:00"],
        "groupstream:occurrences": [{ type: "Event", "ical:recurrence-id": "2026-12-10T10:00:00" }],
      },
    });
    expect(new Set(asked)).toEqual(new Set([as2]));
    expect(expanded["@type"]).toEqual([as("Update")]);
    expect(expanded["groupstream:changed"]).toEqual([{ "@value": "startTime" }]);
    expect(expanded["groupstream:losses"]).toEqual([
      { "groupstream:field": [{ "@value": "content" }], "groupstream:reason": [{ "@value": "not read" }] },
    ]);
    expect(expanded[as("summary")]).toEqual([
      { "@language": "de", "@value": "verschoben" },
      { "@language": "en", "@value": "moved" },
    ]);
    const [event] = expanded[as("object")] as [Record<string, unknown>];
    expect(event[as("startTime")]).toEqual([
      { "@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": "2026-11-24T09:00:00Z" },
    ]);
    expect(event["https://w3id.org/fep/8a8e/timezone"]).toEqual([{ "@value": "Europe/Berlin" }]);
    expect(event["https://w3id.org/fep/8a8e/displayEndTime"]).toEqual([{ "@value": false }]);
    expect(event["https://w3id.org/fep/8a8e/eventStatus"]).toEqual([{ "@id": "https://w3id.org/fep/8a8e/EventCancelled" }]);
    expect(event["http://www.w3.org/2002/12/cal/ical#sequence"]).toEqual([{ "@value": 3 }]);
    expect(event["http://www.w3.org/2006/vcard/ns#organization-name"]).toEqual([{ "@value": "Example" }]);
    const ical = "http://www.w3.org/2002/12/cal/ical#";
    expect(event[`${ical}rrule`]).toEqual([{ "@value": "FREQ=WEEKLY;BYDAY=TH" }]);
    expect(event[`${ical}exdate`]).toEqual([{ "@value": "2026-12-03T10:00:00" }]);
    expect(event["groupstream:occurrences"]).toEqual([
      { "@type": [as("Event")], [`${ical}recurrence-id`]: [{ "@value": "2026-12-10T10:00:00" }] },
    ]);
    expect(JSON.stringify(expanded)).not.toContain('"_:');
  });

  it("gives every activity type that is told an IRI, ours and those of AS2", async () => {
    const told = [
      "Create",
      "Update",
      "Delete",
      "Move",
      "Add",
      "Remove",
      "Announce",
      "Like",
      "EmojiReact",
      "Undo",
      "Invite",
      "Accept",
      "TentativeAccept",
      "Reject",
      "Offer",
      "Read",
      "Leave",
      "Tombstone",
    ];
    for (const type of told) {
      const { expanded } = await expand({ "@context": context, id: "urn:x:1", type });
      expect(expanded["@type"]).toEqual([type === "EmojiReact" ? "http://litepub.social/ns#EmojiReact" : as(type)]);
    }
  });
});
