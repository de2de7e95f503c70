/** What became of one HTTP request, and how its answer is read: bounded in bytes, decoded, never trusted. */

import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

/** Whether a request may have had an effect is the one thing a caller must know; so it is the shape of the answer. */
export type HttpAnswer =
  | {
      /** The server answered; a 3xx is an answer as well and never followed. */
      readonly kind: "answer";
      readonly status: number;
      /** Lower-case names; a repeated header is joined by `, `. */
      readonly headers: Readonly<Record<string, string>>;
      /** Decoded (gzip, deflate, br). */
      readonly body: Uint8Array;
      /** The body is not whole: longer than `maxBytes`, later than `timeout`, or broken off. The status stands. */
      readonly cut?: "size" | "time" | "lost";
    }
  | {
      /** The fence refused the address or the URL: nothing was sent, and trying again changes nothing but by DNS. */
      readonly kind: "refused";
      readonly reason: string;
    }
  | {
      /** Not one byte of the request was written: no address, no connection, no TLS, no time left. */
      readonly kind: "unreachable";
      readonly reason: string;
    }
  | {
      /** The request was written, at least in part, and no status came: it may have been done. */
      readonly kind: "lost";
      readonly reason: string;
      /** The time was up; absent where the line broke. */
      readonly late?: true;
    };

/** The answer proper. */
export type HttpAnswered = Extract<HttpAnswer, { kind: "answer" }>;

const decoders = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

const hasDecoder = (coding: string): coding is keyof typeof decoders => Object.hasOwn(decoders, coding);

/**
 * Undoes the content coding, which some servers apply although `identity` was asked for (Radicale).
 * At most `maxBytes` come out: a compression bomb is cut by size and gives an empty body.
 */
export const decoded = async (answer: HttpAnswered, maxBytes: number): Promise<HttpAnswered> => {
  const coding = answer.headers["content-encoding"]?.trim().toLowerCase();
  if (coding === undefined || !hasDecoder(coding) || answer.body.length === 0 || answer.cut) return answer;
  try {
    return { ...answer, body: await decoders[coding](answer.body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return { ...answer, body: new Uint8Array(0), cut: tooLong ? "size" : "lost" };
  }
};
