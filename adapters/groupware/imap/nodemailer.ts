/**
 * The package `nodemailer`, where the application brings it: an optional peer, loaded when mail is first sent.
 *
 * Its composer and its connection are used, not its pool: that sends a mail again by itself when a connection ends, and does
 * not say whether the mail had been begun, which is all that tells "not sent" from "perhaps".
 */

import { GroupstreamError, type SystemId } from "groupstream";

const load = async () => {
  const [composer, connection, oauth] = await Promise.all([
    import("nodemailer/lib/mail-composer"),
    import("nodemailer/lib/smtp-connection"),
    import("nodemailer/lib/xoauth2"),
  ]);
  return { MailComposer: composer.default, SMTPConnection: connection.default, XOAuth2: oauth.default };
};

/** What is used of it. */
export type Nodemailer = Awaited<ReturnType<typeof load>>;

/** Fails: `misconfigured` where it is not installed. */
export const nodemailer = async (system: SystemId): Promise<Nodemailer> => {
  try {
    return await load();
  } catch (cause) {
    throw new GroupstreamError(
      "misconfigured",
      `${system}: sending mail needs the package nodemailer; run \`npm install nodemailer\`, or leave out the option smtp.`,
      { system, cause },
    );
  }
};
