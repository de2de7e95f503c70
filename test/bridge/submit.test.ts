/** What an application asks for is done once, in the right place, by who may ask; or it hears why not. */

import type { Adapter, Entry } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, type World, world } from "../sync/world.ts";
import { Postbox, Room } from "./room.ts";

afterEach(closeAll);

const anna = "mailto:anna@example.org";

const idIn = (entry: Entry | undefined): string => String((entry?.activity.object as { id?: string } | undefined)?.id);

const mailbox = async (
  over: { owner?: string; adapter?: (mail: Postbox) => Adapter } = {},
): Promise<{ mail: Postbox; w: World; id: string }> => {
  const mail = new Postbox();
  for (const folder of mail.collections.values()) folder.owner = over.owner ?? anna;
  const w = await world([over.adapter?.(mail) ?? mail]);
  await w.sync();
  mail.mail("INBOX", "q");
  await w.sync();
  const [entry] = await w.entries();
  return { mail, w, id: idIn(entry) };
};

describe("submit", () => {
  it("files, and what the source then shows is told once, by who asked", async () => {
    const { w, id } = await mailbox();
    await w.told();
    const done = await w.hub.submit({ type: "Move", actor: anna, object: id, target: "mail/Archive" });
    expect(done).toMatchObject({ outcome: "done", place: "mail/Archive", key: "q", native: "UID Move q", losses: [] });
    const entries = await w.entries();
    expect(entries.at(-1)?.activity).toMatchObject({ type: "Move", actor: { id: anna } });
    expect(await w.told()).toEqual(["Move q INBOX→Archive"]);
    expect(await w.sync()).toEqual([]);
  });

  it("flags by what the server answered; the read-back is silent", async () => {
    const { w, id } = await mailbox();
    await w.told();
    expect(await w.hub.submit({ type: "Add", actor: anna, object: id, flag: "urgent" })).toMatchObject({ outcome: "done" });
    expect(await w.told()).toEqual(["Add q →urgent"]);
    expect(await w.sync()).toEqual([]);
  });

  it("answers: one mail, in its thread; the copy in Sent is one object, told once", async () => {
    const { mail, w, id } = await mailbox();
    await w.told();
    const done = await w.hub.submit({ type: "Create", actor: anna, object: { type: "Note", text: "yes", inReplyTo: id } });
    expect(done).toMatchObject({ outcome: "done", place: "mail/Sent", key: "sent1" });
    expect(mail.sent).toHaveLength(1);
    expect(mail.sent[0]).toMatch(/yes ↳q/);
    expect(await w.told()).toEqual(["Create sent1 →Sent"]);
    expect(await w.sync()).toEqual([]);
  });

  it("previews without doing anything", async () => {
    const { mail, w, id } = await mailbox();
    const seen = await w.hub.submit({ type: "Delete", actor: anna, object: id }, { preview: true });
    expect(seen).toMatchObject({ outcome: "previewed", native: "UID Delete q", losses: [] });
    expect(mail.at("INBOX").items.size).toBe(1);
    expect(await w.hub.deliveries()).toEqual([]);
  });

  it("a person's act is done only where the collection is that person's own", async () => {
    const { w, id } = await mailbox();
    expect(await w.hub.submit({ type: "Accept", actor: "mailto:eve@example.org", object: id })).toEqual({
      outcome: "refused",
      reason: "no collection of mailto:eve@example.org that holds it is connected; connect it, or link the ids in `people`",
    });
    expect(await w.hub.submit({ type: "Accept", actor: anna, object: id })).toMatchObject({ outcome: "done" });
  });

  it("an id linked to the owner by configuration is the owner; a name never is", async () => {
    const mail = new Postbox();
    for (const folder of mail.collections.values()) folder.owner = anna;
    const w = await world([mail], { people: [{ ids: [anna, "xmpp:anna@chat.example.org"] }] });
    await w.sync();
    mail.mail("INBOX", "q");
    await w.sync();
    const id = idIn((await w.entries())[0]);
    expect(await w.hub.submit({ type: "Accept", actor: "xmpp:anna@chat.example.org", object: id })).toMatchObject({
      outcome: "done",
    });
    expect(await w.hub.submit({ type: "Accept", actor: "xmpp:ann@chat.example.org", object: id })).toMatchObject({
      outcome: "refused",
    });
  });

  it("who has no part in a mailbox files nothing there", async () => {
    const { w, id } = await mailbox();
    expect(await w.hub.submit({ type: "Delete", actor: "mailto:eve@example.org", object: id })).toMatchObject({
      outcome: "refused",
    });
  });

  it("what may have been done is said so, is looked for, and never repeated by itself", async () => {
    const { mail, w, id } = await mailbox();
    mail.fates.push("done, answer lost");
    const asked = await w.hub.submit({ type: "Create", actor: anna, object: { type: "Note", text: "yes", inReplyTo: id } });
    expect(asked).toMatchObject({ outcome: "unknown", reason: "the line broke after DATA" });
    w.clock.advance(600_000);
    await w.sync();
    expect(mail.sent).toHaveLength(1);
    expect((await w.hub.deliveries()).map(({ state, reason }) => [state, reason])).toEqual([
      ["dead", "it was interrupted: it may have been done, and nobody can tell"],
    ]);
  });

  it("what nobody knows is a mistake, with what is there", async () => {
    const { w, id } = await mailbox();
    const submit = (over: object) => w.hub.submit({ type: "Move", actor: anna, object: id, ...over });
    await expect(submit({ target: "post/x" })).rejects.toMatchObject({
      code: "misconfigured",
      message: /there is no system "post"; there are mail/,
    });
    await expect(submit({ target: "mail/Nowhere" })).rejects.toMatchObject({ code: "misconfigured" });
    await expect(submit({ object: "urn:uuid:0" })).rejects.toMatchObject({ code: "misconfigured" });
    await expect(submit({ type: "Dance" })).rejects.toMatchObject({ code: "misconfigured" });
    await expect(submit({ actor: "anna" })).rejects.toMatchObject({ code: "misconfigured" });
    expect(await submit({ type: "Like" })).toEqual({ outcome: "refused", reason: "nothing that holds it can Like: mail" });
  });

  it("an answer given by an application goes on to the room like any other", async () => {
    const [mail, chat] = [new Postbox(), new Room()];
    for (const folder of mail.collections.values()) folder.owner = anna;
    const w = await world([mail, chat], { routes: [{ from: "mail", to: "chat/room", widen: "team" }] });
    await w.sync();
    mail.mail("INBOX", "q");
    await w.sync();
    const id = idIn((await w.entries())[0]);
    await w.hub.submit({ type: "Create", actor: anna, object: { type: "Note", text: "yes", inReplyTo: id } });
    await w.sync();
    await w.sync();
    expect(chat.posts()).toHaveLength(2);
  });
});
