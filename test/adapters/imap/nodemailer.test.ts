/** Without the package nodemailer: told by `describe`, with the command that installs it; reading needs none. */

import { imap } from "groupstream/adapters/imap";
import { describe, expect, it, vi } from "vitest";
import { never } from "./world.ts";

vi.mock("nodemailer/lib/smtp-connection", () => {
  throw Object.assign(new Error("Cannot find package 'nodemailer'"), { code: "ERR_MODULE_NOT_FOUND" });
});

describe("without nodemailer", () => {
  const account = { id: "mail", host: "127.0.0.1", port: 1, secure: false, auth: { user: "a@example.org", pass: "x" } };

  it("an account that shall send says what to install", async () => {
    await using adapter = imap({ ...account, smtp: { host: "127.0.0.1" } });
    await expect(adapter.describe(never)).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringMatching(/npm install nodemailer/),
    });
  });

  it("an account that only reads does not ask for it", async () => {
    await using adapter = imap(account);
    await expect(adapter.describe(never)).rejects.toMatchObject({ code: "unreachable" });
    expect(Object.keys(adapter.performs ?? {})).toEqual(["Add", "Remove", "Move", "Delete", "Read", "Undo"]);
  });
});
