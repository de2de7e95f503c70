/** A generic AS2 reader: JSON-LD expansion that may fetch nothing but the AS2 context, served from disk. */

import { readFileSync } from "node:fs";
import jsonld from "jsonld";

const as2 = "https://www.w3.org/ns/activitystreams";
const vocabulary = JSON.parse(readFileSync(new URL("../fixtures/activitystreams.json", import.meta.url), "utf8")) as object;

/** The expanded document; rejects if anything else is asked for. */
export const expand = async (document: unknown): Promise<Record<string, unknown>> => {
  const documentLoader = async (url: string) => {
    if (url !== as2) throw new Error(`asked for ${url}`);
    return { contextUrl: undefined, documentUrl: url, document: vocabulary };
  };
  const [expanded] = await jsonld.expand(
    document as jsonld.JsonLdDocument,
    { documentLoader } as unknown as jsonld.Options.Expand,
  );
  return expanded as Record<string, unknown>;
};
